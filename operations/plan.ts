// Operation `plan`: what a restore would do to its target, ref by ref, without starting one.
import type { FailureReport } from '../contract/failures.ts';
import { countActions, planHash } from '../contract/plan.ts';
import { RestoreInput, type PlanAction, type RestorePlan, type RestoreRequest } from '../contract/restore.ts';
import { blockedPlan } from '../restore/blocked.ts';
import { makePlan } from '../restore/make-plan.ts';
import { defineOperation, type OperationContext } from './operation.ts';

export interface PlanAnswer {
  planHash: string;
  counts: Record<PlanAction, number>;
  /** Why the plan cannot be carried out; null when it can. */
  blocked: FailureReport | null;
  plan: RestorePlan;
}

export const plan = defineOperation({
  name: 'plan',
  description: 'Says what a restore would do to its target, ref by ref, and the hash that a person would approve; changes nothing.',
  kind: 'reads',
  input: RestoreInput.pick({ repository: true, target: true, point: true, refs: true, credential: true, lfs: true }),
  async run(context, input, { signal }): Promise<PlanAnswer> {
    const made = await planOf(context, RestoreInput.parse(input), signal);
    return { planHash: planHash(made), counts: countActions(made.refs), blocked: blockedPlan(made)?.report() ?? null, plan: made };
  },
});

async function planOf({ store, library, paths, git }: OperationContext, request: RestoreRequest, signal: AbortSignal): Promise<RestorePlan> {
  const access = { protocols: git.protocols, credentials: paths.credentials, credential: request.credential ?? null, archive: store.localPath(''), restoreId: null };
  return makePlan(request, { store, library, access, signal });
}
