// Act: whichever worker answers names its own queue.
import { workerQueue } from '../contract/names.ts';
import type { ActivityDeps } from './act.ts';

/** The queue of a worker that lives. */
export async function nameWorkerQueue(deps: ActivityDeps): Promise<string> {
  return workerQueue(deps.workerId);
}
