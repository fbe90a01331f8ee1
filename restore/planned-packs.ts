// The packs that a plan needs, as the visits that it names prove them.
import { readPackProof } from '../archive/repairs.ts';
import type { Store } from '../archive/store.ts';
import { readVisit } from '../archive/visits.ts';
import type { RestorePlan } from '../contract/restore.ts';
import type { PackProof } from '../contract/visit.ts';

/** In the order of the plan. Fails as `readVisit` does, and with Damaged when a visit does not list what it should. */
export async function plannedPacks(store: Store, plan: RestorePlan): Promise<PackProof[]> {
  const listed = new Map((await readVisit(store, plan.repository, plan.point.visit)).packs.map((proof) => [proof.name, proof]));
  const packs: PackProof[] = [];
  for (const { name, visit = plan.point.visit } of plan.packs) packs.push(listed.get(name) ?? (await readPackProof(store, plan.repository, { name, visit })));
  return packs;
}
