// A plan that came up in a conversation: what it would do, the person's decision, and what became of it.
import type { JSX } from 'preact';
import type { ToolOutcome } from '../../../contract/conversation.ts';
import type { RestoreStatus } from '../../../contract/restore.ts';
import type { Job } from '../../../operations/jobs.ts';
import { ApiFailure, get } from '../api/client.ts';
import { useLoad } from '../api/load.ts';
import { shown } from '../format.ts';
import { BackupPlan, approvalOf } from './backup-plan.tsx';
import { Decide } from './decide.tsx';
import { Card } from './page.tsx';
import { Plan } from './plan.tsx';
import { pageOfRun } from './running.tsx';
import { Failure, Show } from './state.tsx';
import { State } from './words.tsx';

const LOOK_EVERY = 3000;
const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

export function PlanCard({ approval: { workflowId, planHash, summary } }: { approval: NonNullable<ToolOutcome['approval']> }): JSX.Element {
  const job = useLoad(`job ${workflowId}`, (signal) => get<Job>(['jobs', workflowId], {}, signal), { every: LOOK_EVERY, until: ({ state }) => state !== 'running' });
  const restore = job.data?.type === 'restore' ? (job.data.status as RestoreStatus | undefined) : undefined;
  const backup = approvalOf(job.data);
  const running = job.data === undefined || job.data.state === 'running';
  const state = running ? (restore ?? backup)?.state ?? 'awaiting approval' : job.data?.state ?? '';
  return (
    <Card title={sentence(shown(summary))} aside={<span class="row" role="status"><State of={state} /><a class="small" href={pageOfRun(workflowId)}>Open</a></span>}>
      <Show of={job} lines={3}>{({ failure }) => (
        <>
          {restore?.plan != null && <Plan plan={restore.plan} counts={restore.counts} planHash={planHash} />}
          {backup !== null && <BackupPlan plan={backup.plan} planHash={planHash} />}
          {running && state === 'awaiting approval' && <Decide restore={workflowId} planHash={planHash} onDecided={job.reload} />}
          {state === 'completed' && <p class="pad"><a href={pageOfRun(workflowId)}>See what came of it</a></p>}
          {failure !== undefined && <div class="pad"><Failure of={new ApiFailure(200, failure)} /></div>}
        </>
      )}</Show>
    </Card>
  );
}
