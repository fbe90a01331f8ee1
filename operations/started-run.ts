// Starting a run of which there is one at a time under its id, or joining it, and following it to its end.
import type { Client, WorkflowHandle } from '@temporalio/client';
import { PivoError } from '../contract/failures.ts';
import type { Progress } from '../contract/ingest.ts';
import { TASK_QUEUE } from '../contract/names.ts';
import type { OperationContext, RunOptions } from './operation.ts';

export interface RunToStart {
  type: string;
  workflowId: string;
  input: unknown;
  /** What it does, for the server's own page. */
  summary: string;
}

export interface StartedRun {
  workflowId: string;
  runId: string;
  /** True when a run that was going on already is the one. */
  joined: boolean;
}

/** Starts the run, or finds the one that goes on under its id. Fails with Unavailable. */
export async function startOrJoin(context: OperationContext, { type, workflowId, input, summary }: RunToStart): Promise<StartedRun> {
  const { isAlreadyRunning, runFailure, runningRun } = await import('./temporal-run.ts');
  const client = await context.temporal();
  try {
    const handle = await client.workflow.start(type, { workflowId, taskQueue: TASK_QUEUE, args: [input], workflowIdConflictPolicy: 'FAIL', memo: { requestedBy: context.caller.user }, staticSummary: summary });
    return { workflowId, runId: handle.firstExecutionRunId, joined: false };
  } catch (error) {
    if (!isAlreadyRunning(error)) throw runFailure(error, workflowId);
    return { workflowId, runId: (await runningRun(client, workflowId)).runId, joined: true };
  }
}

/** Waits for its result; its progress is the heartbeat of its act, or what `look` tells. When the caller gives up, the starter's run is cancelled; a joined one goes on. */
export async function followStarted<T>(context: OperationContext, { workflowId, runId, joined }: StartedRun, options: RunOptions, look?: () => Promise<Progress>): Promise<T> {
  const client = await context.temporal();
  const handle = joined ? client.workflow.getHandle(workflowId, runId) : client.workflow.getHandle(workflowId, undefined, { firstExecutionRunId: runId });
  return followToEnd<T>(client, handle, joined, options, look);
}

/** As `followStarted`, of a run whose handle is known. Fails with what the run failed with, and with Cancelled. */
export async function followToEnd<T>(client: Client, handle: WorkflowHandle, joined: boolean, { signal, onProgress }: RunOptions, look?: () => Promise<Progress>): Promise<T> {
  const { followRun } = await import('./temporal-run.ts');
  const detach = new AbortController();
  const giveUp = (): void => {
    if (joined) detach.abort(new PivoError('Cancelled', `detached from ${handle.workflowId}, which was going on before and goes on`, { hint: '`pivo jobs` shows it.' }));
    else handle.cancel().catch((error: unknown) => detach.abort(error));
  };
  signal.addEventListener('abort', giveUp, { once: true });
  if (signal.aborted) giveUp();
  try {
    return await followRun<T>(client, handle, { onProgress, detach: detach.signal, look });
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}
