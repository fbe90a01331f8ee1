// Act: waits for the ingest of the same repository that runs already, without any say over it.
import { getClient } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { Client } from '@temporalio/client';
import { PivoError, fromReport, reportIn } from '../contract/failures.ts';
import type { IngestRequest, IngestResult } from '../contract/ingest.ts';
import type { ActRun, ActivityDeps } from './act.ts';
import { toApplicationFailure } from './temporal-act.ts';
import { validateOrigin } from './validate-origin.ts';

export interface JoinInput {
  request: IngestRequest;
  /** Workflow id of the ingest to wait for. */
  workflowId: string;
}

/**
 * The result of the shared run. Its failure is this act's failure, never retried: waiting again would not change it.
 * Fails with NameConflict when the shared run backs up another origin under the same name. When the signal
 * aborts, the wait ends and the shared run goes on.
 */
export async function joinIngest(deps: ActivityDeps, { request, workflowId }: JoinInput, run: ActRun): Promise<IngestResult> {
  const { origin, repository } = await validateOrigin(deps, request);
  run.onProgress({ phase: 'waiting for the ingest that runs already' });
  const result = await untilAborted(run.signal, sharedResult(getClient(), workflowId));
  if (result.origin !== origin) {
    throw new PivoError('NameConflict', `the name "${repository}" belongs to ${result.origin}`, { hint: 'Give this origin another name: --name NAME.', facts: { repository, origin: result.origin } });
  }
  return result;
}

async function sharedResult(client: Client, workflowId: string): Promise<IngestResult> {
  try {
    return (await client.workflow.getHandle(workflowId).result()) as IngestResult;
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
  return new PivoError('Cancelled', `${workflowId}, which this ingest joined, was ended: ${(cause as Error | undefined)?.message ?? 'no reason given'}`, { hint: 'Start the ingest again.' });
}

function untilAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const aborted = new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }));
  return Promise.race([work, aborted]);
}
