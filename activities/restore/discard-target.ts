// Act: removes what an unfinished restore put into a path of its own, and nothing else.
import type { RestoreJob } from '../../contract/restore.ts';
import { discardFolder, removeMark } from '../../restore/mark.ts';
import { withTarget } from '../../restore/target.ts';
import type { ActRun, ActivityDeps } from '../act.ts';
import { accessOf } from './access.ts';
import { storedReceipt } from './stored-plan.ts';

/** True when something was removed. A restore that has its receipt is finished: it keeps what it made. */
export async function discardTarget(deps: ActivityDeps, job: RestoreJob, run: ActRun): Promise<boolean> {
  run.onProgress({ phase: 'removing what was begun' });
  const done = (await storedReceipt(deps.store, job.restoreId)) !== null;
  return withTarget(job.request.target, accessOf(deps, job), async (remote) => {
    if (remote.protocol !== 'file') return false;
    if (!done) return discardFolder(remote.url, job.restoreId);
    await removeMark(remote.url);
    return false;
  });
}
