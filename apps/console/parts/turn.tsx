// One turn of a conversation: the question, the tools that were called, the answer.
import type { JSX } from 'preact';
import type { CalledTool } from '../../../contract/conversation.ts';
import type { FailureReport } from '../../../contract/failures.ts';
import { ApiFailure } from '../api/client.ts';
import { duration, shown } from '../format.ts';
import { at } from '../route.ts';
import { lazyPart } from './lazy.tsx';
import { Failure } from './state.tsx';
import { State } from './words.tsx';
import { PlanCard } from './plan-card.tsx';

const PipelineCard = lazyPart(() => import('./pipeline-card.tsx'), 8);
const Markdown = lazyPart(() => import('./markdown.tsx'), 3);

export interface TurnView {
  question: string;
  answer: string;
  tools: readonly CalledTool[];
  end?: string;
  failure?: FailureReport;
}

const ENDS: Record<string, string> = { length: 'The answer was cut off at its greatest length.', blocked: 'The provider held the answer back.', rounds: 'It stopped after the most steps that one turn may take.', cancelled: 'It was stopped.' };

export function Turn({ of: { question, answer, tools, end, failure }, busy }: { of: TurnView; busy?: boolean }): JSX.Element {
  return (
    <article class="turn" aria-busy={busy === true}>
      <p class="question"><span class="unseen">You: </span>{question}</p>
      {tools.map((tool) => <Tool key={tool.id} of={tool} />)}
      {answer !== '' && <Markdown text={answer} />}
      {plansOf(tools).map((approval) => <Plan key={approval.planHash} approval={approval} />)}
      {busy === true && <p class="quiet small" role="status">{answer === '' ? 'Thinking…' : 'Writing…'}</p>}
      {end !== undefined && ENDS[end] !== undefined && <p class="quiet small">{ENDS[end]}</p>}
      {failure !== undefined && <Failure of={new ApiFailure(200, failure)} />}
    </article>
  );
}

type Approval = NonNullable<CalledTool['approval']>;

/** Each plan once, however many tools asked for it. */
const plansOf = (tools: readonly CalledTool[]): Approval[] => [...new Map(tools.flatMap(({ approval }) => (approval === undefined ? [] : [[approval.planHash, approval]]))).values()];

function Plan({ approval }: { approval: Approval }): JSX.Element {
  const [, pipeline] = /^pipeline:(.+)$/.exec(approval.workflowId) ?? [];
  return pipeline === undefined ? <PlanCard approval={approval} /> : <PipelineCard id={pipeline} link />;
}

function Tool({ of: { name, arguments: given, state, sql, failure, cut, milliseconds } }: { of: CalledTool }): JSX.Element {
  return (
    <details class="tool">
      <summary><State of={state} /> <code>{shown(name)}</code> {state !== 'running' && <span class="quiet small">{duration(milliseconds / 1000)}</span>}</summary>
      <div>
        {sql !== undefined && <><span class="quiet small">SQL</span><pre class="block" tabIndex={0}>{shown(sql)}</pre><a class="small" href={at(['sql'], { q: sql })}>Run it on the SQL page</a></>}
        <span class="quiet small">What it was given</span>
        <pre class="block" tabIndex={0}>{shown(JSON.stringify(given, null, 2) ?? '')}</pre>
        {cut && <span class="quiet small">The model read only the beginning of the result.</span>}
        {failure !== undefined && <Failure of={new ApiFailure(200, failure)} />}
      </div>
    </details>
  );
}
