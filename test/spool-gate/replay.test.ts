// Archived segments are stored again: into a new database all of them, into the same one nothing twice; a corrected segment gets its second chance.
import { mkdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { PivoError } from '../../contract/failures.ts';
import { TASK_QUEUE } from '../../contract/names.ts';
import type { SpoolBatch } from '../../contract/spool.ts';
import { batch, batches } from '../../operations/batches.ts';
import type { OperationContext } from '../../operations/operation.ts';
import { spoolGates } from '../../operations/spool-gates.ts';
import { spoolReplay } from '../../operations/spool-replay.ts';
import { callOperation, operationContext } from '../harness/operations.ts';
import { startTemporal, startWorker, unique, type TestTemporal, type TestWorker } from '../harness/temporal.ts';
import { broken, eventFrame, gateHome, metricFrame, put, putEvents, records, segmentsOf, startGate, storedIds, type GateHome } from './home.ts';

let temporal: TestTemporal;
const workers: TestWorker[] = [];

beforeAll(async () => {
  temporal = await startTemporal();
});
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.stop()));
});
afterAll(() => temporal.stop());

async function living(): Promise<{ home: GateHome; context: OperationContext }> {
  const home = gateHome(temporal, unique('worker'), { records: 1 });
  const worker = await startWorker(temporal, { taskQueue: TASK_QUEUE, workerId: home.workerId, deps: home.deps });
  workers.push(worker);
  const context = { ...operationContext(temporal, worker), records: home.deps.records };
  return { home, context: { ...context, paths: { ...context.paths, spool: home.deps.spool?.folder ?? '' } } };
}

/** What was taken, in two batches of events and one of metrics. */
async function taken(home: GateHome): Promise<{ ids: string[]; metrics: string[] }> {
  const ids = await putEvents(home, 'kept', 8);
  const metrics = ['m1', 'm2'];
  await put(home, metrics.map((id) => metricFrame(id)));
  await (await startGate(temporal, home, TASK_QUEUE)).result();
  await (await startGate(temporal, home, TASK_QUEUE, 'metric')).result();
  return { ids, metrics };
}

async function dropDatabase({ folder }: GateHome): Promise<void> {
  for (const end of ['', '-wal', '-shm']) await rm(join(folder, `records.db${end}`), { force: true });
}

it('fills a new database from archive/, with the batches under their own tags', async () => {
  const { home, context } = await living();
  const { ids, metrics } = await taken(home);
  const before = await callOperation(batches, context, {});
  const lay = await segmentsOf(home);
  await dropDatabase(home);
  expect(await callOperation(spoolReplay, context, { all: true })).toEqual({ batches: 3, segments: 9, failed: 0, records: 26, duplicates: 0, joined: false });
  expect(await broken(home, { ids })).toEqual([]);
  expect(storedIds(home, 'metrics')).toEqual(metrics);
  const after = await callOperation(batches, context, {});
  expect(after.map(({ tag, records }) => `${tag} ${records}`).sort()).toEqual(before.map(({ tag, records }) => `${tag} ${records}`).sort());
  expect(after.every(({ reason, status }) => reason === 'replay' && status === 'done')).toBe(true);
  expect(await segmentsOf(home)).toEqual(lay);
});

it('counts what is stored already, and stores nothing twice', async () => {
  const { home, context } = await living();
  const { ids } = await taken(home);
  const [last] = await callOperation(batches, context, { kind: 'event', limit: 1 });
  expect(await callOperation(spoolReplay, context, { batch: last?.tag ?? '' })).toMatchObject({ batches: 1, records: 0, duplicates: last?.records });
  expect(await callOperation(spoolReplay, context, { all: true, kind: 'event' })).toMatchObject({ batches: 2, records: 0, duplicates: 24 });
  expect(await broken(home, { ids })).toEqual([]);
  expect((await callOperation(batch, context, { tag: last?.tag ?? '' })).ends).toHaveLength(last?.segments ?? 0);
});

