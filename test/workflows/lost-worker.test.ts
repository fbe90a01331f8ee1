// Workers killed in the middle of an ingest: the run finishes, on the same worker started again or on another one.
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ingestWorkflowId, workerQueue } from '../../contract/names.ts';
import { ingestActs } from '../harness/ingest-acts.ts';
import { startTemporal, startWorker, unique, type TestTemporal } from '../harness/temporal.ts';

const ENTRY = fileURLToPath(new URL('../harness/stalling-worker.ts', import.meta.url));

let temporal: TestTemporal;
beforeAll(async () => {
  temporal = await startTemporal();
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await temporal.stop();
});

const children: ChildProcess[] = [];

async function spawnWorker(taskQueue: string, workerId: string): Promise<ChildProcess> {
  const child = fork(ENTRY, [temporal.server.address, temporal.folder, taskQueue, workerId]);
  children.push(child);
  await once(child, 'message');
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

/** An ingest whose worker was killed in its fetch. */
async function ingestOfKilledWorker(taskQueue: string, workerId: string): Promise<WorkflowHandle> {
  const child = await spawnWorker(taskQueue, workerId);
  const stalled = once(child, 'message');
  const name = unique('repo');
  const handle = await temporal.client.workflow.start('ingest', { taskQueue, workflowId: ingestWorkflowId(name), args: [{ url: `https://host.example/${name}.git` }] });
  await stalled;
  await expect.poll(async () => (await temporal.run('workflow', 'list', '--query', `WorkflowId = "${handle.workflowId}"`, '--output', 'json')).stdout).toContain('WORKFLOW_EXECUTION_STATUS_RUNNING');
  await kill(child);
  return handle;
}

/** Queue of each fetch and, for the last one, what its attempt before failed with. */
async function fetchesOf(handle: WorkflowHandle): Promise<{ queues: string[]; lastFailure: string | null | undefined }> {
  const { events } = await handle.fetchHistory();
  const scheduled = (events ?? []).filter(({ activityTaskScheduledEventAttributes: attributes }) => attributes?.activityType?.name === 'fetchOrigin');
  const last = scheduled.at(-1)?.eventId?.toString();
  const started = (events ?? []).find(({ activityTaskStartedEventAttributes: attributes }) => attributes?.scheduledEventId?.toString() === last);
  return {
    queues: scheduled.map(({ activityTaskScheduledEventAttributes: attributes }) => attributes?.taskQueue?.name ?? ''),
    lastFailure: started?.activityTaskStartedEventAttributes?.lastFailure?.message,
  };
}

// On a machine too busy to start the next worker within the heartbeat timeout, the timeout is first: then it is tried again.
it('a worker started again after SIGKILL ends the attempt that it left behind, and does it anew', { retry: 3 }, async () => {
  const [taskQueue, workerId] = [unique('queue'), unique('worker')];
  const handle = await ingestOfKilledWorker(taskQueue, workerId);
  await spawnWorker(taskQueue, workerId);
  expect(await handle.result()).toMatchObject({ visit: 1, events: 2 });
  expect(await fetchesOf(handle)).toEqual({ queues: [workerQueue(workerId)], lastFailure: 'the worker of this attempt ended' });
});

it('a worker that never comes back is replaced: the sequence starts over on the queue of another', async () => {
  const [taskQueue, lost] = [unique('queue'), unique('worker')];
  const handle = await ingestOfKilledWorker(taskQueue, lost);
  const acts = ingestActs();
  const other = await startWorker(temporal, { taskQueue, standIns: acts.standIns });
  expect(await handle.result()).toMatchObject({ visit: 1, events: 2 });
  expect((await fetchesOf(handle)).queues).toEqual([workerQueue(lost), workerQueue(other.workerId)]);
  expect(acts.done).toEqual(['fetchOrigin', 'putPacks', 'putLfs', 'putCheckout', 'putVisit', 'emitVisit']);
  await other.stop();
});

it('a worker that was told to end hands its act back, and the next one does it', async () => {
  const [taskQueue, workerId] = [unique('queue'), unique('worker')];
  const began = Promise.withResolvers<void>();
  const stalling = ingestActs({
    fetchOrigin: (_deps, _job, run) =>
      new Promise((_, reject) => {
        run.signal.addEventListener('abort', () => reject(run.signal.reason as Error), { once: true });
        began.resolve();
      }),
  });
  const first = await startWorker(temporal, { taskQueue, workerId, standIns: stalling.standIns });
  const name = unique('repo');
  const handle = await temporal.client.workflow.start('ingest', { taskQueue, workflowId: ingestWorkflowId(name), args: [{ url: `https://host.example/${name}.git` }] });
  await began.promise;
  await first.stop();
  const second = await startWorker(temporal, { taskQueue, workerId, standIns: ingestActs().standIns });
  expect(await handle.result()).toMatchObject({ visit: 1 });
  await second.stop();
});
