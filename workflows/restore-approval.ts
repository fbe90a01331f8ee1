// A person's decision about a plan: the Updates `approve` and `reject`, valid until the plan expires.
import { condition, defineUpdate, setHandler } from '@temporalio/workflow';
import { PivoError, type FailureKind } from '../contract/failures.ts';
import { UPDATE } from '../contract/names.ts';
import { ApproveInput, RejectInput, type RestoreStatus } from '../contract/restore.ts';
import { parseWorkflowInput, workflowFailure } from './failure.ts';

export type Decision = { approved: true; by: string } | { approved: false; by: string; reason: string | null };

const approveUpdate = defineUpdate<RestoreStatus, [unknown]>(UPDATE.approve);
const rejectUpdate = defineUpdate<RestoreStatus, [unknown]>(UPDATE.reject);

export interface Approval {
  /** The decision, or null when nobody decided within `seconds`. */
  decided(seconds: number): Promise<Decision | null>;
}

/** Takes decisions while `status` says that one is awaited; anything else is refused before it enters the history. */
export function takeDecisions(status: () => RestoreStatus): Approval {
  let decision: Decision | null = null;
  const open = (): boolean => decision === null && status().state === 'awaiting approval';
  const refuse = (kind: FailureKind, message: string, hint: string): never => {
    throw workflowFailure(new PivoError(kind, message, { hint }).report());
  };
  const checkOpen = (): void => {
    const { restoreId, state } = status();
    if (!open()) refuse('InvalidInput', `restore ${restoreId} awaits no decision: it is ${decision === null ? state : 'decided'}`, state === 'planning' ? 'Wait until its plan is made.' : 'There is nothing more to decide.');
  };
  const checkHash = (hash: string): void => {
    const { restoreId, planHash } = status();
    if (hash !== planHash) refuse('PlanChanged', `that is not the plan of restore ${restoreId}: its hash is ${planHash}, not ${hash}`, 'Look at the plan and approve the hash that it shows.');
  };
  setHandler(approveUpdate, (input) => {
    decision = { approved: true, by: ApproveInput.parse(input).approver };
    return status();
  }, { validator: (input) => {
    const { planHash } = parseWorkflowInput(ApproveInput, input, 'approve');
    checkOpen();
    checkHash(planHash);
  } });
  setHandler(rejectUpdate, (input) => {
    const { approver, reason = null } = RejectInput.parse(input ?? {});
    decision = { approved: false, by: approver, reason };
    return status();
  }, { validator: (input) => {
    const { planHash } = parseWorkflowInput(RejectInput, input ?? {}, 'reject');
    checkOpen();
    if (planHash !== undefined) checkHash(planHash);
  } });
  return {
    async decided(seconds) {
      await condition(() => decision !== null, seconds * 1000);
      return decision;
    },
  };
}
