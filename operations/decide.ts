// Sends a decision to the run that waits for it.
import type { WorkflowHandle } from '@temporalio/client';
import { PivoError } from '../contract/failures.ts';
import type { IngestApproval } from '../contract/ingest.ts';
import type { ApproveInput, RejectInput, RestoreStatus } from '../contract/restore.ts';
import { runFailure } from './temporal-run.ts';

/** The status after the decision. Fails with what the run answers: PlanChanged, or InvalidInput when it awaits none. */
export async function decide<Status = RestoreStatus | IngestApproval>(handle: WorkflowHandle, update: string, decision: ApproveInput | RejectInput): Promise<Status> {
  const { status } = await handle.describe();
  if (status.name !== 'RUNNING') throw new PivoError('InvalidInput', `${handle.workflowId} awaits no decision: it ended (${status.name.toLowerCase()})`, { hint: 'Ask for it again.' });
  try {
    return await handle.executeUpdate<Status, [ApproveInput | RejectInput]>(update, { args: [decision] });
  } catch (error) {
    throw runFailure(error, handle.workflowId);
  }
}
