// Operation `approve`: a person says that the plan of a restore, backup or pipeline, named by its hash, may be carried out.
import type { Client, WorkflowHandle } from '@temporalio/client';
import { z } from 'zod';
import { isPivoError } from '../contract/failures.ts';
import type { IngestApproval, IngestResult } from '../contract/ingest.ts';
import { UPDATE, restoreAllWorkflowId } from '../contract/names.ts';
import { ApproveInput, type RestoreReceipt, type RestoreStatus } from '../contract/restore.ts';
import type { RestoreAllReceipt, RestoreAllStatus } from '../contract/restore-all.ts';
import { defineOperation, type OperationContext } from './operation.ts';
import { progressOfMany } from './restore-all.ts';
import { mustBeOwner, restoreRun } from './restore-run.ts';
import { askedForIn } from './session-approval.ts';
import { followToEnd } from './started-run.ts';

export const approve = defineOperation({
  name: 'approve',
  description: 'Approves the plan of a restore, backup or pipeline that waits for it, by its hash; with `wait` the answer is the receipt, or the visit.',
  kind: 'decides',
  input: z.strictObject({
    /** Id of the restore or pipeline, of the workflow that waits, or of the conversation that asked for it. */
    restore: z.string().min(1),
    planHash: ApproveInput.shape.planHash,
    wait: z.boolean().default(false),
  }),
  async run(context, { restore, planHash, wait }, options): Promise<RestoreStatus | RestoreAllStatus | IngestApproval | RestoreReceipt | RestoreAllReceipt | IngestResult> {
    mustBeOwner(context, 'approve');
    const client = await context.temporal();
    const handle = await runOf(context, client, restore, planHash);
    const { decide } = await import('./decide.ts');
    const status = await decide<RestoreStatus | RestoreAllStatus | IngestApproval>(handle, UPDATE.approve, { planHash, approver: context.caller.user });
    if (!wait) return status;
    const look = handle.workflowId.startsWith(restoreAllWorkflowId('')) ? () => progressOfMany(handle) : undefined;
    return followToEnd<RestoreReceipt | RestoreAllReceipt | IngestResult>(client, handle, false, options, look);
  },
});

/** The run of that id, or what the conversation of that id asked for. Fails with NotFound. */
async function runOf(context: OperationContext, client: Client, id: string, planHash: string): Promise<WorkflowHandle> {
  try {
    return await restoreRun(client, id);
  } catch (error) {
    const asked = isPivoError(error, 'NotFound') ? askedForIn(context, id, planHash) : null;
    if (asked === null) throw error;
    return restoreRun(client, asked);
  }
}
