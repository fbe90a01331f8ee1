// What follows the approval of a restore: reconstruction, push and proof on one worker, and on another when that is gone.
import { log } from '@temporalio/workflow';
import type { PushOutcome, RestoreJob, RestoreReceipt } from '../contract/restore.ts';
import { reportOf, workerIsGone } from './failure.ts';
import { stepsOn } from './restore-steps.ts';

/** How often the plan may be carried out anew because its worker is gone. */
const MOST_STARTS = 10;

/** A plan that is being carried out. */
export interface CarryingOut {
  job: RestoreJob;
  /** The target is a path that PIVO makes. */
  makesTarget: boolean;
  /** Queue of the worker that may have begun to change it. */
  changing: string | null;
  tell(state: 'reconstructing' | 'pushing' | 'verifying'): void;
  /** Looks at the target again; gives the queue of the worker that goes on. */
  goOn(): Promise<string>;
  /** What is done between push and proof. */
  afterPush?(pushed: PushOutcome): Promise<PushOutcome>;
}

export interface CarriedFacts {
  approvedBy: string | null;
  /** When the workflow started, ISO 8601. */
  started: string;
}

/** The receipt; starts over on another worker when the first one is gone. Fails as the steps do. */
export async function carryOut(carrying: CarryingOut, queue: string, facts: CarriedFacts): Promise<RestoreReceipt> {
  for (let [start, on] = [1, queue]; ; start++, on = await carrying.goOn()) {
    try {
      return await carryOutOn(carrying, on, facts);
    } catch (error) {
      if (!workerIsGone(error) || start === MOST_STARTS) throw error;
      log.warn('starting over on another worker', { start, queue: on });
    }
  }
}

async function carryOutOn(carrying: CarryingOut, queue: string, facts: CarriedFacts): Promise<RestoreReceipt> {
  const { job, makesTarget, tell, afterPush } = carrying;
  const { reconstruct, pushRefs, proveRestore } = stepsOn(queue);
  tell('reconstructing');
  const reconstruction = await reconstruct(job);
  tell('pushing');
  if (makesTarget) carrying.changing = queue;
  const pushed = await pushRefs({ job, reconstruction });
  const settled = afterPush === undefined ? pushed : await afterPush(pushed);
  tell('verifying');
  return proveRestore({ job, reconstruction, pushed: settled, ...facts });
}

/** Removes what was begun at a path of its own; that it cannot be is logged, and hides no failure. */
export async function discardBegun({ job, changing }: CarryingOut): Promise<void> {
  if (changing === null) return;
  await stepsOn(changing).discardTarget(job).catch((failure: unknown) => log.error('what was begun at the target is still there', { report: reportOf(failure) }));
}
