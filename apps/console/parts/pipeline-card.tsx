// A pipeline, in a conversation or on its page: what it is for, its stages and jobs, problems, files, Yes and No, and what became of it.
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import type { PipelineProblem } from '../../../contract/pipeline.ts';
import type { PipelineView } from '../../../operations/pipeline-view.ts';
import { many, short, shown, when } from '../format.ts';
import { at } from '../route.ts';
import { Decide } from './decide.tsx';
import { Elsewhere } from './elsewhere.tsx';
import { Card } from './page.tsx';
import { usePipeline } from './pipeline.ts';
import { PipelineDrawing } from './pipeline-drawing.tsx';
import { PipelineFailures } from './pipeline-failures.tsx';
import { PipelineFiles } from './pipeline-files.tsx';
import { Show } from './state.tsx';
import { Badge, State } from './words.tsx';

export default function PipelineCard({ id, link }: { id: string; link: boolean }): JSX.Element {
  const { view, waits, expires, run, stream, reload } = usePipeline(id);
  const repository = view.data?.repository;
  const jobs = useRef<HTMLDivElement>(null);
  const decided = (): void => {
    reload();
    jobs.current?.scrollIntoView({ block: 'start' }); // what goes on now is shown there
  };
  const aside = (
    <span class="row" role="status">
      {stream === 'lost' && <span class="quiet small">reconnecting…</span>}
      {view.data !== undefined && <State of={stateOf(view.data, waits, run?.state)} />}
      {link && <a class="small" href={at(['pipelines', id])}>Open</a>}
    </span>
  );
  return (
    <Card title={repository === undefined ? 'Pipeline' : `Pipeline for ${repository}`} aside={aside}>
      <Show of={view} lines={8}>{(of) => (
        <>
          <Facts of={of} expires={expires} />
          <div ref={jobs} class="jobs"><PipelineDrawing of={of.proposal} run={run} /></div>
          <PipelineFailures of={of.failed} />
          <Problems of={of.proposal.problems} />
          <PipelineFiles files={of.proposal.files} problems={of.proposal.problems} />
          {waits && <Decide restore={of.workflowId} planHash={of.hash} onDecided={decided} words={{ yes: `Yes, commit ${of.hash.slice(0, 10)}…`, no: 'No', way: 'pivo pipeline approve' }} />}
        </>
      )}</Show>
    </Card>
  );
}

/** In the words that a person waits for; what ran on the forge says itself how it is. */
function stateOf({ status, run }: PipelineView, waits: boolean, live: string | undefined): string {
  if (status === 'generated') return waits ? 'awaiting approval' : 'generated';
  if (status === 'approved') return 'committing';
  return status === 'committed' || status === 'watched' ? (live ?? run?.state ?? 'committed') : status;
}

function Facts({ of: { repository, commit, forge, approver, requestedBy, branch, commitId, mergeRequest, run, failure, proposal: { templates, writtenBy } }, expires }: { of: PipelineView; expires: string | null }): JSX.Element {
  return (
    <div class="pad stack">
      {failure !== null && <p class="note warn"><strong>{shown(failure)}</strong></p>}
      <dl class="facts">
        <dt>For</dt><dd><a href={at(['repositories', repository])}>{repository}</a> at <a href={at(['repositories', repository, 'commits', commit])}><code>{short(commit)}</code></a></dd>
        <dt>To</dt><dd class="break"><code>{shown(forge)}</code></dd>
        <dt>Made of</dt><dd>{templates.map(shown).join(', ') || 'no template'}, written by {shown(writtenBy)}</dd>
        <dt>Asked by</dt><dd>{shown(requestedBy)}{approver !== null && `, approved by ${shown(approver)}`}{expires !== null && `; it can be approved until ${when(expires)}`}</dd>
        {branch !== null && <><dt>Branch</dt><dd class="break"><code>{shown(branch)}</code>{commitId !== null && <> at <code>{short(commitId)}</code></>}</dd></>}
        {mergeRequest !== null && <><dt>To merge</dt><dd class="break"><Elsewhere href={mergeRequest}>{shown(mergeRequest)}</Elsewhere></dd></>}
        {run?.url != null && <><dt>Run</dt><dd class="break"><Elsewhere href={run.url}>{shown(run.url)}</Elsewhere></dd></>}
      </dl>
    </div>
  );
}

function Problems({ of }: { of: readonly PipelineProblem[] }): JSX.Element {
  const errors = of.filter(({ severity }) => severity === 'error').length;
  if (of.length === 0) return <p class="pad part"><Badge tone="good">checked</Badge> The checks found nothing to say.</p>;
  return (
    <section class="pad stack part" aria-label="What the checks found">
      <h3>The checks found {[...(errors > 0 ? [many(errors, 'error')] : []), ...(of.length > errors ? [many(of.length - errors, 'warning')] : [])].join(' and ')}</h3>
      <ul class="problems">
        {of.map(({ check, severity, path, line, message }, i) => (
          <li key={i}><Badge tone={severity === 'error' ? 'bad' : 'warn'}>{severity}</Badge> <span class="break">{path !== '' && <><code>{shown(path)}{line !== null && `:${line}`}</code> </>}{shown(message)} <span class="quiet small">{check}</span></span></li>
        ))}
      </ul>
    </section>
  );
}
