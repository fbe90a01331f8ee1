// Waiting for the plan of a run that was started.
import type { WorkflowHandle } from '@temporalio/client';
import { PivoError } from '../contract/failures.ts';
import type { Progress } from '../contract/ingest.ts';
import type { RunOptions } from './operation.ts';
import { statusOf } from './restore-run.ts';

/** Milliseconds between two looks at a run that makes its plan. */
const LOOK_EVERY = 100;

/** The status once there is a plan. Fails with what the planning failed with, and with Cancelled when the caller gives up; the plan is made all the same. */
export async function plannedStatus<Status extends { state: string; planHash: string | null }>(handle: WorkflowHandle, { signal, onProgress }: RunOptions, told?: (status: Status) => Progress): Promise<Status> {
  const { setTimeout: delay } = await import('node:timers/promises');
  const { runFailure } = await import('./temporal-run.ts');
  for (;;) {
    if (signal.aborted) throw new PivoError('Cancelled', `no longer waiting for the plan of ${handle.workflowId}`);
    const status = await statusOf<Status>(handle);
    if (status.state !== 'planning' && status.planHash !== null) return status;
    if (status.state !== 'planning') {
      await handle.result().catch((error: unknown) => {
        throw runFailure(error, handle.workflowId);
      });
    }
    if (told !== undefined) onProgress(told(status));
    await delay(LOOK_EVERY);
  }
}
