// Operation `approvals`: the restores whose plan waits for a person.
import { z } from 'zod';
import { WORKFLOW } from '../contract/names.ts';
import type { RestoreStatus } from '../contract/restore.ts';
import { defineOperation } from './operation.ts';
import { statusOf } from './restore-run.ts';

export type WaitingRestore = RestoreStatus & { workflowId: string; requestedBy: string | null };

export const approvals = defineOperation({
  name: 'approvals',
  description: 'Lists the restores that wait for approval, with their plans and hashes, the oldest first.',
  kind: 'reads',
  input: z.strictObject({}),
  async run(context): Promise<WaitingRestore[]> {
    const client = await context.temporal();
    const waiting: WaitingRestore[] = [];
    for await (const { workflowId, runId, memo } of client.workflow.list({ query: `WorkflowType = '${WORKFLOW.restore}' AND ExecutionStatus = 'Running'` })) {
      const status = await statusOf(client.workflow.getHandle(workflowId, runId));
      const by = memo?.['requestedBy'];
      if (status.state === 'awaiting approval') waiting.push({ ...status, workflowId, requestedBy: typeof by === 'string' ? by : null });
    }
    return waiting.sort((a, b) => ((a.expires ?? '') < (b.expires ?? '') ? -1 : 1));
  },
});
