// What the acts of a restore of many work with: the forge of the target, the repositories of a source, and what is kept in the store.
import { createHash } from 'node:crypto';
import { plansPath } from '../../archive/layout.ts';
import { readSmall } from '../../archive/read.ts';
import type { Store } from '../../archive/store.ts';
import { isPivoError, PivoError } from '../../contract/failures.ts';
import type { RestoreJob } from '../../contract/restore.ts';
import { memberRequest, memberRestoreId, type ChosenRestore, type RestoreAllJob, type RestoreAllPlan } from '../../contract/restore-all.ts';

/** The job of one member, as the acts of a restore take it. */
export function memberJob({ restoreId, workflow, request }: RestoreAllJob, member: Pick<ChosenRestore, 'repository' | 'target'>): RestoreJob {
  return { restoreId: memberRestoreId(restoreId, member.repository), workflow, request: memberRequest(request, member) };
}

/** The plan of many that was approved. Fails with NotFound, and with PlanChanged when the file is another one by now. */
export async function approvedPlan(store: Store, restoreId: string, planHash: string): Promise<RestoreAllPlan> {
  const bytes = await readSmall(store, plansPath(restoreId));
  if (createHash('sha256').update(bytes).digest('hex') === planHash) return JSON.parse(bytes.toString('utf8')) as RestoreAllPlan;
  throw new PivoError('PlanChanged', `${plansPath(restoreId)} is not the plan that was approved`, { hint: 'Somebody changed it in the store. Start the restore again.' });
}

/** Writes a document once; another attempt's is the one that counts. */
export async function keptOnce<T>(store: Store, path: string, text: string, signal?: AbortSignal): Promise<T> {
  try {
    await store.create(path, Buffer.from(text), signal);
  } catch (error) {
    if (!isPivoError(error, 'Exists')) throw error;
  }
  return JSON.parse((await readSmall(store, path)).toString('utf8')) as T;
}
