// Act: looks at the target again before an approved plan is carried out.
import { PivoError } from '../../contract/failures.ts';
import { workerQueue } from '../../contract/names.ts';
import type { RestoreJob, RestorePlan } from '../../contract/restore.ts';
import { movedRefs } from '../../restore/push.ts';
import { wantedRefs } from '../../restore/repository.ts';
import { inspectTarget } from '../../restore/target.ts';
import type { ActRun, ActivityDeps } from '../act.ts';
import { accessOf } from './access.ts';
import { plannedRestore, storedReceipt } from './stored-plan.ts';

/**
 * The queue of the worker that will go on. A ref that an earlier attempt pushed is as planned, too.
 * Fails with PlanChanged when the target is not as the plan found it.
 */
export async function recheckPlan(deps: ActivityDeps, job: RestoreJob, run: ActRun): Promise<string> {
  run.onProgress({ phase: 'looking at the target again' });
  const plan = await plannedRestore(deps, job);
  if ((await storedReceipt(deps.store, job.restoreId)) !== null) return workerQueue(deps.workerId);
  const target = await inspectTarget(job.request.target, accessOf(deps, job), run.signal);
  const moved = movedRefs(plan, target.refs);
  const foreign = plan.creates === true ? foreignRef(plan, target.refs) : undefined;
  if (foreign !== undefined) throw new PivoError('PlanChanged', `${plan.target} was made by somebody else since the plan: it has ${foreign}`, { hint: 'Nothing of it was changed. Start the restore again for a new plan, or choose another target.', facts: { ref: foreign } });
  if (moved.length > 0 || (plan.makesTarget && !target.absent)) {
    const what = moved[0] === undefined ? 'something is there now' : `${moved[0].name} is at ${moved[0].now ?? 'nothing'}, not at ${moved[0].old ?? 'nothing'}`;
    throw new PivoError('PlanChanged', `${plan.target} is not as the approved plan found it: ${what}`, { hint: 'Nothing was changed. Start the restore again for a new plan.', facts: { moved: moved.slice(0, 20) } });
  }
  return workerQueue(deps.workerId);
}

/** A branch or tag that the plan does not bring, where none that it brings is there yet: the repository is not the one that PIVO was to make. */
function foreignRef(plan: RestorePlan, refs: ReadonlyMap<string, string>): string | undefined {
  const wanted = wantedRefs(plan);
  if (wanted.some((ref) => refs.get(ref.name) === ref.new)) return undefined;
  return [...refs.keys()].find((name) => /^refs\/(heads|tags)\//.test(name));
}
