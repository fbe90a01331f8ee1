// Two workers of one machine, each with a home, share archive, event log and task queue: what one leaves, the other ends.
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { request } from 'node:http';
import { createInterface } from 'node:readline';
import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { repositoryPath } from '../../archive/layout.ts';
import { listVisitNumbers, readVisit } from '../../archive/visits.ts';
import { loadConfig } from '../../config.ts';
import { TASK_QUEUE, ingestWorkflowId, workerQueue } from '../../contract/names.ts';
import { makeHome, pivo, type Ran } from '../cli/run-pivo.ts';
import { compareRepositories, describeDifference } from '../harness/compare.ts';
import { dyingWorkers, type DyingWorkers } from '../harness/dying-workers.ts';
import { testDeps, unique, type TestTemporal } from '../harness/temporal.ts';

/** Ingests that may all have gone to the other worker, by chance, before one goes to the dying one. */
const MOST_INGESTS = 40;

interface PivoWorker {
  child: ChildProcess;
  ended: Promise<Ran>;
}

let workers: DyingWorkers;
let temporal: TestTemporal;
let origin: string;

beforeAll(async () => {
  workers = await dyingWorkers();
  ({ temporal, origin } = workers);
});
afterEach(() => workers.killAll());
afterAll(() => workers.stop());

/** `pivo worker` in a home, with the archive and the event log of the folder `shared`. */
async function startPivoWorker(home: string, shared: string, onLine: (line: string) => void): Promise<PivoWorker> {
  await mkdir(home, { recursive: true });
  const started = Promise.withResolvers<ChildProcess>();
  const env = { TEMPORAL_ADDRESS: temporal.server.address, PIVO_STORE: join(temporal.folder, shared, 'archive'), PIVO_EVENTS: `sqlite:${join(temporal.folder, shared, 'events.db')}` };
  const ended = pivo(['worker'], { home, env, onStart: (child) => started.resolve(child) });
  const child = await started.promise;
  workers.keep(child);
  if (child.stderr !== null) createInterface({ input: child.stderr }).on('line', onLine);
  return { child, ended };
}

async function readyPivoWorker(home: string, shared: string): Promise<PivoWorker> {
  const ready = Promise.withResolvers<void>();
  const worker = await startPivoWorker(home, shared, (line) => {
    if (line.includes('worker ready')) ready.resolve();
  });
  await Promise.race([ready.promise, worker.ended.then(({ stderr }) => ready.reject(new Error(stderr)))]);
  await ready.promise;
  return worker;
}

/** The queue of each fetch, in order. */
async function queuesOf(handle: WorkflowHandle): Promise<string[]> {
  const { events } = await handle.fetchHistory();
  return (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: act }) => (act?.activityType?.name === 'fetchOrigin' ? [act.taskQueue?.name ?? ''] : []));
}

it('a worker dies between a pack and its index: its run moves to the other, and every ingest is done once', async () => {
  const [shared, lost, home] = [unique('shared'), unique('lost'), join(temporal.folder, unique('home'))];
  const dying = await workers.startWorker(TASK_QUEUE, lost, 'before:.idx', shared);
  const other = await readyPivoWorker(home, shared);
  const died = once(dying, 'exit').then((how) => how as unknown[]);
  const handles: [name: string, handle: WorkflowHandle][] = [];
  while (dying.signalCode === null && handles.length < MOST_INGESTS) {
    const name = unique('repository');
    const handle = await temporal.client.workflow.start('ingest', { workflowId: ingestWorkflowId(name), taskQueue: TASK_QUEUE, args: [{ url: origin, name }] });
    handles.push([name, handle]);
    await Promise.race([handle.result(), died]);
  }
  expect(await died).toEqual([null, 'SIGKILL']);

  const { store, events } = testDeps(temporal, lost, shared);
  const { workerId } = loadConfig({ PIVO_HOME: home });
  for (const [name, handle] of handles) {
    expect(await handle.result()).toMatchObject({ repository: name, visit: 1, unchanged: false, holes: 0 });
    expect(await listVisitNumbers(store, name)).toEqual([1]);
    const visit = await readVisit(store, name, 1);
    expect(describeDifference(await compareRepositories(origin, join(temporal.folder, shared, 'archive', repositoryPath(name), visit.snapshotPath)))).toBe('');
  }
  expect(await Promise.all(handles.map(([, handle]) => queuesOf(handle)))).toContainEqual([workerQueue(lost), workerQueue(workerId)]);
  await events.close();

  other.child.kill('SIGTERM');
  expect((await other.ended).code).toBe(0);
}, 180_000);

it('a second worker in the same home is refused, since each would take the other for dead', async () => {
  const [shared, home] = [unique('shared'), join(temporal.folder, unique('home'))];
  const first = await readyPivoWorker(home, shared);
  const second = await startPivoWorker(home, shared, () => {});
  expect(await second.ended).toMatchObject({ code: 1, stderr: expect.stringContaining('a worker already runs for') as string });
  first.child.kill('SIGINT');
  expect((await first.ended).code).toBe(0);
});

it('what ends a worker ends its command, with its exit code and reason', async () => {
  const home = join(temporal.folder, unique('home'));
  await mkdir(home);
  expect(await pivo(['worker'], { home })).toMatchObject({ code: 1, stderr: expect.stringContaining('no Temporal address is configured') as string });
});

it('the metadata service runs alone, answers on its socket and ends on a signal', async () => {
  const { home, remove } = await makeHome();
  const started = Promise.withResolvers<ChildProcess>();
  const ended = pivo(['metadata', '--json'], { home, onStart: (child) => started.resolve(child) });
  const child = await started.promise;
  workers.keep(child);
  const lines = createInterface({ input: child.stderr as NodeJS.ReadableStream });
  for await (const line of lines) if (line.includes('metadata.sock')) break;
  const health = await new Promise<number | undefined>((resolve, reject) => {
    request({ socketPath: join(home, 'run', 'metadata.sock'), path: '/health' }, (response) => resolve(response.resume().statusCode)).once('error', reject).end();
  });
  child.kill('SIGTERM');
  expect([health, (await ended).code]).toEqual([200, 0]);
  await remove();
});

it('workers of one machine share one bundle: a second start builds none', async () => {
  const build = new URL('../../build/', import.meta.url);
  const bundles = async (): Promise<string[]> => (await readdir(build)).filter((file) => file.startsWith('workflows-')).sort();
  const shared = unique('shared');
  const [a, b] = [join(temporal.folder, unique('home')), join(temporal.folder, unique('home'))];
  const first = await readyPivoWorker(a, shared);
  const before = await bundles();
  const second = await readyPivoWorker(b, shared);
  expect(await bundles()).toEqual(before);
  for (const home of [a, b]) expect(await readdir(join(home, 'cache')).catch(() => [])).not.toContain('workflows');
  for (const worker of [first, second]) {
    worker.child.kill('SIGTERM');
    expect((await worker.ended).code).toBe(0);
  }
});
