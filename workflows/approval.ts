// A person's decision about a plan, of a restore or of a backup: the Updates `approve` and `reject`, valid until the plan expires.
import { condition, defineUpdate, setHandler } from '@temporalio/workflow';
import { PivoError, type FailureKind } from '../contract/failures.ts';
import { UPDATE } from '../contract/names.ts';
import { ApproveInput, RejectInput } from '../contract/restore.ts';
import { parseWorkflowInput, workflowFailure } from './failure.ts';

export type Decision = { approved: true; by: string } | { approved: false; by: string; reason: string | null };

const approveUpdate = defineUpdate<unknown, [unknown]>(UPDATE.approve);
const rejectUpdate = defineUpdate<unknown, [unknown]>(UPDATE.reject);

/** What a decision is about. */
export interface Decidable {
  /** `restore execa-3f9a2c11d0`. */
  name: string;
  state: string;
  planHash: string | null;
}

export interface Approval {
  /** The decision, or null when nobody decided within `seconds`. */
  decided(seconds: number): Promise<Decision | null>;
}

/** Takes decisions while `about` says that one is awaited, and answers them with `status`; anything else is refused before it enters the history. */
export function takeDecisions(about: () => Decidable, status: () => unknown): Approval {
  let decision: Decision | null = null;
  const open = (): boolean => decision === null && about().state === 'awaiting approval';
  const refuse = (kind: FailureKind, message: string, hint: string): never => {
    throw workflowFailure(new PivoError(kind, message, { hint }).report());
  };
  const checkOpen = (): void => {
    const { name, state } = about();
    if (!open()) refuse('InvalidInput', `${name} awaits no decision: it is ${decision === null ? state : 'decided'}`, state === 'planning' ? 'Wait until its plan is made.' : 'There is nothing more to decide.');
  };
  const checkHash = (hash: string): void => {
    const { name, planHash } = about();
    if (hash !== planHash) refuse('PlanChanged', `that is not the plan of ${name}: its hash is ${planHash}, not ${hash}`, 'Look at the plan and approve the hash that it shows.');
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
