// Thousands of pushes to hundreds of repositories, on a real Temporal: few runs, and no push lost.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NativeConnection, Worker, bundleWorkflowCode } from '@temporalio/worker';
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { joinIngest } from '../../activities/join-ingest.ts';
import { toActivity } from '../../activities/temporal-act.ts';
import { QUERY, WORKFLOW, ingestWorkflowId } from '../../contract/names.ts';
import { PUSHES_SIGNAL, type PushSettings, type PushedOrigin, type PushesSignal, type PushesView } from '../../contract/push.ts';
import { sdkLogger } from '../../stack/temporal-runtime.ts';
import { NAMESPACE, silentLog, startTemporal, testDeps, unique, type TestTemporal } from '../harness/temporal.ts';
import type { StubActs } from './stubbed.ts';

type Began = Parameters<StubActs['began']>[0];

let temporal: TestTemporal;
let folder: string;
let bundle: { code: string };
let queue: string;
/** Every run that began, in its order. */
let runs: Began[];
/** How long a run takes. */
let takes: (run: Began) => number | Promise<number>;

beforeAll(async () => {
  [temporal, folder, bundle] = await Promise.all([startTemporal(), mkdtemp(join(tmpdir(), 'pivo-push-')), bundleWorkflowCode({ workflowsPath: fileURLToPath(new URL('./stubbed.ts', import.meta.url)), logger: sdkLogger(silentLog) })]);
});

afterAll(async () => {
  await temporal?.stop();
  await rm(folder, { recursive: true, force: true });
});

beforeEach(() => {
  queue = unique('queue');
  runs = [];
  takes = () => 0;
});

async function work(): Promise<() => Promise<void>> {
  const connection = await NativeConnection.connect({ address: temporal.server.address });
  const deps = testDeps(temporal, unique('worker'));
  const activities = {
    began: async (run: Began) => {
      runs.push(run);
      return takes(run);
    },
    joinIngest: toActivity(deps, joinIngest),
    chooseRepository: async ({ url }: { url: string }) => url.split('/').at(-1)?.replace('.git', '') ?? '',
  };
  const worker = await Worker.create({ connection, namespace: NAMESPACE, taskQueue: queue, workflowBundle: bundle, activities, stickyQueueScheduleToStartTimeout: '1 second', maxConcurrentWorkflowTaskExecutions: 20, shutdownForceTime: '5 seconds' });
  const running = worker.run();
  return async () => {
    worker.shutdown();
    await running;
    await connection.close();
    await deps.events.close();
  };
}

const pushed = (owner: string, name: string, known = true): PushedOrigin => ({ key: `https://f.example/${owner}/${name}`, url: `https://f.example/${owner}/${name}.git`, repository: known ? name : null, owner: `https://f.example/${owner}`, credential: null, count: 1, first: Date.now(), last: Date.now() });

let signals = 0;
async function tell(workflowId: string, settings: PushSettings, origins: PushedOrigin[], { id = `batch-${signals++}`, mostEvents }: { id?: string; mostEvents?: number } = {}): Promise<void> {
  const signal: PushesSignal = { id, settings, pushed: origins, ignored: [] };
  await temporal.client.workflow.signalWithStart(WORKFLOW.pushBackups, { workflowId, taskQueue: queue, args: [mostEvents === undefined ? {} : { mostEvents }], signal: PUSHES_SIGNAL, signalArgs: [signal] });
}

const view = (workflowId: string): Promise<PushesView> => temporal.client.workflow.getHandle(workflowId).query<PushesView, [number]>(QUERY.status, 1_000);
const isIdle = async (workflowId: string): Promise<boolean> => view(workflowId).then(({ waiting, running }) => waiting + running === 0, () => false);

/** Ends the workflow, so that it does not go on beside the next test's. */
const end = (workflowId: string): Promise<unknown> => temporal.client.workflow.getHandle(workflowId).terminate('the test is over');

