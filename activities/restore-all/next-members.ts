// Act: the next repositories of an approved plan of many that are to be restored.
import type { PlannedMember, RestoreAllJob } from '../../contract/restore-all.ts';
import type { ActRun, ActivityDeps } from '../act.ts';
import { approvedPlan } from './ports.ts';

export interface NextInput {
  job: RestoreAllJob;
  planHash: string;
  /** How many of those that are ready were given already. */
  after: number;
}

/** Members that travel through the history at once. */
const A_PAGE = 100;

/** None when all were given. Fails with PlanChanged when the stored plan is not the approved one. */
export async function nextMembers({ store }: ActivityDeps, { job, planHash, after }: NextInput, { onProgress }: ActRun): Promise<PlannedMember[]> {
  onProgress({ phase: 'reading the plan' });
  const { repositories } = await approvedPlan(store, job.restoreId, planHash);
  const ready = repositories.filter(({ state }) => state === 'ready').slice(after, after + A_PAGE);
  return ready.map(({ repository, target, planHash, makes }) => ({ repository, target, planHash: planHash ?? '', makes }));
}
