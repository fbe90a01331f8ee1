// Act: plans some of the repositories of a restore of many; each plan is kept in the store under its own id.
import { chosenPath, plannedPath, planPath } from '../../archive/layout.ts';
import { canonicalJson } from '../../contract/plan.ts';
import type { RestorePlan } from '../../contract/restore.ts';
import type { ChosenRestore, RestoreAllJob, RestoreAllRow } from '../../contract/restore-all.ts';
import { atOnce } from '../../restore/many/at-once.ts';
import { planMember } from '../../restore/many/plan-member.ts';
import type { ActRun, ActivityDeps } from '../act.ts';
import { accessOf } from '../restore/access.ts';
import { storedPlan } from '../restore/stored-plan.ts';
import { makerAt, nameOnForge } from './maker.ts';
import { storedJsonOrNull } from '../restore/stored-json.ts';
import { keptOnce, memberJob } from './ports.ts';

export interface PlanSlice {
  job: RestoreAllJob;
  /** The slice begins at this repository of the list, and has so many. */
  from: number;
  count: number;
}

/** Plans that are made at the same time. */
const PLANS = 4;

/** How many of the slice are not ready. Fails as `planMember` does; a later attempt finds the plans that were made. */
export async function planRestores(deps: ActivityDeps, { job, from, count }: PlanSlice, run: ActRun): Promise<number> {
  const path = plannedPath(job.restoreId, from);
  const rows = (await storedJsonOrNull<RestoreAllRow[]>(deps.store, path)) ?? (await keptOnce<RestoreAllRow[]>(deps.store, path, canonicalJson(await planned(deps, { job, from, count }, run)), run.signal));
  return rows.filter(({ state }) => state !== 'ready').length;
}

async function planned(deps: ActivityDeps, { job, from, count }: PlanSlice, run: ActRun): Promise<RestoreAllRow[]> {
  const chosen = ((await storedJsonOrNull<ChosenRestore[]>(deps.store, chosenPath(job.restoreId))) ?? []).slice(from, from + count);
  const maker = chosen[0] === undefined ? null : await makerAt(deps, chosen[0].target, job.request.credential);
  let done = 0;
  return atOnce(PLANS, chosen, async (each) => {
    const member = memberJob(job, each);
    const row = await planMember(each, member.request, {
      store: deps.store,
      cache: deps.cache,
      access: accessOf(deps, member),
      isThere: maker === null ? null : (target, signal) => maker.isThere(nameOnForge(deps, target), signal),
      signal: run.signal,
      kept: () => storedPlan(deps, member),
      keep: (_request, plan) => keptOnce<RestorePlan>(deps.store, planPath(member.restoreId), canonicalJson(plan), run.signal),
    });
    run.onProgress({ phase: 'planning', done: ++done, total: chosen.length });
    return row;
  });
}