describe('10,000 pushes to 200 repositories', () => {
  it('make at most a run for each repository and window, and none is lost', { timeout: 240_000 }, async () => {
    const settings = { every: 10, atOnce: 8 };
    const workflowId = unique('push-backups');
    const lastPush = new Map<string, number>();
    const open = new Map<string, number>();
    const began = Date.now();
    takes = () => 20;
    let stop = await work();
    for (let batch = 0; batch < 100; batch++) {
      const origins = Array.from({ length: 100 }, (_, at) => (batch * 100 + at) % 200).map((number) => pushed(`owner-${number % 7}`, `many-${number}`));
      for (const { repository } of origins) lastPush.set(repository ?? '', Date.now());
      await tell(workflowId, settings, origins, { mostEvents: 600 });
      if (batch === 50) {
        await stop(); // in the middle: another worker goes on
        stop = await work();
      }
    }
    await expect.poll(() => isIdle(workflowId), { timeout: 200_000, interval: 500 }).toBe(true);
    const windows = Math.ceil((Date.now() - began) / 1000 / settings.every);
    for (const { repository, startedAt } of runs) open.set(repository, Math.max(startedAt, open.get(repository) ?? 0));
    expect(open.size).toBe(200);
    const counts = [...Map.groupBy(runs, ({ repository, startedAt }) => `${repository} ${startedAt}`).values()].length; // an attempt that was tried again is no run of its own
    expect(counts).toBeLessThanOrEqual(200 * windows);
    for (const [repository, last] of lastPush) expect(open.get(repository) ?? 0).toBeGreaterThanOrEqual(last - 50); // two clocks of one machine
    await end(workflowId);
    await stop();
  });
});

describe('a backup that a push asks for', () => {
  it('waits for one that began before the push, and runs once more', async () => {
    const workflowId = unique('push-backups');
    const name = unique('repository');
    const first = Promise.withResolvers<number>();
    takes = () => (runs.length === 1 ? first.promise : 0);
    const stop = await work();
    const origin = pushed('ada', name);
    const before = await temporal.client.workflow.start(WORKFLOW.ingest, { workflowId: ingestWorkflowId(name), taskQueue: queue, args: [{ url: origin.url, name }] });
    await expect.poll(() => runs.length).toBe(1);
    await tell(workflowId, { every: 0, atOnce: 1 }, [origin]);
    await expect.poll(() => view(workflowId).then(({ backups }) => backups[0]?.state)).toBe('joining');
    await tell(workflowId, { every: 0, atOnce: 1 }, [origin]);
    first.resolve(0);
    await before.result();
    await expect.poll(() => isIdle(workflowId)).toBe(true);
    expect(runs).toHaveLength(2);
    expect((await view(workflowId)).done).toMatchObject([{ repository: name, pushes: 2 }]);
    await end(workflowId);
    await stop();
  });

  it('is told with its failure, and forgotten when a later push succeeded', async () => {
    const workflowId = unique('push-backups');
    const name = unique('repository');
    takes = () => {
      throw ApplicationFailure.create({ message: 'it is gone', type: 'OriginGone', nonRetryable: true, details: [{ kind: 'OriginGone', message: 'it is gone' }] });
    };
    const stop = await work();
    const origin = pushed('ada', name, false);
    await tell(workflowId, { every: 0, atOnce: 1 }, [origin]);
    await expect.poll(() => view(workflowId).then(({ backups }) => backups[0])).toMatchObject({ state: 'failed', repository: null, attempts: 1, failure: { kind: 'OriginGone', message: 'it is gone' } });
    takes = () => 0;
    await tell(workflowId, { every: 0, atOnce: 1 }, [origin]);
    await expect.poll(() => view(workflowId).then(({ failed, done }) => [failed, done.length])).toEqual([0, 1]);
    expect(runs.map(({ repository }) => repository)).toEqual([name, name]);
    await end(workflowId);
    await stop();
  });

  it('that runs is taken along when the history is continued as new, and goes on when the workflow is cancelled', async () => {
    const workflowId = unique('push-backups');
    const [slow, quick] = [unique('slow'), unique('quick')];
    const release = Promise.withResolvers<number>();
    takes = ({ repository }) => (repository === slow ? release.promise : 0);
    const stop = await work();
    const settings = { every: 0, atOnce: 2 };
    await tell(workflowId, settings, [pushed('ada', slow)], { mostEvents: 40 });
    await expect.poll(() => runs.length).toBe(1);
    const { runId } = await temporal.client.workflow.getHandle(workflowId).describe();
    for (let at = 0; at < 6; at++) {
      await tell(workflowId, settings, [pushed('bob', quick)], { mostEvents: 40 });
      await expect.poll(() => view(workflowId).then(({ backups }) => backups.length)).toBe(1);
    }
    expect((await temporal.client.workflow.getHandle(workflowId).describe()).runId).not.toBe(runId);
    expect(await view(workflowId)).toMatchObject({ running: 1, backups: [{ repository: slow, state: 'running' }] });
    expect(runs.filter(({ repository }) => repository === slow)).toHaveLength(1);
    await temporal.client.workflow.getHandle(workflowId).cancel();
    await expect(temporal.client.workflow.getHandle(workflowId).result()).rejects.toThrow();
    release.resolve(0);
    expect(await temporal.client.workflow.getHandle(ingestWorkflowId(slow)).result()).toMatchObject({ repository: slow });
    await stop();
  });
});
