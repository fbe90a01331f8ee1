// Act: makes the plan of a restore and keeps it in the store, where it is hashed and never changes.
import { planPath } from '../../archive/layout.ts';
import { openLibrary } from '../../archive/reading/library.ts';
import { isPivoError, PivoError } from '../../contract/failures.ts';
import { workerQueue } from '../../contract/names.ts';
import { canonicalJson, countActions, excerptOf, planHash } from '../../contract/plan.ts';
import type { PlanSummary, RestoreJob, RestorePlan } from '../../contract/restore.ts';
import { blockedPlan } from '../../restore/blocked.ts';
import { makePlan } from '../../restore/make-plan.ts';
import type { ActRun, ActivityDeps } from '../act.ts';
import { accessOf } from './access.ts';
import { storedPlan, storedReceipt } from './stored-plan.ts';

/**
 * The summary of the plan, which is in the store from then on; a later attempt of the same restore finds it there.
 * Fails as `makePlan` does, with TargetRefused when a ref blocks the plan, and with Exists when the id belongs to
 * another restore, or to an earlier run that is done or meant another state.
 */
export async function planRestore(deps: ActivityDeps, job: RestoreJob, run: ActRun): Promise<PlanSummary> {
  run.onProgress({ phase: 'planning' });
  const stored = await storedPlan(deps, job);
  if (stored !== null && run.attempt === 1) await refuseEarlier(deps, job, stored, run.signal);
  const plan = stored ?? (await newPlan(deps, job, run));
  return { planHash: planHash(plan), path: planPath(job.restoreId), counts: countActions(plan.refs), excerpt: excerptOf(plan), queue: workerQueue(deps.workerId) };
}

/** A run that is started again under its id must not answer with what the one before did. */
async function refuseEarlier(deps: ActivityDeps, job: RestoreJob, stored: RestorePlan, signal: AbortSignal): Promise<void> {
  const receipt = await storedReceipt(deps.store, job.restoreId);
  const isOurs = receipt === null ? meant(stored) === meant(await planOf(deps, job, signal)) : receipt.workflow.runId === job.workflow.runId;
  if (isOurs) return;
  throw new PivoError('Exists', `the restore ${job.restoreId} was ${receipt === null ? 'planned' : 'done'} by an earlier run, of visit ${stored.point.visit}`, { hint: 'Start this one under another workflow id.' });
}

/** The state that a plan brings back, whatever the target has of it. */
const meant = ({ point, refs }: RestorePlan): string => JSON.stringify([point.visit, refs.map((ref) => [ref.name, ref.new])]);

async function newPlan(deps: ActivityDeps, job: RestoreJob, { signal }: ActRun): Promise<RestorePlan> {
  const plan = await planOf(deps, job, signal);
  const blocked = blockedPlan(plan);
  if (blocked !== null) throw blocked;
  try {
    await deps.store.create(planPath(job.restoreId), Buffer.from(canonicalJson(plan)), signal);
    return plan;
  } catch (error) {
    const stored = isPivoError(error, 'Exists') ? await storedPlan(deps, job) : null;
    if (stored === null) throw error;
    return stored;
  }
}

async function planOf(deps: ActivityDeps, job: RestoreJob, signal: AbortSignal): Promise<RestorePlan> {
  const library = openLibrary({ store: deps.store, cache: deps.cache });
  try {
    return await makePlan(job.request, { store: deps.store, library, access: accessOf(deps, job), signal });
  } finally {
    await library.close();
  }
}
