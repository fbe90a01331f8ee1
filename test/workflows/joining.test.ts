// One ingest of a repository at a time, whoever starts it and under whatever workflow id.
import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ingestWorkflowId } from '../../contract/names.ts';
import type { IngestResult } from '../../contract/ingest.ts';
import { gate, ingestActs, visitOf } from '../harness/ingest-acts.ts';
import { startTemporal, startWorker, unique, type StandIns, type TestTemporal, type TestWorker } from '../harness/temporal.ts';

let temporal: TestTemporal;
const workers: TestWorker[] = [];

beforeAll(async () => {
  temporal = await startTemporal();
});

afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.stop()));
  await temporal.stop();
});

/** A worker whose fetch waits at a gate, and what was done on it. */
async function gatedWorker(standIns: StandIns = {}): Promise<{ taskQueue: string; fetch: ReturnType<typeof gate>; done: string[] }> {
  const taskQueue = unique('queue');
  const fetch = gate();
  const acts = ingestActs({
    fetchOrigin: async (_deps, _job, run) => {
      await fetch.pass(run.signal);
      return { unchanged: false, refs: 1 };
    },
    ...standIns,
  });
  workers.push(await startWorker(temporal, { taskQueue, standIns: acts.standIns }));
  return { taskQueue, fetch, done: acts.done };
}

function start(taskQueue: string, name: string, workflowId = unique('typed'), url = `https://host.example/${name}.git`): Promise<WorkflowHandle> {
  return temporal.client.workflow.start('ingest', { taskQueue, workflowId, args: [{ url, name }] });
}

/** Resolves when the run waits for a shared one. */
async function joined(handle: WorkflowHandle): Promise<void> {
  for (;;) {
    const { raw } = await handle.describe();
    if (raw.pendingActivities?.some(({ activityType, state }) => activityType?.name === 'joinIngest' && state === 2)) return;
  }
}

const statusOf = async (workflowId: string): Promise<string> => (await temporal.client.workflow.getHandle(workflowId).describe()).status.name;

describe('two ingests of one repository at once', () => {
  it('are one run with one result, whichever ids were typed', async () => {
    const { taskQueue, fetch, done } = await gatedWorker();
    const name = unique('one');
    const first = await start(taskQueue, name);
    await fetch.began;
    const second = await start(taskQueue, name);
    await joined(second);
    fetch.open();
    const results = (await Promise.all([first.result(), second.result()])) as IngestResult[];
    expect(results[0]).toEqual(results[1]);
    expect(done.filter((act) => act === 'putVisit')).toHaveLength(1);
  });

  it('are one run when the second is typed while the first was started by its own id', async () => {
    const { taskQueue, fetch, done } = await gatedWorker();
    const name = unique('own');
    const shared = await start(taskQueue, name, ingestWorkflowId(name));
    await fetch.began;
    const second = await start(taskQueue, name);
    await joined(second);
    fetch.open();
    expect(await second.result()).toEqual(await shared.result());
    expect(done.filter((act) => act === 'fetchOrigin')).toHaveLength(1);
  });

  it('go on as one when the joiner is cancelled', async () => {
    const { taskQueue, fetch } = await gatedWorker();
    const name = unique('joiner');
    const shared = await start(taskQueue, name, ingestWorkflowId(name));
    await fetch.began;
    const second = await start(taskQueue, name);
    await joined(second);
    await second.cancel();
    await expect(second.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    expect(await statusOf(ingestWorkflowId(name))).toBe('RUNNING');
    fetch.open();
    expect(await shared.result()).toMatchObject({ repository: name, visit: 1 });
  });

  it('end together when the starter is cancelled, and the joiner is told so', async () => {
    const { taskQueue, fetch } = await gatedWorker();
    const name = unique('starter');
    const first = await start(taskQueue, name);
    await fetch.began;
    const second = await start(taskQueue, name);
    await joined(second);
    await first.cancel();
    await expect(first.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    await expect(second.result()).rejects.toMatchObject({ cause: { type: 'Cancelled', message: expect.stringContaining(ingestWorkflowId(name)) as string } });
    expect(await statusOf(ingestWorkflowId(name))).toBe('CANCELLED');
  });

  it('go on when the one that was typed first is terminated: its run is the repository\'s, not its own', async () => {
    const { taskQueue, fetch } = await gatedWorker();
    const name = unique('orphan');
    const first = await start(taskQueue, name);
    await fetch.began;
    await first.terminate('by hand');
    const second = await start(taskQueue, name);
    await joined(second);
    fetch.open();
    expect(await second.result()).toMatchObject({ repository: name, visit: 1 });
  });

  it('fail together, with the same kind', async () => {
    const { taskQueue, fetch } = await gatedWorker({
      putPacks: async () => {
        const { PivoError } = await import('../../contract/failures.ts');
        throw new PivoError('StorageFull', 'no room for 300 bytes', { hint: 'Make room.' });
      },
    });
    const name = unique('failing');
    const first = await start(taskQueue, name);
    await fetch.began;
    const second = await start(taskQueue, name);
    await joined(second);
    fetch.open();
    for (const each of [first, second]) await expect(each.result()).rejects.toMatchObject({ cause: { type: 'StorageFull', message: 'no room for 300 bytes\nMake room.' } });
  });

  it('are refused as a name conflict when the second has another origin', async () => {
    const { taskQueue, fetch } = await gatedWorker();
    const name = unique('twice');
    const first = await start(taskQueue, name);
    await fetch.began;
    const second = await start(taskQueue, name, unique('typed'), 'https://elsewhere.example/x.git');
    await joined(second);
    fetch.open();
    await first.result();
    await expect(second.result()).rejects.toMatchObject({ cause: { type: 'NameConflict' } });
  });
});

describe('two ingests of two repositories', () => {
  it('run side by side', async () => {
    const both = { waiting: 0, met: Promise.withResolvers<void>() };
    const { taskQueue, fetch } = await gatedWorker({
      putPacks: async () => {
        both.waiting++;
        if (both.waiting === 2) both.met.resolve();
        await both.met.promise; // neither goes on alone
        return { newPacks: 1, newObjects: 3, newBytes: 300 };
      },
      putVisit: async (_deps, job) => visitOf(job),
    });
    fetch.open();
    const names = [unique('left'), unique('right')];
    const runs = await Promise.all(names.map((name) => start(taskQueue, name)));
    const results = (await Promise.all(runs.map((run) => run.result()))) as IngestResult[];
    expect(results.map(({ repository }) => repository)).toEqual(names);
  });
});
