// A plan that came up in a conversation: what it would do, and the person's decision.
import type { JSX } from 'preact';
import type { ToolOutcome } from '../../../contract/conversation.ts';
import type { RestoreStatus } from '../../../contract/restore.ts';
import type { Job } from '../../../operations/jobs.ts';
import { get } from '../api/client.ts';
import { useLoad } from '../api/load.ts';
import { shown } from '../format.ts';
import { Decide } from './decide.tsx';
import { Card } from './page.tsx';
import { Plan } from './plan.tsx';
import { pageOfRun } from './running.tsx';
import { Show } from './state.tsx';
import { State } from './words.tsx';

export function PlanCard({ approval: { workflowId, planHash, summary } }: { approval: NonNullable<ToolOutcome['approval']> }): JSX.Element {
  const job = useLoad(`job ${workflowId}`, (signal) => get<Job>(['jobs', workflowId], {}, signal), { every: 3000 });
  const status = job.data?.status as RestoreStatus | undefined;
  return (
    <Card title={shown(summary)} aside={<span class="row"><State of={status?.state ?? job.data?.state ?? 'awaiting approval'} /><a class="small" href={pageOfRun(workflowId)}>Open</a></span>}>
      <Show of={job} lines={3}>{() => (
        <>
          {status?.plan != null && <Plan plan={status.plan} counts={status.counts} planHash={planHash} />}
          {status?.state === 'awaiting approval' && <Decide restore={workflowId} planHash={planHash} onDecided={job.reload} />}
        </>
      )}</Show>
    </Card>
  );
}
