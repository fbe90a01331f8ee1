// The spool gate takes what waits into the records, batch by batch, and says so.
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { GateThresholds, SpoolBatch } from '../../contract/spool.ts';
import { startTemporal, startWorker, unique, type StandIns, type TestTemporal, type TestWorker } from '../harness/temporal.ts';
import { broken, eventFrame, gateHome, metricFrame, put, putEvents, pushFrame, records, segmentsOf, startGate, told, type GateHome } from './home.ts';

let temporal: TestTemporal;
const workers: TestWorker[] = [];

beforeAll(async () => {
  temporal = await startTemporal();
});
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.stop()));
});
afterAll(() => temporal.stop());

interface Living {
  home: GateHome;
  taskQueue: string;
}

async function living(thresholds: Partial<GateThresholds> = {}, standIns: StandIns = {}): Promise<Living> {
  const home = gateHome(temporal, unique('worker'), thresholds);
  const taskQueue = unique('queue');
  workers.push(await startWorker(temporal, { taskQueue, workerId: home.workerId, deps: home.deps, standIns }));
  return { home, taskQueue };
}

const batches = (home: GateHome): Promise<SpoolBatch[]> => records(home, (store) => store.batches({ limit: 100 }));

it('takes what waits into one batch, archives it, and tells of both ends', async () => {
  const { home, taskQueue } = await living();
  const ids = await putEvents(home, 'first', 5);
  const last = (await (await startGate(temporal, home, taskQueue)).result()) as SpoolBatch;
  expect(last).toMatchObject({ kind: 'event', status: 'done', reason: 'seconds', segments: 5, failed: 0, records: 15, duplicates: 0 });
  expect(await batches(home)).toEqual([last]);
  expect(await broken(home, { ids })).toEqual([]);
  expect(told(home)).toEqual([`gate.open:${last.tag}`, `gate.done:${last.tag}`, `embed.start:${last.tag}`]);
});

it('opens at the number of records, before its seconds are over, and takes at most ten times as many at once', async () => {
  const { home, taskQueue } = await living({ records: 9, seconds: 600 });
  const ids = await putEvents(home, 'many', 36);
  await (await startGate(temporal, home, taskQueue)).result();
  expect((await batches(home)).toReversed()).toMatchObject([{ reason: 'records', segments: 30, records: 90 }, { reason: 'records', segments: 6, records: 18 }]);
  expect(await broken(home, { ids })).toEqual([]);
});

it('opens at the number of bytes', async () => {
  const { home, taskQueue } = await living({ bytes: 1, seconds: 600 });
  const ids = await putEvents(home, 'bytes', 2);
  await (await startGate(temporal, home, taskQueue)).result();
  expect(await batches(home)).toMatchObject([{ reason: 'bytes', segments: 1 }, { reason: 'bytes', segments: 1 }]);
  expect(await broken(home, { ids })).toEqual([]);
});

it('stores fifty good segments around one that is torn, which goes to failed/ with its reason', async () => {
  const { home, taskQueue } = await living();
  const ids = await putEvents(home, 'early', 25);
  const torn = await put(home, [eventFrame('torn-1'), eventFrame('torn-2')]);
  const path = join(home.spool.places.incoming('event'), torn);
  await writeFile(path, (await readFile(path)).subarray(0, -3));
  ids.push(...(await putEvents(home, 'late', 25)));
  const last = (await (await startGate(temporal, home, taskQueue)).result()) as SpoolBatch;
  expect(last).toMatchObject({ status: 'failed', segments: 51, failed: 1, records: 150 });
  expect(await broken(home, { ids, failed: [torn] })).toEqual([]);
  expect(await home.spool.failed('event')).toMatchObject([{ name: torn, tag: last.tag, reason: expect.stringContaining('ends within a frame') }]);
});

it('moves a file whose name is no segment\'s to failed/ instead of waiting for it for ever', async () => {
  const { home, taskQueue } = await living();
  await putEvents(home, 'good', 1);
  await appendFile(join(home.spool.places.incoming('event'), 'etc%2fpasswd'), 'root');
  await (await startGate(temporal, home, taskQueue)).result();
  expect((await home.spool.failed('event')).map(({ name }) => name)).toEqual(['etc%2fpasswd']);
  expect((await segmentsOf(home)).filter((path) => path.startsWith('incoming'))).toEqual([]);
});

it('counts what comes twice as duplicates', async () => {
  const { home, taskQueue } = await living();
  const ids = await putEvents(home, 'same', 2);
  await (await startGate(temporal, home, taskQueue)).result();
  await putEvents(home, 'same', 2);
  const again = (await (await startGate(temporal, home, taskQueue)).result()) as SpoolBatch;
  expect(again).toMatchObject({ status: 'done', segments: 2, records: 0, duplicates: 6 });
  expect(await broken(home, { ids })).toEqual([]);
});

it('has a gate for each kind, and two at once do not meet', async () => {
  const { home, taskQueue } = await living();
  const ids = await putEvents(home, 'event', 8);
  const metrics = Array.from({ length: 8 }, (_, i) => `metric-${i}`);
  for (const id of metrics) await put(home, [metricFrame(id)]);
  const gates = await Promise.all([startGate(temporal, home, taskQueue, 'event'), startGate(temporal, home, taskQueue, 'metric')]);
  await Promise.all(gates.map((gate) => gate.result()));
  expect(await broken(home, { ids })).toEqual([]);
  expect(await broken(home, { ids: metrics, table: 'metrics' })).toEqual([]);
});

it('hands a batch of pushes over before it is settled', async () => {
  const asked: { tag: string; paths: string[] }[] = [];
  const { home, taskQueue } = await living({}, {
    requestPushBackups: async (_deps, { tag }) => {
      asked.push({ tag, paths: await segmentsOf(home) });
    },
  });
  await put(home, [pushFrame('p1', 'ada/one'), pushFrame('p2', 'ada/two')]);
  const last = (await (await startGate(temporal, home, taskQueue, 'push')).result()) as SpoolBatch;
  expect(asked).toEqual([{ tag: last.tag, paths: [expect.stringContaining(`processing/push/${last.tag}/`)] }]);
  expect(await records(home, (store) => store.pushesOf(last.tag))).toHaveLength(2);
  expect(await broken(home, { ids: ['p1', 'p2'] })).toEqual([]);
});

it('takes up first, under its own tag, what a run before left', async () => {
  const { home, taskQueue } = await living();
  const ids = await putEvents(home, 'left', 2);
  await home.spool.claim('event', 'event-1700000000000-abcdef', { segments: 10, bytes: 2 ** 20 });
  ids.push(...(await putEvents(home, 'new', 1)));
  await (await startGate(temporal, home, taskQueue)).result();
  expect((await batches(home)).toReversed()).toMatchObject([{ tag: 'event-1700000000000-abcdef', reason: 'left', segments: 2 }, { reason: 'seconds', segments: 1 }]);
  expect(await broken(home, { ids })).toEqual([]);
});
