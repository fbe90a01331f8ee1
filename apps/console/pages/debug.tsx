// Why something failed: the question, the answer, and beside it the lines that it stands on.
import type { JSX } from 'preact';
import type { DebugAnswer, DebugConfidence } from '../../../contract/diagnosis.ts';
import { post } from '../api/client.ts';
import { useLoad } from '../api/load.ts';
import { shown, when } from '../format.ts';
import { AssistantPage, WrittenBy } from '../parts/assistant.tsx';
import { Cited, withPages } from '../parts/cited.tsx';
import { EvidenceLines, Points, ToRun } from '../parts/diagnosis.tsx';
import { Field, Form, fieldOf } from '../parts/form.tsx';
import { lazyPart } from '../parts/lazy.tsx';
import { Card } from '../parts/page.tsx';
import { Empty, Show } from '../parts/state.tsx';
import { Badge, type Tone } from '../parts/words.tsx';
import { asked, go, here } from '../route.ts';

const Markdown = lazyPart(() => import('../parts/markdown.tsx'), 4);

const EXAMPLES = ['Why did last night’s restore fail?', 'Why was the executor lost?', 'What broke the last backup?'];
const SURE: Record<DebugConfidence, [tone: Tone, says: string]> = { proven: ['good', 'proven by a line'], likely: ['warn', 'likely, others are possible'], symptom: ['warn', 'only what followed was found'], none: ['plain', 'no evidence'] };

export default function Debug(): JSX.Element {
  const [question, run, source] = [asked('q'), asked('run'), asked('source')];
  const answer = useLoad(question === '' ? '' : `debug ${question} ${run} ${source}`, (signal) => post<DebugAnswer>(['debug'], { question, ...(run === '' ? {} : { run }), ...(source === '' ? {} : { source }) }, signal));
  return (
    <AssistantPage title="Why it failed" about="From logs, run histories and the index: the likely cause, with the lines that prove it.">
      <Form label="Ask why" onSend={(form) => go(here({ q: fieldOf(form, 'q'), run: fieldOf(form, 'run') }))}>
        <div class="inline">
          <div class="grow"><Field label="Question"><input key={question} name="q" required maxLength={2000} defaultValue={question} placeholder="Why did last night’s restore fail?" /></Field></div>
          <Field label="Run, if you know it"><input key={run} name="run" maxLength={300} defaultValue={run} placeholder="restore:…" spellcheck={false} autocomplete="off" /></Field>
          <button class="primary">Ask</button>
        </div>
      </Form>
      {source !== '' && <p class="row"><a class="button" href={here({ source: '' })}>Only in the log {source} <span aria-hidden="true">✕</span><span class="unseen">: look in all</span></a></p>}
      {question === '' ? (
        <Card><Empty title="Ask in plain words"><div class="row">{EXAMPLES.map((q) => <a key={q} class="button" href={here({ q })}>{q}</a>)}</div></Empty></Card>
      ) : (
        <Show of={answer} lines={8}>{(found) => <div class="beside"><Answer of={found} /><Evidence of={found} /></div>}</Show>
      )}
    </AssistantPage>
  );
}

function Answer({ of: { cause, confidence, window, text, note, toCheck, toRun, missing, others, writtenBy } }: { of: DebugAnswer }): JSX.Element {
  const [tone, says] = SURE[confidence];
  return (
    <Card title={cause?.title ?? 'No cause is proven'} aside={<Badge tone={tone}>{says}</Badge>}>
      <div class="pad stack">
        {window !== null && <p class="quiet small">Looked at {window.from === null ? 'everything' : when(window.from)} to {window.to === null ? 'now' : when(window.to)}{window.words === null ? '' : `, for “${window.words}”`}.</p>}
        {writtenBy === 'pivo' ? cause !== null && <p>{cause.meaning}</p> : <Markdown text={withPages(shown(text))} />}
        <Points title="To check" of={toCheck} />
        <ToRun of={toRun} />
        <Points title="What is missing" of={missing} />
        {others.length > 0 && <section><h3>Also seen</h3><ul class="points">{others.map(({ id, title, link }) => <li key={id}>{title}: <Cited link={link} /></li>)}</ul></section>}
        {note !== undefined && <p class="quiet small">{note}</p>}
        <WrittenBy who={writtenBy} />
      </div>
    </Card>
  );
}

function Evidence({ of: { evidence } }: { of: DebugAnswer }): JSX.Element {
  return (
    <Card title="Evidence">
      {evidence.length === 0 ? <Empty title="No line says anything of this" command="pivo upload LOG" /> : <EvidenceLines of={evidence} />}
    </Card>
  );
}
