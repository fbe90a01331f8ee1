// What a spool gate waits for instead of failing: a database that is away, a full disk, Temporal that is gone, a clock that jumps.
import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { storeSegments } from '../../activities/spool-gate/store.ts';
import type { Opening } from '../../contract/spool-gate.ts';
import type { SpoolBatch } from '../../contract/spool.ts';
import { TASK_QUEUE, spoolGateWorkflowId } from '../../contract/names.ts';
import { startTemporalServer, type TemporalServer } from '../../stack/temporal-server.ts';
import { watchSpool } from '../../workers/spool-watch.ts';
import { gate } from '../harness/ingest-acts.ts';
import { NAMESPACE, silentLog, startTemporal, startWorker, unique, type StandIns, type TestTemporal } from '../harness/temporal.ts';
import { broken, gateHome, putEvents, records, segmentsOf, startGate, type GateHome } from './home.ts';

let temporal: TestTemporal;

beforeAll(async () => {
  temporal = await startTemporal();
});
afterAll(() => temporal.stop());

async function living(home: GateHome, taskQueue: string, standIns: StandIns = {}, on = temporal): Promise<void> {
  const worker = await startWorker(on, { taskQueue, workerId: home.workerId, deps: home.deps, standIns });
  onTestFinished(() => worker.stop());
}

/** Waits until an act of the gate failed so often. */
const failedTwice = (home: GateHome): Promise<unknown> =>
  expect.poll(async () => (await temporal.client.workflow.getHandle(spoolGateWorkflowId('event', home.workerId)).describe()).raw.pendingActivities?.[0]?.attempt ?? 0).toBeGreaterThan(2);

it('waits for a database that is away while writers go on, and stores everything when it is back', async () => {
  const home = gateHome(temporal, unique('worker'));
  const taskQueue = unique('queue');
  await living(home, taskQueue);
  const database = join(home.folder, 'records.db');
  await mkdir(database, { recursive: true });
  const ids = await putEvents(home, 'before', 2);
  const running = await startGate(temporal, home, taskQueue);
  await failedTwice(home);
  ids.push(...(await putEvents(home, 'meanwhile', 2)));
  expect((await segmentsOf(home)).map((path) => path.split('/')[0]).sort()).toEqual(['incoming', 'incoming', 'processing', 'processing']);
  await rm(database, { recursive: true });
  await running.result();
  expect(await broken(home, { ids })).toEqual([]);
});

it('waits for room on a full disk', async ({ skip }) => {
  const home = gateHome(temporal, unique('worker'));
  const disk = join(home.folder, 'disk');
  await mkdir(disk, { recursive: true });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=600k', 'tmpfs', disk], { stdio: 'ignore' });
  } catch {
    skip('mounting a small tmpfs needs root');
  }
  onTestFinished(() => void execFileSync('umount', ['-l', disk]));
  home.deps.records = { ...home.deps.records, url: `sqlite:${join(disk, 'records.db')}` };
  const filler = join(disk, 'filler');
  await writeFile(filler, Buffer.alloc(1 << 20)).catch(() => {});
  const taskQueue = unique('queue');
  await living(home, taskQueue);
  await putEvents(home, 'full', 3);
  const running = await startGate(temporal, home, taskQueue);
  await failedTwice(home);
  await rm(filler);
  expect(await running.result()).toMatchObject({ status: 'done', segments: 3, records: 9 });
});

it('opens by its seconds while the clock jumps a day forwards and back, many times a second', async () => {
  const home = gateHome(temporal, unique('worker'));
  const taskQueue = unique('queue');
  const entry = fileURLToPath(new URL('dying-gate.ts', import.meta.url));
  const child = fork(entry, [temporal.server.address, temporal.folder, taskQueue, home.workerId, 'clock jumps', '', JSON.stringify({ seconds: 4 })], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child, 'message');
  const ids = await putEvents(home, 'first', 1);
  const running = await startGate(temporal, home, taskQueue);
  await expect.poll(async () => (await running.describe()).raw.pendingActivities?.[0]?.heartbeatDetails?.payloads?.length ?? 0).toBeGreaterThan(0); // it waits for more
  ids.push(...(await putEvents(home, 'second', 1)));
  expect(await running.result()).toMatchObject({ status: 'done', reason: 'seconds', segments: 2 });
  ids.push(...(await putEvents(home, 'third', 2)));
  await (await startGate(temporal, home, taskQueue)).result();
  expect(await broken(home, { ids })).toEqual([]);
});

