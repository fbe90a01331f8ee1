// Act: tells the workflow `pushBackups` what the pushes of a batch mean.
import { createHash } from 'node:crypto';
import { getClient } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { PivoError } from '../../contract/failures.ts';
import { PUSHES_SIGNAL, type PushesSignal, type PushesView } from '../../contract/push.ts';
import { QUERY, TASK_QUEUE, WORKFLOW, pushBackupsWorkflowId } from '../../contract/names.ts';
import { useRecords } from '../../records/open.ts';
import type { CollapsedPush } from '../../records/store.ts';
import type { ActRun, ActivityDeps } from '../act.ts';
import { knownOrigins } from './known-origins.ts';
import { resolvePushes, type Resolved } from './resolve-pushes.ts';

/** Origins of one signal. */
const A_SIGNAL = 100;
/** Bytes that the workflow may hold before it is told of more: all of it travels from run to run, and Temporal takes 2 MB in one piece. */
const FULL = 1_000_000;

/**
 * Tells of every push that the batch stored. Done again, nothing counts twice. Fails with Unavailable while more waits
 * than the workflow can hold, so that the pushes stay in the spool meanwhile, and as the records and the store do.
 */
export async function requestPushBackups(deps: ActivityDeps, { tag }: { tag: string }, run: ActRun): Promise<void> {
  const { store, push, workerId } = deps;
  const pushes = await pushesOf(deps, tag);
  if (pushes.length === 0 || push === undefined) return;
  const resolved = resolvePushes(pushes, await knownOrigins(store, run.signal), push.sources);
  for (const { source, repository, count } of resolved.ignored) run.log.info({ source, pushed: repository, count }, 'a push was ignored: its repository is not known, and no webhook may make it known');
  const client = getClient();
  const workflowId = pushBackupsWorkflowId(workerId);
  const { every, atOnce } = push;
  for (const signal of signalsOf(tag, resolved, { every, atOnce })) {
    await checkRoom(client, workflowId);
    await client.workflow.signalWithStart(WORKFLOW.pushBackups, { workflowId, taskQueue: TASK_QUEUE, args: [{}], signal: PUSHES_SIGNAL, signalArgs: [signal], staticSummary: 'Back up what was pushed to' });
  }
  run.log.info({ tag, repositories: resolved.pushed.length, ignored: resolved.ignored.length }, 'pushes were handed over');
}

async function pushesOf({ records: settings }: ActivityDeps, tag: string): Promise<CollapsedPush[]> {
  if (settings === undefined) throw new PivoError('InvalidInput', 'this worker stores no records', { facts: { tag } });
  return useRecords(settings, (records) => records.pushesOf(tag));
}

/** A workflow that is not there, or that cannot be asked now, waits for nothing. */
async function checkRoom(client: Client, workflowId: string): Promise<void> {
  const view = await client.workflow.getHandle(workflowId).query<PushesView, [number]>(QUERY.status, 0).catch(() => null);
  if (view === null || view.size < FULL) return;
  throw new PivoError('Unavailable', `${view.waiting + view.failed} repositories wait for backups that pushes asked for`, { hint: '`pivo pushes` lists them; more at once (`atOnce` of [push]) end sooner.' });
}

/** Named by what they tell: an attempt that finds another archive tells of all of it again. */
function signalsOf(tag: string, { pushed, ignored }: Resolved, settings: PushesSignal['settings']): PushesSignal[] {
  const parts = Math.ceil(Math.max(pushed.length, ignored.length) / A_SIGNAL);
  const part = <T>(list: readonly T[], at: number): T[] => list.slice(at * A_SIGNAL, (at + 1) * A_SIGNAL);
  return Array.from({ length: parts }, (_, at) => {
    const told = { pushed: part(pushed, at), ignored: part(ignored, at) };
    return { id: `${tag}#${createHash('sha256').update(JSON.stringify(told)).digest('hex').slice(0, 16)}`, settings, ...told };
  });
}
