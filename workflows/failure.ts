// Failures at a workflow's edge: bad input ends it at once, and what an act reported becomes the workflow's own failure.
import { TimeoutType } from '@temporalio/common';
import { ActivityFailure, ApplicationFailure, CancelledFailure, ContinueAsNew, TimeoutFailure, isCancellation } from '@temporalio/workflow';
import type { z } from 'zod';
import { FAILURE_KINDS, PivoError, isPivoError, reportIn, type FailureReport } from '../contract/failures.ts';
import { parseInput } from '../contract/validation.ts';

/** A workflow's failure, as `reportIn` of contract/failures.ts reads it; nothing retries it. */
export function workflowFailure({ kind, message, hint, facts }: FailureReport): ApplicationFailure {
  const report: FailureReport = { kind, message, ...(hint === undefined ? {} : { hint }), ...(facts === undefined ? {} : { facts }) };
  return ApplicationFailure.create({ message: hint === undefined ? message : `${message}\n${hint}`, type: kind, nonRetryable: true, details: [report] });
}

/** `parseInput` for a workflow: wrong input fails the run at once instead of its task for ever. */
export function parseWorkflowInput<S extends z.ZodType>(schema: S, value: unknown, what: string): z.output<S> {
  try {
    return parseInput(schema, value, what);
  } catch (error) {
    throw isPivoError(error) ? workflowFailure(error.report()) : error;
  }
}

/** What an act's failure says, for people; a silent act means a lost worker. */
export function reportOf(error: unknown): FailureReport {
  const report = reportIn(error);
  if (report !== null) return report;
  if (isCancellation(error)) return new PivoError('Cancelled', 'the run was cancelled').report();
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof TimeoutFailure) {
    const step = error instanceof ActivityFailure ? error.activityType : 'a step';
    return new PivoError('WorkerLost', `${step}: its worker did not answer any more`, { hint: 'See `pivo status`, then start it again: what was archived is kept.' }).report();
  }
  return new PivoError('Internal', cause instanceof Error ? cause.message : String(cause), { hint: 'This is a fault of PIVO; the worker\'s log has more.' }).report();
}

/** The error that ends a workflow: a cancellation stays one, a run that goes on as a new one is no failure, everything else tells its report. */
export function endingOf(error: unknown): Error {
  if (error instanceof ContinueAsNew) return error;
  return isCancellation(error) ? new CancelledFailure('the run was cancelled') : workflowFailure(reportOf(error));
}

/** True when trying again can help. */
export const mayPass = (error: unknown): boolean => !FAILURE_KINDS[reportOf(error).kind].permanent;

/** True when no worker took the task in time: the one that the queue belongs to is gone. */
export function workerIsGone(error: unknown): boolean {
  return error instanceof ActivityFailure && error.cause instanceof TimeoutFailure && error.cause.timeoutType === TimeoutType.SCHEDULE_TO_START;
}
