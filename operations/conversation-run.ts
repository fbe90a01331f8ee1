// Following a turn from outside: its progress while it runs, its result however it ends.
import type { Client } from '@temporalio/client';
import { conversationWorkflowId, type ConversationStart, type TurnInput, type TurnProgress, type TurnResult } from '../contract/conversation.ts';
import { QUERY, TASK_QUEUE, UPDATE, WORKFLOW } from '../contract/names.ts';
import type { RunOptions } from './operation.ts';

/** Milliseconds between two looks at a turn that runs. */
const LOOK_EVERY = 100;

/** Starts the turn, and the conversation's run where none goes on; the answer comes when the turn has ended, or only begun. */
async function send(client: Client, conversation: string, input: TurnInput, until: 'begun' | 'ended'): Promise<TurnResult | null> {
  const [{ WithStartWorkflowOperation }, { runFailure }] = await Promise.all([import('@temporalio/client'), import('./temporal-run.ts')]);
  const workflowId = conversationWorkflowId(conversation);
  const startWorkflowOperation = new WithStartWorkflowOperation(WORKFLOW.conversation, {
    workflowId,
    taskQueue: TASK_QUEUE,
    args: [{} satisfies ConversationStart],
    workflowIdConflictPolicy: 'USE_EXISTING',
    memo: { requestedBy: input.speaker.user },
    staticSummary: (input.title ?? input.text).slice(0, 200),
  });
  const update = { args: [input] as [TurnInput], updateId: input.turn, startWorkflowOperation };
  try {
    if (until === 'ended') return await client.workflow.executeUpdateWithStart<() => Promise<void>, TurnResult, [TurnInput]>(UPDATE.turn, update);
    await client.workflow.startUpdateWithStart<() => Promise<void>, TurnResult, [TurnInput]>(UPDATE.turn, { ...update, waitForStage: 'ACCEPTED' });
    return null;
  } catch (error) {
    throw runFailure(error, workflowId);
  }
}

/** Begins the turn and does not wait for it. Fails with InvalidInput, Unavailable. */
export async function beginTurn(client: Client, conversation: string, input: TurnInput): Promise<void> {
  await send(client, conversation, input, 'begun');
}

/**
 * Runs one turn and tells its progress. When the caller gives up, the turn is stopped, and what it had is the answer.
 * Fails with InvalidInput, Unavailable; a turn that failed is an answer that says so.
 */
export async function followTurn(client: Client, conversation: string, input: TurnInput, { signal, onProgress }: RunOptions): Promise<TurnResult> {
  const ended = new AbortController();
  const failed = new AbortController();
  const giveUp = (): void => void stopWhenThere(client, conversation, input.turn, ended.signal).catch((error: unknown) => failed.abort(error));
  const looking = tellProgress(client, conversation, input.turn, (turn) => onProgress({ phase: 'answering', turn }), ended.signal);
  signal.addEventListener('abort', giveUp, { once: true });
  if (signal.aborted) giveUp();
  try {
    return (await client.withAbortSignal(failed.signal, () => send(client, conversation, input, 'ended'))) as TurnResult;
  } finally {
    signal.removeEventListener('abort', giveUp);
    ended.abort();
    await looking;
  }
}

/**
 * Tells the progress of a turn that was begun elsewhere, or before; its result when it has ended. To give up leaves it as it is.
 * Fails with NotFound, Unavailable, and with the signal's reason.
 */
export async function watchTurn(client: Client, conversation: string, turn: string, { signal, onProgress }: RunOptions): Promise<TurnResult> {
  const { runFailure } = await import('./temporal-run.ts');
  const handle = client.workflow.getHandle(conversationWorkflowId(conversation));
  const ended = new AbortController();
  const looking = tellProgress(client, conversation, turn, (progress) => onProgress({ phase: 'answering', turn: progress }), AbortSignal.any([ended.signal, signal]));
  try {
    return await client.withAbortSignal(signal, () => handle.getUpdateHandle<TurnResult>(turn).result());
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw runFailure(error, handle.workflowId);
  } finally {
    ended.abort();
    await looking;
  }
}

/** Stops the turn that runs, or the given one also where it only waits. True when there was one. */
export async function stopTurn(client: Client, conversation: string, turn?: string): Promise<boolean> {
  const { runFailure } = await import('./temporal-run.ts');
  const workflowId = conversationWorkflowId(conversation);
  try {
    return await client.workflow.getHandle(workflowId).executeUpdate<boolean, [{ turn?: string }]>(UPDATE.stop, { args: [turn === undefined ? {} : { turn }] });
  } catch (error) {
    const failure = runFailure(error, workflowId);
    if (failure.kind === 'NotFound') return false;
    throw failure;
  }
}

/** Stops a turn that was sent and may not have arrived yet. */
async function stopWhenThere(client: Client, conversation: string, turn: string, ended: AbortSignal): Promise<void> {
  const { setTimeout: delay } = await import('node:timers/promises');
  while (!ended.aborted && !(await stopTurn(client, conversation, turn))) await delay(LOOK_EVERY);
}

/** Tells where the turn is whenever that has changed. */
async function tellProgress(client: Client, conversation: string, turn: string, tell: (progress: TurnProgress) => void, ended: AbortSignal): Promise<void> {
  const { setTimeout: delay } = await import('node:timers/promises');
  const look = lookAt(client, conversation);
  let told = '';
  while (await delay(LOOK_EVERY, true, { signal: ended }).catch(() => false)) {
    const progress = await look().catch(() => null); // a look that fails is repeated
    const text = JSON.stringify(progress);
    if (progress === null || progress.turn !== turn || text === told || ended.aborted) continue;
    told = text;
    tell(progress);
  }
}

/** Asks the run only when its history has grown; between that the text comes from the heartbeats of the model's step. */
function lookAt(client: Client, conversation: string): () => Promise<TurnProgress | null> {
  const handle = client.workflow.getHandle(conversationWorkflowId(conversation));
  let length = '';
  let current: TurnProgress | null = null;
  return async () => {
    const { heartbeatOf } = await import('./temporal-run.ts');
    const { raw } = await handle.describe();
    const now = `${raw.workflowExecutionInfo?.execution?.runId} ${String(raw.workflowExecutionInfo?.historyLength)}`;
    if (now !== length) [current, length] = [await handle.query<TurnProgress | null>(QUERY.status), now];
    const step = raw.pendingActivities?.find(({ activityType }) => activityType?.name === 'modelStep');
    const beat = step === undefined ? null : await heartbeatOf<{ text?: string }>(client, step);
    return current === null || typeof beat?.text !== 'string' ? current : { ...current, text: beat.text };
  };
}
