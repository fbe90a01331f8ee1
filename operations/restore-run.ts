// Finding the run of a restore, of a pipeline, or of a backup that waits for approval, and what it says of itself.
import type { Client, WorkflowHandle } from '@temporalio/client';
import { PivoError } from '../contract/failures.ts';
import { QUERY, ingestRequestWorkflowId, pipelineWorkflowId, restoreAllWorkflowId, restoreWorkflowId } from '../contract/names.ts';
import type { RestoreStatus } from '../contract/restore.ts';
import type { OperationContext } from './operation.ts';

/** The run of a restore, of one or of many, of a pipeline or of a backup that was asked for, by its id or by its workflow's id. Fails with NotFound. */
export async function restoreRun(client: Client, id: string): Promise<WorkflowHandle> {
  const { runFailure } = await import('./temporal-run.ts');
  for (const workflowId of [restoreWorkflowId(id), restoreAllWorkflowId(id), ingestRequestWorkflowId(id), pipelineWorkflowId(id), id]) {
    const handle = client.workflow.getHandle(workflowId);
    try {
      await handle.describe();
      return handle;
    } catch (error) {
      const failure = runFailure(error, workflowId);
      if (failure.kind !== 'NotFound') throw failure;
    }
  }
  throw new PivoError('NotFound', `there is no restore, backup or pipeline "${id}"`, { hint: '`pivo approvals` lists what waits for a decision, `pivo jobs` what runs and ran, `pivo receipts` restores that are done.' });
}

/** The `status` of a run. Fails with Unavailable when no worker answers. */
export async function statusOf<Status = RestoreStatus>(handle: WorkflowHandle): Promise<Status> {
  try {
    return await handle.query<Status>(QUERY.status);
  } catch (error) {
    throw new PivoError('Unavailable', `${handle.workflowId} could not be asked: ${(error as Error).message}`, { hint: 'See `pivo status`: its worker must run.', cause: error });
  }
}

/** Deciding is for the person who owns PIVO_HOME. Fails with InvalidInput. */
export function mustBeOwner({ caller }: OperationContext, what: string): void {
  if (!caller.owner) throw new PivoError('InvalidInput', `${caller.user} may not ${what}`, { hint: 'Only the owner of this PIVO may; ask them.' });
}
