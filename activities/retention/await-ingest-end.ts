// Act: waits until no backup of a repository runs; one that begins later reads what was recorded before.
import { getClient } from '@temporalio/activity';
import { PivoError } from '../../contract/failures.ts';
import { ingestWorkflowId } from '../../contract/names.ts';
import type { ActRun, ActivityDeps } from '../act.ts';

/** How long a backup may go on: milliseconds. */
const PATIENCE_MS = 15 * 60_000;

/** Fails with Unavailable when it goes on for too long. */
export async function awaitIngestEnd(_deps: ActivityDeps, { repository }: { repository: string }, run: ActRun): Promise<void> {
  const handle = getClient().workflow.getHandle(ingestWorkflowId(repository));
  const running = await handle.describe().then(({ status }) => status.name === 'RUNNING', passUnknown);
  if (!running) return;
  run.onProgress({ phase: `waiting for the backup of ${repository}` });
  const patience = AbortSignal.timeout(PATIENCE_MS);
  const ended = handle.result().then(() => {}, () => {}); // how it ended is not our concern
  await Promise.race([ended, rejected(AbortSignal.any([run.signal, patience]))]).catch((error: unknown) => {
    if (!patience.aborted) throw error;
    throw new PivoError('Unavailable', `a backup of ${repository} has been going on for a quarter of an hour`, { hint: 'Apply the plan again when it has ended.', cause: error });
  });
}

function passUnknown(error: unknown): false {
  if ((error as { name?: string }).name === 'WorkflowNotFoundError') return false;
  throw error;
}

const rejected = (signal: AbortSignal): Promise<never> => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }));
