// Act: what comes before one repository of an approved plan of many is carried out: its plan and its target are as approved, and a forge has a place for it.
import { failurePath, reconstructionsPath } from '../../archive/layout.ts';
import { fromReport, isPivoError, PivoError, type FailureReport } from '../../contract/failures.ts';
import { planHash } from '../../contract/plan.ts';
import type { PushOutcome, RestoreJob } from '../../contract/restore.ts';
import type { ActRun, ActivityDeps } from '../act.ts';
import { plannedRestore, storedReceipt } from '../restore/stored-plan.ts';
import { recheckPlan } from '../restore/recheck-plan.ts';
import { makerAt, nameOnForge } from './maker.ts';
import { storedJsonOrNull } from '../restore/stored-json.ts';
import { keptOnce } from './ports.ts';
import type { Reconstructions } from './reconstruct-restores.ts';

export interface MemberInput {
  /** Id of the restore of many. */
  many: string;
  job: RestoreJob;
  /** As approved. */
  planHash: string;
}

/**
 * The queue of the worker that will go on. Fails with PlanChanged when plan or target is not as approved, with what Spark found wrong
 * with its packs, and as the forge does.
 */
export async function beginMember(deps: ActivityDeps, { many, job, planHash: approved }: MemberInput, run: ActRun): Promise<string> {
  run.onProgress({ phase: 'looking at the target again' });
  const plan = await plannedRestore(deps, job);
  if (planHash(plan) !== approved) throw new PivoError('PlanChanged', `the plan of ${plan.repository} is not the one that was approved`, { hint: 'Somebody changed it in the store. Start the restore again.' });
  const failure = job.request.engine === 'spark' ? (await storedJsonOrNull<Reconstructions>(deps.store, reconstructionsPath(many)))?.[job.restoreId] : null;
  if (failure !== null && failure !== undefined) throw fromReport(failure);
  if (plan.creates === true && (await storedReceipt(deps.store, job.restoreId)) === null) await make(deps, job, run);
  return recheckPlan(deps, job, run);
}

/** Makes the repository at the forge, unless an earlier attempt did. */
async function make(deps: ActivityDeps, { request }: RestoreJob, { signal, onProgress }: ActRun): Promise<void> {
  onProgress({ phase: 'making the repository' });
  const maker = await makerAt(deps, request.target, request.credential);
  if (maker === null) throw new PivoError('CredentialMissing', `no token is named any more that could make ${request.target}`, { hint: 'Store it again (`pivo credential add NAME`), then start the restore again.' });
  const name = nameOnForge(deps, request.target);
  if (await maker.isThere(name, signal)) return;
  await maker.create(name, signal).catch((error: unknown) => {
    if (!isPivoError(error, 'Exists')) throw error;
  });
}

/** Act: makes HEAD's branch the default one of a repository that was made; a forge that will not is told in the receipt. */
export async function restoreForgeHead(deps: ActivityDeps, { job, pushed }: { job: RestoreJob; pushed: PushOutcome }, { signal, onProgress }: ActRun): Promise<PushOutcome> {
  onProgress({ phase: 'setting the default branch' });
  const { head, refs } = await plannedRestore(deps, job);
  const branch = /^refs\/heads\/(.+)$/.exec(head.symref ?? '')?.[1];
  const maker = await makerAt(deps, job.request.target, job.request.credential);
  if (branch === undefined || maker === null || !refs.some(({ name, action }) => name === head.symref && action !== 'refuse')) return pushed;
  try {
    await maker.setDefaultBranch(nameOnForge(deps, job.request.target), branch, signal);
    return { ...pushed, head: { restored: true } };
  } catch (error) {
    if (signal.aborted || !isPivoError(error) || !error.permanent) throw error;
    return { ...pushed, head: { restored: false, note: `HEAD was ${branch}; ${error.message}` } };
  }
}

/** Act: keeps why a repository did not come back, for the receipt of receipts. */
export async function keepMemberFailure({ store }: ActivityDeps, { restoreId, report }: { restoreId: string; report: FailureReport }, { signal }: ActRun): Promise<void> {
  await keptOnce<FailureReport>(store, failurePath(restoreId), JSON.stringify(report), signal);
}
