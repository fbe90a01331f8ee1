// Following a workflow from outside: its progress while it runs, its result or its failure as a PivoError.
import type { Client, WorkflowHandle } from '@temporalio/client';
import { PivoError, fromReport, reportIn } from '../contract/failures.ts';
import type { Progress } from '../contract/ingest.ts';

/** Milliseconds between two looks at a run's progress. */
const LOOK_EVERY = 250;

export interface Following {
  onProgress(progress: Progress): void;
  /** Ends the following, not the run, when it aborts; its reason is what the caller sees. */
  detach: AbortSignal;
  /** What the run says of itself. Default: what the act that it waits for said last. */
  look?: (() => Promise<Progress | null>) | undefined;
}

/** Waits for the result and tells the progress meanwhile. Fails with what the run failed with. */
export async function followRun<T>(client: Client, handle: WorkflowHandle, { onProgress, detach, look = () => progressOf(client, handle) }: Following): Promise<T> {
  const ended = new AbortController();
  const looking = tellProgress(look, onProgress, AbortSignal.any([ended.signal, detach]));
  try {
    detach.throwIfAborted();
    return (await client.withAbortSignal(detach, () => handle.result())) as T;
  } catch (error) {
    if (detach.aborted) throw detach.reason;
    throw runFailure(error, handle.workflowId);
  } finally {
    ended.abort();
    await looking;
  }
}

async function tellProgress(look: () => Promise<Progress | null>, onProgress: (progress: Progress) => void, ended: AbortSignal): Promise<void> {
  const { setTimeout: delay } = await import('node:timers/promises');
  let told = '';
  while (await delay(LOOK_EVERY, true, { signal: ended }).catch(() => false)) {
    const progress = await look().catch(() => null); // a look that fails is repeated
    const text = JSON.stringify(progress);
    if (progress === null || text === told || ended.aborted) continue;
    told = text;
    onProgress(progress);
  }
}

/** Failed attempts at a step after which its worker is not merely unlucky. */
const STUCK_AFTER = 2;

/** The last heartbeat of the act that runs; that the run is stuck, where its workers cannot even read it; null between two acts. */
async function progressOf(client: Client, handle: WorkflowHandle): Promise<Progress | null> {
  const { raw } = await handle.describe();
  const pending = raw.pendingActivities?.[0];
  if (pending?.heartbeatDetails?.payloads?.[0] === undefined) return (raw.pendingWorkflowTask?.attempt ?? 0) > STUCK_AFTER ? { phase: 'waiting: the worker fails at the next step, see its log' } : null;
  return heartbeatOf<Progress>(client, pending);
}

type PendingActivity = NonNullable<Awaited<ReturnType<WorkflowHandle['describe']>>['raw']['pendingActivities']>[number];

/** What an act said last; null when it said nothing yet. */
export async function heartbeatOf<T>(client: Client, { heartbeatDetails }: PendingActivity): Promise<T | null> {
  const payload = heartbeatDetails?.payloads?.[0];
  if (payload === undefined) return null;
  const { payloadConverter, payloadCodecs } = client.options.loadedDataConverter;
  let plain = [payload];
  for (const codec of payloadCodecs.toReversed()) plain = await codec.decode(plain);
  return payloadConverter.fromPayload<T | undefined>(plain[0] ?? payload) ?? null; // a first beat may come without details
}

/** What went wrong with a run, or with asking for it, as the kind that the doors know. */
export function runFailure(error: unknown, workflowId: string): PivoError {
  if (error instanceof PivoError) return error;
  const report = reportIn(error);
  if (report !== null) return fromReport(report, error);
  const { name, message, cause } = error as { name?: string; message?: string; cause?: { name?: string; message?: string } };
  if (name === 'WorkflowFailedError') return endedBy(cause, workflowId, error);
  if (name === 'WorkflowNotFoundError') return new PivoError('NotFound', `there is no run ${workflowId}`, { cause: error });
  return new PivoError('Unavailable', `Temporal could not be asked about ${workflowId}: ${cause?.message ?? message}`, { hint: 'See `pivo status`; what was started goes on by itself.', cause: error });
}

function endedBy(cause: { name?: string; message?: string } | undefined, workflowId: string, error: unknown): PivoError {
  if (cause?.name === 'CancelledFailure') return new PivoError('Cancelled', `${workflowId} was cancelled`, { cause: error });
  if (cause?.name === 'TerminatedFailure') return new PivoError('Cancelled', `${workflowId} was terminated`, { cause: error });
  return new PivoError('Internal', `${workflowId} failed: ${cause?.message ?? 'no reason given'}`, { cause: error });
}

/** True when a start was refused because a run of that id is going on. */
export const isAlreadyRunning = (error: unknown): boolean => (error as { name?: string }).name === 'WorkflowExecutionAlreadyStartedError';

/** The run that goes on under an id now, pinned. */
export async function runningRun(client: Client, workflowId: string): Promise<WorkflowHandle & { runId: string }> {
  const { runId } = await client.workflow.getHandle(workflowId).describe();
  return Object.assign(client.workflow.getHandle(workflowId, runId), { runId });
}
