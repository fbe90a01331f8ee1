// A command line for what is asked in plain words: its parts, its risk, what was checked. PIVO never runs it.
import type { JSX } from 'preact';
import type { ShellCommand } from '../../../operations/generate-shell-command.ts';
import { post } from '../api/client.ts';
import { useLoad } from '../api/load.ts';
import { AssistantPage, WrittenBy } from '../parts/assistant.tsx';
import { Command } from '../parts/command.tsx';
import { Field, Form, fieldOf } from '../parts/form.tsx';
import { Card } from '../parts/page.tsx';
import { Empty, Show } from '../parts/state.tsx';
import { Badge, type Tone } from '../parts/words.tsx';
import { asked, go, here } from '../route.ts';

const TOOLS = ['bash', 'git', 'hadoop', 'kafka', 'spark', 'temporal'] as const;
const EXAMPLES = ['find files larger than 100 MB in /var/log', 'lag of consumer group billing on kafka:9092', 'undo the last commit but keep its changes'];
const RISK: Record<ShellCommand['risk'], Tone> = { reads: 'good', changes: 'warn', destroys: 'bad' };
const CHECKED = { passed: 'good', failed: 'bad', skipped: 'plain' } as const satisfies Record<string, Tone>;

export default function Commands(): JSX.Element {
  const [request, tool] = [asked('q'), asked('tool')];
  const found = useLoad(request === '' ? '' : `command ${tool} ${request}`, (signal) => post<ShellCommand>(['generate-shell-command'], { request, ...(tool === '' ? {} : { tool }) }, signal));
  return (
    <AssistantPage title="Commands" about="One command line for what you say. It is explained, checked and graded, and never run here.">
      <Form label="Request" onSend={(form) => go(here({ q: fieldOf(form, 'q'), tool: fieldOf(form, 'tool') }))}>
        <div class="inline">
          <div class="grow"><Field label="What should it do?"><input key={request} name="q" required maxLength={2000} defaultValue={request} placeholder={EXAMPLES[0]} /></Field></div>
          <Field label="Tool"><select key={tool} name="tool" defaultValue={tool}><option value="">any</option>{TOOLS.map((each) => <option key={each} value={each} selected={each === tool}>{each}</option>)}</select></Field>
          <button class="primary">Write</button>
        </div>
      </Form>
      {request === '' ? (
        <Card><Empty title="Say it in plain words"><div class="row">{EXAMPLES.map((q) => <a key={q} class="button" href={here({ q })}>{q}</a>)}</div></Empty></Card>
      ) : (
        <Show of={found} lines={8}>{(answer) => <div class="stack"><Written of={answer} /><Others title="Examples" of={answer.examples.map(({ says, command }) => ({ command, explanation: says }))} /><Others title="Or did you mean" of={answer.alternatives} /></div>}</Show>
      )}
    </AssistantPage>
  );
}

function Written({ of: { command, explanation, parts, risk, riskWhy, checks, missing, writtenBy, note } }: { of: ShellCommand }): JSX.Element {
  return (
    <Card title={explanation} aside={<Badge tone={RISK[risk]}>{risk}</Badge>}>
      <div class="pad stack">
        <Command text={command} />
        <p>Risk: {riskWhy}.</p>
        {missing.length > 0 && <p class="note warn"><strong>Fill in before it can run: {missing.join(', ')}</strong></p>}
        <dl class="facts">{parts.map(({ text, meaning }, i) => <><dt key={`${i}t`}><code class="break">{text}</code></dt><dd key={`${i}m`}>{meaning}</dd></>)}</dl>
        <ul class="points">{checks.map(({ name, outcome, says }) => <li key={name}><Badge tone={CHECKED[outcome]}>{outcome}</Badge> {name}: {says}</li>)}</ul>
        {note !== undefined && <p class="quiet small">{note}</p>}
        <WrittenBy who={writtenBy} />
      </div>
    </Card>
  );
}

interface Other {
  command: string;
  explanation: string;
  risk?: ShellCommand['risk'];
}

function Others({ title, of }: { title: string; of: readonly Other[] }): JSX.Element | null {
  if (of.length === 0) return null;
  return (
    <Card title={title}>
      <ul class="runs">{of.map(({ command, explanation, risk }) => <li key={command}><p>{explanation} {risk !== undefined && <Badge tone={RISK[risk]}>{risk}</Badge>}</p><Command text={command} label={explanation} /></li>)}</ul>
    </Card>
  );
}
