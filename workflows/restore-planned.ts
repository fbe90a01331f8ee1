// Workflow `restorePlanned`: carries out the plan of one repository of a restore of many, which was approved with all the others.
import { CancellationScope, defineQuery, isCancellation, log, setCurrentDetails, setHandler, workflowInfo } from '@temporalio/workflow';
import { QUERY } from '../contract/names.ts';
import type { RestoreJob, RestoreStatus } from '../contract/restore.ts';
import { memberRestoreId, memberRequest, type PlannedMember, type RestoreAllRequest } from '../contract/restore-all.ts';
import { endingOf, reportOf } from './failure.ts';
import { patiently } from './patiently.ts';
import { atForge, planning } from './restore-all-steps.ts';
import { auditRestore } from './restore-audit.ts';
import { carryOut, discardBegun, type CarryingOut } from './restore-carry-out.ts';

/** What the restore of many hands to each. */
export interface MemberOrder {
  /** Id of the restore of many. */
  many: string;
  request: Omit<RestoreAllRequest, 'repositories'>;
  member: PlannedMember;
  approvedBy: string | null;
}

const statusQuery = defineQuery<Pick<RestoreStatus, 'restoreId' | 'state' | 'planHash'>>(QUERY.status);

/** True when the repository is proven at its target. What stops it alone is kept for the receipt of receipts, and is no failure; only a cancellation is. */
export async function restorePlanned(order: MemberOrder): Promise<boolean> {
  const { many, request, member, approvedBy } = order;
  const { workflowId, runId, startTime } = workflowInfo();
  const job: RestoreJob = { restoreId: memberRestoreId(many, member.repository), workflow: { id: workflowId, runId }, request: memberRequest(request, member) };
  const status: Pick<RestoreStatus, 'restoreId' | 'state' | 'planHash'> = { restoreId: job.restoreId, state: 'planning', planHash: member.planHash };
  setHandler(statusQuery, () => status);
  const tell = (state: RestoreStatus['state']): void => {
    status.state = state;
    setCurrentDetails(`**${state}**: ${member.repository} at ${request.at} to ${member.target}, of restore ${many}`);
  };
  const carrying = carryingOf(order, job, tell);
  const audited = { planHash: member.planHash, target: member.target };
  try {
    const receipt = await carryOut(carrying, await carrying.goOn(), { approvedBy, started: startTime.toISOString() });
    tell('done');
    await CancellationScope.nonCancellable(() => auditRestore(job, audited, { receipt }));
    return true;
  } catch (error) {
    tell(isCancellation(error) ? 'cancelled' : 'failed');
    await CancellationScope.nonCancellable(() => endBadly(carrying, audited, error));
    if (isCancellation(error)) throw endingOf(error);
    return false;
  }
}

function carryingOf({ many, member }: MemberOrder, job: RestoreJob, tell: (state: RestoreStatus['state']) => void): CarryingOut {
  const waiting = (until: string | null): void => {
    if (until !== null) setCurrentDetails(`waiting until ${until}, as the forge asks`);
  };
  return {
    job,
    makesTarget: member.makes === 'folder',
    changing: null,
    tell,
    goOn: () => patiently(() => atForge.beginMember({ many, job, planHash: member.planHash }), waiting),
    ...(member.makes === 'forge' ? { afterPush: (pushed) => patiently(() => atForge.restoreForgeHead({ job, pushed }), waiting) } : {}),
  };
}

/** Tidies up and keeps why; neither may hide the failure itself. */
async function endBadly(carrying: CarryingOut, audited: { planHash: string; target: string }, error: unknown): Promise<void> {
  const { job } = carrying;
  const report = reportOf(error);
  await discardBegun(carrying);
  await planning.keepMemberFailure({ restoreId: job.restoreId, report }).catch((failure: unknown) => log.error('the failure was not kept', { report, failure: reportOf(failure) }));
  await auditRestore(job, audited, { report });
}

