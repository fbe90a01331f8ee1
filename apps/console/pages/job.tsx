// One run, live: its progress while it goes on, then its result or failure.
import type { JSX } from 'preact';
import type { IngestResult } from '../../../contract/ingest.ts';
import type { Job } from '../../../operations/jobs.ts';
import { ApiFailure, get } from '../api/client.ts';
import { useLoad } from '../api/load.ts';
import { count, duration, many, size, when } from '../format.ts';
import { BackupPlan, approvalOf } from '../parts/backup-plan.tsx';
import { Decide } from '../parts/decide.tsx';
import { useRun } from '../parts/follow.ts';
import { Card, Page } from '../parts/page.tsx';
import { ProgressBar } from '../parts/running.tsx';
import { Failure, Show } from '../parts/state.tsx';
import { State } from '../parts/words.tsx';
import { at } from '../route.ts';

/** A decision at another door is seen by looking again. */
const LOOK_EVERY = 5000;

export default function JobPage({ pieces: [id = ''] }: { pieces: string[] }): JSX.Element {
  const job = useLoad(`job ${id}`, (signal) => get<Job>(['jobs', id], {}, signal), { every: LOOK_EVERY, until: ({ state }) => state !== 'running' });
  const running = job.data?.state === 'running';
  const approval = approvalOf(job.data);
  const waits = running && approval?.state === 'awaiting approval';
  const { progress, stream, failure } = useRun(running ? id : '', job.reload);
  const result = job.data?.state === 'completed' && job.data.type === 'ingest' ? (job.data.result as IngestResult) : null;
  const repository = result?.repository ?? approval?.plan.repository ?? (id.startsWith('ingest:') ? id.slice('ingest:'.length) : null);
  return (
    <Page title={repository === null ? id : `Backup of ${repository}`} within={[{ label: 'Repositories', href: '/' }]}>
      <div class="narrow-page stack">
        {failure !== null && <Failure of={failure} />}
        {waits && (
          <Card title="Plan" aside={<span class="quiet small">valid until {when(approval.expires)}</span>}>
            <BackupPlan plan={approval.plan} planHash={approval.planHash} />
            <Decide restore={id} planHash={approval.planHash} onDecided={job.reload} />
          </Card>
        )}
        <Card>
          <Show of={job}>{({ state, started, ended, workflowId, runId, failure }) => (
            <div class="pad stack">
              <p class="row" role="status"><State of={waits ? 'awaiting approval' : state} />{running && stream === 'lost' && <span class="quiet">The stream dropped; reconnecting…</span>}{state === 'completed' && <strong>Done</strong>}</p>
              {running && !waits && <ProgressBar of={progress ?? { phase: 'waiting for the next step' }} />}
              {failure !== undefined && <Failure of={new ApiFailure(200, failure)} />}
              {result !== null && <Result of={result} />}
              <dl class="facts">
                <dt>Started</dt><dd>{when(started)}</dd>
                {ended !== null && <><dt>Took</dt><dd>{duration((Date.parse(ended) - Date.parse(started)) / 1000)}</dd></>}
                <dt>Workflow</dt><dd><code>{workflowId}</code></dd>
                <dt>Run</dt><dd class="break"><code>{runId}</code></dd>
              </dl>
              {result !== null && repository !== null && <div class="row"><a class="button primary" href={at(['repositories', repository])}>Look at {repository}</a></div>}
            </div>
          )}</Show>
        </Card>
      </div>
    </Page>
  );
}

function Result({ of }: { of: IngestResult }): JSX.Element {
  const { visit, unchanged, refs, changes, newObjects, newBytes, events } = of;
  return (
    <div class="note good">
      <strong>{unchanged ? `Visit ${visit}: the origin is as it was` : `Visit ${visit} is archived`}</strong>
      <span>{many(refs, 'ref')}: {count(changes.created)} created, {count(changes.updated)} moved, {count(changes.forced)} forced, {count(changes.deleted)} deleted. {many(newObjects, 'new object')}, {size(newBytes)}, {many(events, 'event')}.</span>
    </div>
  );
}
