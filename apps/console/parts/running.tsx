// The runs that go on, with their progress as it comes.
import type { JSX } from 'preact';
import type { Progress } from '../../../contract/ingest.ts';
import type { Job } from '../../../operations/jobs.ts';
import { count, size } from '../format.ts';
import { at } from '../route.ts';
import { useRun } from './follow.ts';
import { Card } from './page.tsx';
import { State, Time } from './words.tsx';

/** Most runs that are followed live at once: a browser opens six connections to a server. */
const FOLLOWED = 3;

/** Where a run is shown: the own page of a restore or pipeline, or the run's. */
export function pageOfRun(workflowId: string): string {
  const [, kind, id = ''] = /^(restore|pipeline):(.+)$/.exec(workflowId) ?? [];
  return kind === undefined ? at(['jobs', workflowId]) : at([`${kind}s`, id]);
}

export function Running({ jobs, onEnd }: { jobs: readonly Job[]; onEnd: () => void }): JSX.Element | null {
  if (jobs.length === 0) return null;
  return (
    <Card title="Goes on now" aside={jobs.length > FOLLOWED ? <span class="quiet">{count(jobs.length)} runs</span> : undefined}>
      <ul class="runs">{jobs.slice(0, 20).map((job, i) => <RunLine key={job.runId} job={job} live={i < FOLLOWED} onEnd={onEnd} />)}</ul>
    </Card>
  );
}

function RunLine({ job, live, onEnd }: { job: Job; live: boolean; onEnd: () => void }): JSX.Element {
  const { progress, stream } = useRun(live ? job.workflowId : '', onEnd);
  return (
    <li>
      <div class="row apart">
        <span class="row"><a href={pageOfRun(job.workflowId)}><strong>{job.workflowId}</strong></a> <State of={job.state} /></span>
        <span class="quiet small">started <Time of={job.started} />{stream === 'lost' && ' · reconnecting…'}</span>
      </div>
      {progress !== null && <ProgressBar of={progress} />}
    </li>
  );
}

export function ProgressBar({ of: { phase, done, total, bytes } }: { of: Progress }): JSX.Element {
  const numbers = [done === undefined ? '' : total === undefined ? count(done) : `${count(done)} of ${count(total)}`, bytes === undefined ? '' : size(bytes)].filter((part) => part !== '').join(' · ');
  return (
    <div class="progress">
      <div class="row apart small"><span>{phase}</span><span class="quiet">{numbers}</span></div>
      <progress aria-label={phase} {...(done !== undefined && total !== undefined && total > 0 ? { value: done, max: total } : {})} />
    </div>
  );
}
