// Acts of a retention: the plan that was approved is made again, then each repository is recorded and its checkouts go.
import { planRepositoryRetention, planRetention, stillUnneeded } from '../../archive/retention-plan.ts';
import { addRetention, listRetentions, readRetention } from '../../archive/retentions.ts';
import { repositoryPath } from '../../archive/layout.ts';
import { PivoError } from '../../contract/failures.ts';
import type { RemovedCheckout, Retained, RetainItem, RetainRequest, RetentionPolicy } from '../../contract/retention.ts';
import type { ActRun, ActivityDeps } from '../act.ts';
import { awaitIngestEnd } from './await-ingest-end.ts';

/** The repositories of the plan with this hash, with the hash of each. Fails with PlanChanged where no plan of now has it, and with InvalidInput where retention is off. */
export async function planRetain(deps: ActivityDeps, { hash, repository }: RetainRequest, run: ActRun): Promise<Pick<RetainItem, 'repository' | 'hash'>[]> {
  const onProgress = (done: number, total: number): void => run.onProgress({ phase: 'planning', done, total });
  const plan = await planRetention(deps.store, { policy: policyOf(deps), now: new Date(), repository, signal: run.signal, onProgress });
  const going = plan.repositories.filter(({ checkouts }) => checkouts.length > 0).map(({ repository, hash }) => ({ repository, hash }));
  if (plan.hash === hash) return going;
  const one = going.find((each) => each.hash === hash);
  if (one === undefined) throw changed('the plan');
  return [one];
}

/** Writes down what goes, before anything does; repeated, it is the same record. Returns its number. Fails with PlanChanged. */
export async function recordRetention(deps: ActivityDeps, { repository, hash, by, runId }: RetainItem, run: ActRun): Promise<number> {
  const { store } = deps;
  const known = (await listRetentions(store, repository)).find((record) => record.runId === runId);
  if (known !== undefined) return known.number;
  const plan = await planRepositoryRetention(store, repository, policyOf(deps), new Date(), run.signal);
  if (plan.hash !== hash) throw changed(`the plan for ${repository}`);
  const record = await addRetention(store, { repository, plan: hash, by, time: new Date().toISOString(), runId, checkouts: plan.checkouts }, run.signal);
  run.log.info({ repository, record: record.number, checkouts: record.checkouts.length }, 'checkouts are to be removed');
  return record.number;
}

/** Removes what a record names and no visit needs since; repeated, it ends what an attempt left. Fails as the store does. */
export async function removeCheckouts(deps: ActivityDeps, { repository, record: number }: { repository: string; record: number }, run: ActRun): Promise<Retained> {
  const { store } = deps;
  if (run.attempt > 1) await awaitIngestEnd(deps, { repository }, run); // a backup since the first attempt may have laid out anew what that removed
  const { checkouts } = await readRetention(store, repository, number);
  const going = await stillUnneeded(store, repository, checkouts, run.signal);
  for (const [done, { path }] of going.entries()) {
    run.signal.throwIfAborted();
    run.onProgress({ phase: `removing checkouts of ${repository}`, done, total: going.length });
    await store.removeCheckout(`${repositoryPath(repository)}/${path}`);
  }
  const sum = (of: (checkout: RemovedCheckout) => number): number => going.reduce((total, checkout) => total + of(checkout), 0);
  const stayed = checkouts.filter((checkout) => !going.includes(checkout)).map(({ path }) => path);
  return { repository, record: number, removed: going.length, files: sum(({ files }) => files), bytes: sum(({ bytes }) => bytes), stayed };
}

function policyOf({ retention = {} }: ActivityDeps): RetentionPolicy {
  if (retention.checkouts !== undefined) return retention;
  throw new PivoError('InvalidInput', 'retention is off: the worker knows no policy', { hint: 'Set `checkouts` in `[retention]` of config.toml, then restart PIVO.' });
}

const changed = (what: string): PivoError =>
  new PivoError('PlanChanged', `${what} is another one by now: nothing of it was removed`, { hint: 'Look at it again with `pivo retention plan`; after a change of config.toml, restart PIVO first.' });
