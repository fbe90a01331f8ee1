// Act: checks the packs and makes the planned refs ready to push, by the engine that was asked for.
import { PivoError } from '../../contract/failures.ts';
import type { Reconstruction, RestoreJob, RestoreRequest } from '../../contract/restore.ts';
import type { RestoreEngine } from '../../restore/engine.ts';
import { localEngine } from '../../restore/local-engine.ts';
import { sparkEngine } from '../../restore/spark-engine.ts';
import type { ActRun, ActivityDeps } from '../act.ts';
import { plannedRestore } from './stored-plan.ts';

/** Engines by the name that a restore asks for. */
const ENGINES: Record<RestoreRequest['engine'], (deps: ActivityDeps, run: ActRun) => RestoreEngine> = {
  local: ({ store, cache }) => localEngine(store, cache),
  spark: ({ store, cache, spark }, { log }) => {
    if (spark === undefined) throw new PivoError('InvalidInput', 'restore input: engine: "spark" is not configured on this worker', { hint: 'Use the engine "local".' });
    return sparkEngine({ store, cache, settings: spark, log, leaves: anotherAttemptFollows });
  },
};

/** Fails as the engine does. */
export async function reconstruct(deps: ActivityDeps, job: RestoreJob, run: ActRun): Promise<Reconstruction> {
  const plan = await plannedRestore(deps, job);
  return ENGINES[job.request.engine](deps, run).reconstruct(plan, { restoreId: job.restoreId, signal: run.signal, onProgress: (progress) => run.onProgress(progress) });
}

/** Reasons of Temporal (the message of CancelledFailure) after which the act is tried again. */
const FOLLOWED: readonly string[] = ['WORKER_SHUTDOWN', 'TIMED_OUT'];

/** True for an abort after which the act is tried again. */
export const anotherAttemptFollows = (reason: unknown): boolean => reason instanceof Error && FOLLOWED.includes(reason.message);
