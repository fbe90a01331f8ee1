// The plan and the receipt of a restore as the store keeps them.
import { planPath, receiptPath } from '../../archive/layout.ts';
import type { Store } from '../../archive/store.ts';
import { PivoError } from '../../contract/failures.ts';
import type { RestoreJob, RestorePlan, RestoreReceipt } from '../../contract/restore.ts';
import { checkUrl } from '../../git/url.ts';
import type { ActivityDeps } from '../act.ts';
import { storedJsonOrNull } from './stored-json.ts';

/** The plan that is kept for this restore, or null. Fails with Exists when it is the plan of something else. */
export async function storedPlan({ store, protocols }: ActivityDeps, { restoreId, request }: RestoreJob): Promise<RestorePlan | null> {
  const plan = await storedJsonOrNull<RestorePlan>(store, planPath(restoreId));
  if (plan === null) return null;
  if (plan.repository === request.repository && plan.point.asked === request.point && plan.target === checkUrl(request.target, protocols).url) return plan;
  throw new PivoError('Exists', `the restore ${restoreId} is one of ${plan.repository} to ${plan.target}`, { hint: 'Start this one under another workflow id.' });
}

/** The plan of a restore that was planned. Fails with NotFound. */
export async function plannedRestore(deps: ActivityDeps, job: RestoreJob): Promise<RestorePlan> {
  const plan = await storedPlan(deps, job);
  if (plan === null) throw new PivoError('NotFound', `the plan of restore ${job.restoreId} is not in the store`, { hint: 'Start the restore again.' });
  return plan;
}

/** The receipt of a restore that is done, or null. */
export const storedReceipt = (store: Store, restoreId: string): Promise<RestoreReceipt | null> => storedJsonOrNull(store, receiptPath(restoreId));
