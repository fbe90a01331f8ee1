// Act: ends and removes the runs of conversations whose histories name people: what was said before the vault was on.
import { setTimeout as sleep } from 'node:timers/promises';
import { getClient } from '@temporalio/activity';
import { WorkflowNotFoundError } from '@temporalio/common';
import type { Client } from '@temporalio/client';
import { WORKFLOW } from '../../contract/names.ts';
import type { People } from '../../vault/people.ts';
import type { ActRun, ActivityDeps } from '../act.ts';
import { vaultIn } from './vault-in.ts';

/** Milliseconds that a conversation may take to end; it writes what it was told first. */
const ENDS_WITHIN = 30_000;

/** Milliseconds that Temporal may take to remove a run: it does so after some of its own pauses. */
const REMOVED_WITHIN = 300_000;
const LOOK_EVERY = 1_000;

/** Conversations go on from the state database when somebody asks again. Returns how many runs were removed. */
export async function hideHistories(deps: ActivityDeps, _input: unknown, { signal, onProgress }: ActRun): Promise<number> {
  const { people } = vaultIn(deps);
  const client = getClient();
  const removed: { workflowId: string; runId: string }[] = [];
  for await (const { workflowId, runId, status } of client.workflow.list({ query: `WorkflowType = '${WORKFLOW.conversation}'` })) {
    signal.throwIfAborted();
    onProgress({ phase: 'looking at histories of conversations' });
    if (!namesSomebody(await client.workflow.getHandle(workflowId, runId).fetchHistory(), people)) continue;
    if (status.name === 'RUNNING') await ended(client, workflowId, runId);
    await client.workflowService.deleteWorkflowExecution({ namespace: client.options.namespace, workflowExecution: { workflowId, runId } });
    removed.push({ workflowId, runId });
    onProgress({ phase: 'removing histories of conversations', done: removed.length });
  }
  const until = performance.now() + REMOVED_WITHIN;
  for (const { workflowId, runId } of removed) await gone(client, workflowId, runId, until, signal);
  deps.home?.compactHistories();
  return removed.length;
}

/** True when a payload somewhere in it does; an encrypted one does not. */
function namesSomebody(value: unknown, people: People): boolean {
  if (value instanceof Uint8Array) {
    const text = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('utf8');
    return people.text(text) !== text;
  }
  return typeof value === 'object' && value !== null && Object.values(value).some((each) => namesSomebody(each, people));
}

/** Returns when the server does not know the run any more, or it is late. */
async function gone(client: Client, workflowId: string, runId: string, until: number, signal: AbortSignal): Promise<void> {
  while (performance.now() < until && (await isThere(client, workflowId, runId))) await sleep(LOOK_EVERY, undefined, { signal });
}

async function isThere(client: Client, workflowId: string, runId: string): Promise<boolean> {
  try {
    await client.workflow.getHandle(workflowId, runId).describe();
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

/** Cancelled, so that a turn that goes on is written; ended by force where that takes long. */
async function ended(client: Client, workflowId: string, runId: string): Promise<void> {
  const handle = client.workflow.getHandle(workflowId, runId);
  await handle.cancel().catch(() => {}); // it ended meanwhile
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(() => late.resolve(), ENDS_WITHIN);
  const result = handle.result().then(() => {}, () => {});
  await Promise.race([result, late.promise]);
  clearTimeout(timer);
  await handle.terminate('the vault is being migrated').catch(() => {}); // it ended
}
