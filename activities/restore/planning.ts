// What planning and pushing need, taken from a worker's ports.
import type { RestoreJob } from '../../contract/restore.ts';
import { localPlace, type Planning } from '../../restore/make-plan.ts';
import { resolvePoint } from '../../restore/point.ts';
import type { TargetAccess } from '../../restore/target.ts';
import type { ActivityDeps } from '../act.ts';

/** How a job reaches its target. */
export function accessOf({ protocols, credentials, store }: ActivityDeps, { restoreId, request }: RestoreJob): TargetAccess {
  return { protocols, credentials, credential: request.credential ?? null, archive: store.localPath(''), restoreId };
}

export function planningOf(deps: ActivityDeps, job: RestoreJob, signal: AbortSignal): Planning {
  return {
    store: deps.store,
    access: accessOf(deps, job),
    resolve: (repository, point) => resolvePoint(deps.store, repository, point),
    gitDir: (repository, visit) => Promise.resolve(localPlace(deps.store, repository, visit)),
    signal,
  };
}
