// Act: says what a backup would do, without going near its origin.
import type { IngestPlan, IngestRequest } from '../contract/ingest.ts';
import { planHash } from '../contract/plan.ts';
import type { ActivityDeps } from './act.ts';
import { validateOrigin } from './validate-origin.ts';

/** The plan that a person approves, and its hash. Fails as `validateOrigin` does. */
export async function planIngest(deps: ActivityDeps, { request }: { request: IngestRequest }): Promise<{ plan: IngestPlan; planHash: string }> {
  const { repository, origin } = await validateOrigin(deps, request);
  const { credential = null, checkout, lfs, limits } = request;
  const plan: IngestPlan = { formatVersion: 1, repository, origin, credential, checkout, lfs, limits };
  return { plan, planHash: planHash(plan) };
}