it('goes on where it was when its worker ends in the middle', async () => {
  const { home, context } = await living();
  const { ids } = await taken(home);
  await dropDatabase(home);
  const started = (await callOperation(spoolReplay, context, { all: true, wait: false })) as { workflowId: string };
  await expect.poll(async () => (await records(home, (store) => store.batches({ limit: 10 }))).length).toBeGreaterThan(0);
  await workers.pop()?.stop();
  workers.push(await startWorker(temporal, { taskQueue: TASK_QUEUE, workerId: home.workerId, deps: gateHome(temporal, home.workerId).deps }));
  expect(await temporal.client.workflow.getHandle(started.workflowId).result()).toMatchObject({ batches: 3, segments: 9, failed: 0 });
  expect(await broken(home, { ids })).toEqual([]);
});

it('tells of an archived segment that can no more be read, and leaves it where it is', async () => {
  const { home, context } = await living();
  await taken(home);
  const lay = await segmentsOf(home);
  const [damaged = ''] = lay.filter((path) => path.includes('/event/'));
  await truncate(join(home.folder, 'spool', damaged), 5);
  expect(await callOperation(spoolReplay, context, { all: true, kind: 'event' })).toMatchObject({ segments: 8, failed: 1, duplicates: 21 });
  expect(await segmentsOf(home)).toEqual(lay);
});

it('lets a failed segment that was corrected be tried again', async () => {
  const { home, context } = await living();
  const ids = await putEvents(home, 'good', 1);
  const name = await put(home, [eventFrame('late')]);
  const path = join(home.spool.places.incoming('event'), name);
  const whole = await readFile(path);
  await writeFile(path, whole.subarray(0, -2));
  await (await startGate(temporal, home, TASK_QUEUE)).result();
  expect(await broken(home, { ids, failed: [name] })).toEqual([]);
  await writeFile(join(home.spool.places.failed('event'), name), whole);
  expect(await callOperation(spoolReplay, context, { failed: name })).toEqual({ returned: name });
  const last = (await (await startGate(temporal, home, TASK_QUEUE)).result()) as SpoolBatch;
  expect(last).toMatchObject({ status: 'done', records: 1 });
  expect(await broken(home, { ids: [...ids, 'late'] })).toEqual([]);
});

it.each([
  [{ batch: 'event-1700000000000-000000' }, 'NotFound'],
  [{ failed: 'event-1700000000000-0000000000000000.msgpack' }, 'NotFound'],
  [{ failed: '../../etc/passwd' }, 'InvalidInput'],
  [{ all: true as const, batch: 'event-1700000000000-000000' }, 'InvalidInput'],
  [{}, 'InvalidInput'],
])('refuses %j with %s', async (input, kind) => {
  const { context } = await living();
  const failure = await callOperation(spoolReplay, context, input).catch((error: unknown) => error);
  expect((failure as PivoError).kind).toBe(kind);
});

it('says which gates are at work', async () => {
  const { home, context } = await living();
  expect(await callOperation(spoolGates, context, {})).toEqual(['push', 'event', 'metric'].map((kind) => ({ kind, running: false, progress: null, since: null, attempt: 0, failure: null, open: null, last: null })));
  await dropDatabase(home);
  await mkdir(join(home.folder, 'records.db')); // it cannot be had
  await putEvents(home, 'held', 1);
  const gate = await startGate(temporal, home, TASK_QUEUE);
  await expect.poll(async () => (await callOperation(spoolGates, context, {}))[1]).toMatchObject({ kind: 'event', running: true, open: { kind: 'event', reason: 'records' }, failure: expect.stringContaining('records database') });
  await rm(join(home.folder, 'records.db'), { recursive: true });
  await gate.result();
  expect(await callOperation(spoolGates, context, {})).toMatchObject([{}, { running: false, open: null, last: { status: 'done', records: 3 } }, {}]);
});
