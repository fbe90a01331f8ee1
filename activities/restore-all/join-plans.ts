// Act: joins the planned rows into the one plan that a person approves.
import { plannedPath, plansPath } from '../../archive/layout.ts';
import { PivoError, type FailureReport } from '../../contract/failures.ts';
import { canonicalJson, planHash } from '../../contract/plan.ts';
import type { RestoreAllJob, RestoreAllPlan, RestoreAllRow, RestoreAllSummary } from '../../contract/restore-all.ts';
import { checkUrl } from '../../git/url.ts';
import { emptyPlan, excerptOfMany, planOfMany } from '../../restore/many/plan-of-many.ts';
import type { ActRun, ActivityDeps } from '../act.ts';
import { storedJsonOrNull } from '../restore/stored-json.ts';
import { keptOnce } from './ports.ts';

export interface JoinInput {
  job: RestoreAllJob;
  /** Where the slices begin. */
  slices: number[];
}

/** The plan in short, and why it would restore nothing; null when it would. Fails with NotFound when a slice is not there. */
export async function joinPlans({ store, protocols }: ActivityDeps, { job, slices }: JoinInput, { signal, onProgress }: ActRun): Promise<RestoreAllSummary & { empty: FailureReport | null }> {
  onProgress({ phase: 'joining the plans' });
  const rows: RestoreAllRow[] = [];
  for (const from of slices) rows.push(...(await sliceOf(store, job.restoreId, from)));
  const made = planOfMany(job.request, checkUrl(job.request.target, protocols), rows);
  const plan = await keptOnce<RestoreAllPlan>(store, plansPath(job.restoreId), canonicalJson(made), signal);
  return { planHash: planHash(plan), excerpt: excerptOfMany(plan), empty: emptyPlan(plan)?.report() ?? null };
}

async function sliceOf(store: ActivityDeps['store'], restoreId: string, from: number): Promise<RestoreAllRow[]> {
  const rows = await storedJsonOrNull<RestoreAllRow[]>(store, plannedPath(restoreId, from));
  if (rows === null) throw new PivoError('NotFound', `${plannedPath(restoreId, from)} is not in the store`, { hint: 'Start the restore again.' });
  return rows;
}