/** A Temporal of its own that keeps what it acknowledged in a file, at one port. */
async function mortalTemporal(): Promise<{ kill(): Promise<void>; start(dbFile: string): Promise<void>; seen: TestTemporal }> {
  let server: TemporalServer | undefined;
  const launch = async (dbFile: string): Promise<TemporalServer> =>
    startTemporalServer({ cli: temporal.cli, dbFile: join(temporal.folder, dbFile), ui: false, logFile: join(temporal.folder, 'mortal.log'), namespace: NAMESPACE, searchAttributes: {}, ...(server === undefined ? {} : { prefer: { port: server.port, uiPort: null } }) });
  server = await launch('mortal.db');
  const connection = await Connection.connect({ address: server.address });
  onTestFinished(async () => {
    await connection.close();
    await server?.stop();
  });
  return {
    seen: { ...temporal, server, client: new Client({ connection, namespace: NAMESPACE }) },
    async kill() {
      process.kill(server?.pid ?? 0, 'SIGKILL');
      await server?.exited;
    },
    async start(dbFile) {
      server = await launch(dbFile);
    },
  };
}

it.each([
  ['and comes back', 'mortal.db'],
  ['and comes back without its database', 'empty.db'],
])('ends a batch whose Temporal is killed in the middle %s', async (_how, dbFile) => {
  const mortal = await mortalTemporal();
  const home = gateHome(temporal, unique('worker'));
  const held = gate();
  let first = true;
  const storeHeld: StandIns['storeSegments'] = async (deps, batch, run) => {
    if (first) {
      first = false;
      await held.pass(run.signal);
    }
    return storeSegments(deps, batch, run);
  };
  const ids = await putEvents(home, 'mortal', 3);
  const watch = watchSpool({ temporal: { address: mortal.seen.server.address, namespace: NAMESPACE }, folder: home.deps.spool?.folder ?? '', workerId: home.workerId, log: silentLog });
  onTestFinished(() => watch.close(), 20_000);
  await living(home, TASK_QUEUE, { storeSegments: storeHeld }, mortal.seen);
  await held.began;
  await mortal.kill();
  held.open();
  await mortal.start(dbFile);
  await expect.poll(async () => (await segmentsOf(home)).map((path) => path.split('/')[0]), { timeout: 90_000 }).toEqual(['archive', 'archive', 'archive']);
  await expect.poll(() => broken(home, { ids })).toEqual([]);
});

it('is started by the watcher whenever something waits, also after somebody terminated it', async () => {
  const home = gateHome(temporal, unique('worker'));
  const watch = watchSpool({ temporal: { address: temporal.server.address, namespace: NAMESPACE }, folder: home.deps.spool?.folder ?? '', workerId: home.workerId, log: silentLog });
  onTestFinished(() => watch.close(), 20_000);
  const ids = await putEvents(home, 'one', 1);
  const started = temporal.client.workflow.getHandle(spoolGateWorkflowId('event', home.workerId));
  await expect.poll(() => started.describe().then(({ status }) => status.name, () => '')).toBe('RUNNING');
  await started.terminate(); // there is no worker yet
  await living(home, TASK_QUEUE);
  await expect.poll(async () => (await segmentsOf(home)).length > 0 && (await records(home, (store) => store.batches({ status: 'done', limit: 9 }))).length).toBe(1);
  ids.push(...(await putEvents(home, 'two', 1)));
  await expect.poll(async () => (await records(home, (store) => store.batches({ status: 'done', limit: 9 }))).length).toBe(2);
  await expect.poll(() => broken(home, { ids })).toEqual([]);
});

it('continues as new, so that its history stays short, and still knows its last batch', async () => {
  const home = gateHome(temporal, unique('worker'));
  const taskQueue = unique('queue');
  let openings = 60;
  const done = (tag: string): SpoolBatch => ({ tag, kind: 'event', status: 'done', reason: 'records', segments: 1, failed: 0, records: 0, duplicates: 1, bytes: 1, opened: '2026-11-21T10:00:00.000Z', finished: '2026-11-21T10:00:01.000Z' });
  await living(home, taskQueue, {
    awaitSpoolOpening: async (): Promise<Opening | null> => (openings-- > 0 ? { reason: 'records', tag: null, segments: 1 } : null),
    claimSegments: async () => {},
    storeSegments: async () => {},
    settleSegments: async (_deps, { tag }) => done(tag),
  });
  const running = await startGate(temporal, home, taskQueue);
  const last = (await running.result()) as SpoolBatch;
  const run = await temporal.client.workflow.getHandle(running.workflowId).describe();
  expect(run.runId).not.toBe((running as unknown as { firstExecutionRunId: string }).firstExecutionRunId);
  expect(run.historyLength).toBeLessThan(2_100);
  expect(await temporal.client.workflow.getHandle(running.workflowId).query('status')).toMatchObject({ batches: 60, last });
});
