// The packs that a plan needs, as its visit proves them.
import type { Store } from '../archive/store.ts';
import { readVisit } from '../archive/visits.ts';
import type { RestorePlan } from '../contract/restore.ts';
import type { PackProof } from '../contract/visit.ts';

/** Fails as `readVisit` does. */
export async function plannedPacks(store: Store, plan: RestorePlan): Promise<PackProof[]> {
  const { packs } = await readVisit(store, plan.repository, plan.point.visit);
  const named = new Set(plan.packs.map((pack) => pack.name));
  return packs.filter((pack) => named.has(pack.name));
}
