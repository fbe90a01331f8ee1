// The repositories of an approved plan of many, each restored by a run of its own, a bounded number of them at a time.
import { ChildWorkflowCancellationType, condition, isCancellation, log, ParentClosePolicy, startChild, workflowInfo } from '@temporalio/workflow';
import { WORKFLOW, restorePlannedWorkflowId } from '../contract/names.ts';
import { memberRestoreId, type PlannedMember, type RestoreAllJob } from '../contract/restore-all.ts';
import { reportOf } from './failure.ts';
import { planning } from './restore-all-steps.ts';
import type { MemberOrder } from './restore-planned.ts';

export interface Window {
  job: RestoreAllJob;
  planHash: string;
  approvedBy: string | null;
  /** Of those that are ready, how many are restored or failed. */
  done: number;
  failed: number;
  /** Names of those that run. */
  running: Set<string>;
  /** Events after which the run goes on as a new one, where the server says nothing earlier. */
  mostEvents: number;
  /** Called when something of it changed. */
  changed(): void;
}

/** Restores what is left of the plan. False: the history is long, and a new run must go on from `done`. Fails when it is cancelled, after those that run have ended. */
export async function restoreMembers(window: Window): Promise<boolean> {
  const failures: unknown[] = [];
  const historyIsLong = (): boolean => workflowInfo().continueAsNewSuggested || workflowInfo().historyLength >= window.mostEvents;
  for (let given = window.done; ; ) {
    const members = await planning.nextMembers({ job: window.job, planHash: window.planHash, after: given });
    for (const member of members) {
      await condition(() => window.running.size < window.job.request.atOnce || failures.length > 0);
      if (failures.length > 0 || historyIsLong()) break;
      given += 1;
      begin(window, member, failures);
    }
    if (failures.length > 0 || historyIsLong() || members.length === 0) {
      await condition(() => window.running.size === 0);
      if (failures.length > 0) throw failures[0];
      return members.length === 0;
    }
  }
}

/** Never fails by itself: a cancellation is put into `failures`, everything else is the outcome of this one. */
function begin(window: Window, member: PlannedMember, failures: unknown[]): void {
  window.running.add(member.repository);
  window.changed();
  void restoreOne(window, member)
    .then((proven) => (window.failed += Number(!proven)), (error: unknown) => failures.push(error))
    .then(() => {
      window.done += 1;
      window.running.delete(member.repository);
      window.changed();
    });
}

async function restoreOne({ job: { restoreId, request }, approvedBy }: Window, member: PlannedMember): Promise<boolean> {
  const order: MemberOrder = { many: restoreId, request, member, approvedBy };
  const id = memberRestoreId(restoreId, member.repository);
  try {
    const child = await startChild<(order: MemberOrder) => Promise<boolean>>(WORKFLOW.restorePlanned, {
      workflowId: restorePlannedWorkflowId(id),
      args: [order],
      parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
      cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
      staticSummary: `Restore ${member.repository} to ${member.target}`.slice(0, 400),
    });
    return await child.result();
  } catch (error) {
    if (isCancellation(error)) throw error;
    log.warn('a repository was not restored', { repository: member.repository, report: reportOf(error) });
    await planning.keepMemberFailure({ restoreId: id, report: reportOf(error) });
    return false;
  }
}
