// Restores while the event log is down: nobody waits for it, and what was decided and done is told when it is back.
import { join } from 'node:path';
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AuditEvent } from '../../contract/events.ts';
import { PivoError } from '../../contract/failures.ts';
import { TOPIC, emitWorkflowId } from '../../contract/names.ts';
import type { RestoreStatus } from '../../contract/restore.ts';
import type { EventLog } from '../../events/log.ts';
import { projectBuildFolder, workflowBundle } from '../../workers/bundle.ts';
import { sdkLogger } from '../../stack/temporal-runtime.ts';
import { readUntil } from '../events/conformance.ts';
import { fixture } from '../fixtures/generate.ts';
import { compareRepositories, describeDifference } from '../harness/compare.ts';
import { openIngest, type IngestHarness } from '../harness/ingest.ts';
import { silentLog, startTemporal, startWorker, unique, type TestTemporal, type TestWorker } from '../harness/temporal.ts';

let temporal: TestTemporal;
let pivo: IngestHarness;
let worker: TestWorker;
let origin: string;
let down = false;
const taskQueue = unique('queue');

/** The embedded log, which takes nothing while it is down. */
const failing = (events: EventLog): EventLog => ({
  url: events.url,
  publish: async (...args) => {
    if (down) throw new PivoError('Unavailable', 'the event log is down');
    await events.publish(...args);
  },
  subscribe: (subscription) => events.subscribe(subscription),
  offsets: (topics) => events.offsets(topics),
  close: () => events.close(),
});

beforeAll(async () => {
  temporal = await startTemporal();
  pivo = await openIngest(join(temporal.folder, 'home'));
  origin = join(temporal.folder, 'origin.git');
  await fixture('force-push').build(origin);
  await pivo.ingest(origin, 'project');
  worker = await startWorker(temporal, { taskQueue, deps: { ...pivo.deps, events: failing(pivo.deps.events) } });
});

afterAll(async () => {
  await worker?.stop();
  await pivo?.close();
  await temporal?.stop();
});

const audits = async (count: number): Promise<AuditEvent[]> => {
  const read = await readUntil(pivo.deps.events, TOPIC.audit, (all) => new Set(all.map(({ message }) => message.id)).size >= count);
  return read.map(({ message }) => JSON.parse(message.value) as AuditEvent);
};

it('a restore is approved and ends while the log is down, and its records follow when the log is back', { timeout: 120_000 }, async () => {
  const target = join(temporal.folder, 'target.git');
  const handle = await temporal.client.workflow.start('restore', { taskQueue, workflowId: `restore:${unique('outage')}`, args: [{ repository: 'project', target, requestedBy: 'ada' }] });
  const status = (): Promise<RestoreStatus> => handle.query<RestoreStatus>('status');
  await expect.poll(async () => (await status()).state, { timeout: 30_000 }).toBe('awaiting approval');
  down = true;
  await handle.executeUpdate('approve', { args: [{ planHash: (await status()).planHash, approver: 'grace' }] });
  expect(await handle.result()).toMatchObject({ outcome: 'done', approvedBy: 'grace' });
  expect(describeDifference(await compareRepositories(origin, target))).toBe('');
  expect(await pivo.deps.store.list('audit')).toEqual([]);

  down = false;
  const runId = handle.firstExecutionRunId;
  const later = ['approve', 'restore'].map((action) => temporal.client.workflow.getHandle(emitWorkflowId('project', runId, action)));
  await Promise.all(later.map((each) => each.result()));
  const told = await audits(2);
  expect(told.map(({ id, action, outcome, actor }) => [id, action, outcome, actor])).toEqual(
    expect.arrayContaining([
      [`audit:approve:${runId}`, 'approve', 'done', 'grace'],
      [`audit:restore:${runId}`, 'restore', 'done', 'ada'],
    ]),
  );
  expect(await pivo.deps.store.list('audit')).not.toEqual([]);

  const codePath = await workflowBundle([projectBuildFolder], sdkLogger(silentLog));
  for (const each of [handle, ...later]) await Worker.runReplayHistory({ workflowBundle: { codePath } }, await each.fetchHistory(), each.workflowId);
});
