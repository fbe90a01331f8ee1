// Act: checks the packs and makes the planned refs ready to push, by the engine that was asked for.
import { PivoError } from '../../contract/failures.ts';
import type { Reconstruction, RestoreJob } from '../../contract/restore.ts';
import type { RestoreEngine } from '../../restore/engine.ts';
import { localEngine } from '../../restore/local-engine.ts';
import type { ActRun, ActivityDeps } from '../act.ts';
import { plannedRestore } from './stored-plan.ts';

/** Fails as the engine does. */
export async function reconstruct(deps: ActivityDeps, job: RestoreJob, run: ActRun): Promise<Reconstruction> {
  const plan = await plannedRestore(deps, job);
  return engineOf(deps, job).reconstruct(plan, { restoreId: job.restoreId, signal: run.signal, onProgress: (progress) => run.onProgress(progress) });
}

function engineOf({ store, cache }: ActivityDeps, { request }: RestoreJob): RestoreEngine {
  if (request.engine === 'local') return localEngine(store, cache);
  throw new PivoError('InvalidInput', `restore input: engine: "${request.engine}" is not configured on this worker`, { hint: 'Use the engine "local".' });
}
