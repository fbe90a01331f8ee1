// Act: waits for a run that was going on already, without any say over it.
import { getClient } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { Client } from '@temporalio/client';
import { PivoError, fromReport, reportIn } from '../contract/failures.ts';
import type { ActRun, ActivityDeps } from './act.ts';
import { toApplicationFailure } from './temporal-act.ts';

export interface RunToJoin {
  workflowId: string;
  /** Default: the one that goes on under the id now, or ended last. */
  runId?: string | undefined;
}

/**
 * The result of the shared run. Its failure is this act's failure, never retried: waiting again would not change it.
 * When the signal aborts, the wait ends and the shared run goes on.
 */
export async function joinRun(_deps: ActivityDeps, { workflowId, runId }: RunToJoin, { signal, onProgress }: ActRun): Promise<unknown> {
  onProgress({ phase: `waiting for ${workflowId}, which runs already` });
  return untilAborted(signal, sharedResult(getClient(), { workflowId, runId }));
}

async function sharedResult(client: Client, { workflowId, runId }: RunToJoin): Promise<unknown> {
  try {
    return await client.workflow.getHandle(workflowId, runId).result();
  } catch (error) {
    throw sharedFailure(error, workflowId);
  }
}

/** A failure to ask is retried; a failure that the shared run ended with is not. */
function sharedFailure(error: unknown, workflowId: string): unknown {
  const { name, cause } = error as { name?: string; cause?: unknown };
  if (name !== 'WorkflowFailedError') return error;
  const report = reportIn(error);
  if (report !== null) return toApplicationFailure(fromReport(report), true);
  if (cause instanceof ApplicationFailure) return ApplicationFailure.nonRetryable(cause.message, cause.type);
  return new PivoError('Cancelled', `${workflowId}, which this run joined, was ended: ${(cause as Error | undefined)?.message ?? 'no reason given'}`, { hint: 'Start it again.' });
}

function untilAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const aborted = new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }));
  return Promise.race([work, aborted]);
}
