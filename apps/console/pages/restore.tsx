// One restore: its plan, the decision, its steps as they go on, the receipt.
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { RestoreReceipt, RestoreStatus } from '../../../contract/restore.ts';
import type { Job } from '../../../operations/jobs.ts';
import { ApiFailure, get } from '../api/client.ts';
import { useLoad } from '../api/load.ts';
import { shown, when } from '../format.ts';
import { Decide } from '../parts/decide.tsx';
import { useRun } from '../parts/follow.ts';
import { Card, Page } from '../parts/page.tsx';
import { Plan } from '../parts/plan.tsx';
import { Receipt } from '../parts/receipt.tsx';
import { ProgressBar } from '../parts/running.tsx';
import { Failure, Show } from '../parts/state.tsx';
import { Steps, stepReached } from '../parts/steps.tsx';
import { State } from '../parts/words.tsx';

export default function Restore({ pieces: [id = ''] }: { pieces: string[] }): JSX.Element {
  const job = useLoad(`restore ${id}`, (signal) => jobOf(id, signal));
  const running = job.data?.state === 'running';
  const { progress, stream, failure } = useRun(running ? job.data?.workflowId ?? '' : '', job.reload);
  const status = job.data?.status as RestoreStatus | undefined;
  const phase = progress?.phase ?? '';
  useEffect(() => void (STATES.has(phase) && job.reload()), [phase]);
  const state = stateOf(job.data, status, phase);
  const reached = useRef(0);
  if (!ENDED.has(state)) reached.current = stepReached(state, phase);
  const plan = status?.plan ?? null;
  const known = plan ?? (job.data?.state === 'completed' ? (job.data.result as RestoreReceipt).plan : null);
  return (
    <Page title={known === null ? `Restore ${id}` : `Restore of ${known.repository}`} within={[{ label: 'Restores', href: '/restores' }]} about={known === null ? undefined : shown(`as of ${known.point.asked}, to ${known.target}`)}>
      <div class="stack">
        {failure !== null && <Failure of={failure} />}
        <Show of={job} lines={6}>{({ state: end, failure, result }) => (
          <div class="stack">
            <Card title="Steps" aside={<span class="row" role="status">{stream === 'lost' && <span class="quiet">reconnecting…</span>}<State of={state} /></span>}>
              <Steps state={state} phase={phase} reached={reached.current} />
              {running && state !== 'awaiting approval' && <div class="pad"><ProgressBar of={progress ?? { phase: state }} /></div>}
              {failure !== undefined && <Failure of={new ApiFailure(200, failure)} />}
            </Card>
            {plan !== null && running && (
              <Card title="Plan" aside={status?.expires != null && state === 'awaiting approval' ? <span class="quiet small">valid until {when(status.expires)}</span> : undefined}>
                <Plan plan={plan} counts={status?.counts ?? null} planHash={status?.planHash ?? null} />
                {state === 'awaiting approval' && status?.planHash != null && <Decide restore={id} planHash={status.planHash} onDecided={job.reload} />}
              </Card>
            )}
            {end === 'completed' && <Done receipt={result as RestoreReceipt} />}
          </div>
        )}</Show>
      </div>
    </Page>
  );
}

/** The run; where Temporal has forgotten it, what its receipt says. */
async function jobOf(id: string, signal: AbortSignal): Promise<Job> {
  try {
    return await get<Job>(['jobs', id], {}, signal);
  } catch (error) {
    if (!(error instanceof ApiFailure) || error.kind !== 'NotFound') throw error;
    const receipt = await get<RestoreReceipt>(['restores', id, 'receipt'], {}, signal);
    const { workflow, started, finished } = receipt;
    return { workflowId: workflow.id, runId: workflow.runId, type: 'restore', state: 'completed', started, ended: finished, result: receipt };
  }
}

const ENDED = new Set(['done', 'rejected', 'expired', 'refused', 'cancelled', 'failed']);
const STATES = new Set(['planning', 'awaiting approval', 'reconstructing', 'pushing', 'verifying', ...ENDED]);
const ENDINGS: Record<string, RestoreStatus['state']> = { PlanRejected: 'rejected', PlanExpired: 'expired', Cancelled: 'cancelled', TargetRefused: 'refused', PlanChanged: 'refused' };

function stateOf(job: Job | undefined, status: RestoreStatus | undefined, phase: string): RestoreStatus['state'] {
  if (job?.state === 'completed') return 'done';
  if (job !== undefined && job.state !== 'running') return ENDINGS[job.failure?.kind ?? ''] ?? (job.state === 'canceled' ? 'cancelled' : 'failed');
  if (STATES.has(phase)) return phase as RestoreStatus['state'];
  return status?.state ?? 'planning';
}

function Done({ receipt }: { receipt: RestoreReceipt }): JSX.Element {
  return (
    <>
      <Card title="Receipt"><Receipt of={receipt} /></Card>
      <Card title="Plan that was carried out"><Plan plan={receipt.plan} counts={null} planHash={null} /></Card>
    </>
  );
}
