// Operation `plan-all`: what a restore of many would do, repository by repository, without starting one.
import type { FailureReport } from '../contract/failures.ts';
import { planHash } from '../contract/plan.ts';
import { memberRequest, RestoreAllChoice, type RestoreAllPlan, type RestoreAllRow } from '../contract/restore-all.ts';
import { openMakerOrNull, placeOnForge, type RepositoryMaker } from '../forges/creation.ts';
import { nameOfToken, tokenOf } from '../git/credentials.ts';
import { checkUrl } from '../git/url.ts';
import { atOnce } from '../restore/many/at-once.ts';
import { chooseRestores } from '../restore/many/choose.ts';
import { namesListedBy } from '../restore/many/listed.ts';
import { emptyPlan, planOfMany } from '../restore/many/plan-of-many.ts';
import { planMember } from '../restore/many/plan-member.ts';
import { stateSources } from '../state/sources.ts';
import { defineOperation, type OperationContext, type RunOptions } from './operation.ts';
import { checkChoice } from './restore-all.ts';

export interface PlanAllAnswer {
  planHash: string;
  /** Why nothing at all would be restored; null when something would. */
  blocked: FailureReport | null;
  plan: RestoreAllPlan;
}

/** Plans that are made at the same time. */
const PLANS = 4;

export const planAll = defineOperation({
  name: 'plan-all',
  description: 'Says what a restore of many repositories would do, repository by repository with sums, and the hash that a person would approve; changes nothing.',
  kind: 'reads',
  input: RestoreAllChoice,
  async run(context, choice, options): Promise<PlanAllAnswer> {
    await checkChoice(context, choice);
    const plan = planOfMany(choice, checkUrl(choice.target, context.git.protocols), await rowsOf(context, choice, options));
    return { planHash: planHash(plan), blocked: emptyPlan(plan)?.report() ?? null, plan };
  },
});

async function rowsOf(context: OperationContext, choice: RestoreAllChoice, { signal, onProgress }: RunOptions): Promise<RestoreAllRow[]> {
  const { store, paths, git: { protocols }, forges = [] } = context;
  const listed = choice.source === undefined ? null : namesListedBy(stateSources(paths.state), choice.source);
  const chosen = await chooseRestores(choice, { store, protocols, listed });
  const maker = chosen[0] === undefined ? null : await makerOf(context, choice, chosen[0].target);
  const access = { protocols, credentials: paths.credentials, credential: choice.credential ?? null, archive: store.localPath(''), restoreId: null };
  let done = 0;
  return atOnce(PLANS, chosen, async (each) => {
    const row = await planMember(each, memberRequest(choice, each), {
      store, cache: paths.cache, access, signal,
      isThere: maker === null ? null : (target, ending) => maker.isThere(placeOnForge(target, forges).name, ending),
      kept: () => Promise.resolve(null),
      keep: (_request, plan) => Promise.resolve(plan),
    });
    onProgress({ phase: 'planning', done: ++done, total: chosen.length });
    return row;
  });
}

async function makerOf({ paths, forges = [] }: OperationContext, { credential }: RestoreAllChoice, target: string): Promise<RepositoryMaker | null> {
  return openMakerOrNull(target, { forges, credential: await nameOfToken(paths.credentials, credential), token: (name) => tokenOf(paths.credentials, name) });
}
