// Kill -9 at every move and every store step: each segment ends in one folder, its records are stored once, its batch is told once.
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { spoolGateWorkflowId } from '../../contract/names.ts';
import type { SpoolKind } from '../../contract/spool.ts';
import { startTemporal, startWorker, unique, type TestTemporal } from '../harness/temporal.ts';
import { Reaper } from './death.ts';
import { broken, eventFrame, gateHome, put, putEvents, pushFrame, records, startGate, told, type GateHome } from './home.ts';
import { reaped } from './reaped-acts.ts';

const ENTRY = fileURLToPath(new URL('dying-gate.ts', import.meta.url));

let temporal: TestTemporal;
/** Ended with the suite: which test is the current one cannot be told among concurrent ones. */
const children: ChildProcess[] = [];
beforeAll(async () => {
  temporal = await startTemporal();
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await temporal.stop();
});

interface Case {
  home: GateHome;
  taskQueue: string;
  ids: string[];
  torn: string;
}

/** Three segments, one of them torn. */
async function landed(): Promise<Case> {
  const home = gateHome(temporal, unique('worker'));
  const ids = await putEvents(home, 'a', 1);
  const torn = await put(home, [eventFrame('torn')]);
  const path = join(home.spool.places.incoming('event'), torn);
  await writeFile(path, (await readFile(path)).subarray(0, -1));
  ids.push(...(await putEvents(home, 'b', 1)));
  return { home, taskQueue: unique('queue'), ids, torn };
}

async function dying({ home, taskQueue }: Pick<Case, 'home' | 'taskQueue'>, death: string, whom = ''): Promise<ChildProcess> {
  const child = fork(ENTRY, [temporal.server.address, temporal.folder, taskQueue, home.workerId, death, whom], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  children.push(child);
  await once(child, 'message');
  return child;
}

/** A gate whose worker died where it was told to. */
async function struck(one: Pick<Case, 'home' | 'taskQueue'>, death: string, kind: SpoolKind = 'event'): Promise<WorkflowHandle> {
  const worker = await dying(one, death, 'both');
  const ended = once(worker, 'exit');
  const gate = await startGate(temporal, one.home, one.taskQueue, kind);
  expect(await ended).toEqual([null, 'SIGKILL']);
  return gate;
}

/** A worker that lives, of the same home, until the gate is done. */
async function heir({ home, taskQueue }: Pick<Case, 'home' | 'taskQueue'>, gate: WorkflowHandle): Promise<void> {
  const worker = await startWorker(temporal, { taskQueue, workerId: home.workerId, deps: home.deps, standIns: reaped(home, new Reaper(home.folder, null, [])) });
  await gate.result();
  await worker.stop();
}

async function proven({ home, ids, torn }: Case): Promise<void> {
  expect(existsSync(join(home.folder, 'struck'))).toBe(true);
  expect(await broken(home, { ids, failed: [torn] })).toEqual([]);
  const tags = (await records(home, (store) => store.batches({ limit: 10 }))).map(({ tag }) => tag);
  const keys = told(home);
  expect(new Set(keys).size).toBe(keys.length);
  expect(keys.filter((key) => key.startsWith('gate.')).sort()).toEqual(tags.flatMap((tag) => [`gate.done:${tag}`, `gate.open:${tag}`]).sort());
}

/** All points where PIVO_KILL_MATRIX says so; else those at which another state is left behind. */
const points = (all: readonly string[], chosen: readonly string[]): readonly string[] => (process.env['PIVO_KILL_MATRIX'] === 'all' ? all : chosen);

const each = (calls: readonly string[], numbers: readonly number[]): string[] => calls.flatMap((call) => numbers.flatMap((n) => ['before', 'after'].map((when) => `${when} ${call} ${n}`)));

/** Moves 1 to 3 claim; 4 is to archive/, 5 the reason, 6 to failed/, 7 to archive/. Commits of the worker: the tables, the row's opening, the same again before it is settled, its end. */
const OF_WORKER = points(
  [...each(['awaitSpoolOpening', 'claimSegments', 'storeSegments', 'settleSegments'], [1]), ...each(['move'], [1, 2, 3, 4, 5, 6, 7]), ...each(['commit'], [1, 2, 3, 4])],
  ['after awaitSpoolOpening 1', 'after claimSegments 1', 'after storeSegments 1', 'after settleSegments 1', 'after move 1', 'after move 3', 'before move 4', 'after move 4', 'after move 5', 'after move 6', 'after move 7', 'before commit 2', 'before commit 4'],
);

/** A commit for each segment. */
const OF_LOAD = each(['commit'], [1, 2, 3]);

describe.concurrent('killed', () => {
  it.each(OF_WORKER)('worker %s', async (death) => {
    const one = await landed();
    const gate = await struck(one, `worker ${death}`);
    await heir(one, gate);
    await proven(one);
  });

  it.each(points(OF_LOAD, ['before commit 2', 'after commit 3']))('load %s, and its worker lives', async (death) => {
    const one = await landed();
    await dying(one, `load ${death}`);
    await (await startGate(temporal, one.home, one.taskQueue)).result();
    await proven(one);
  });

  it.each(points(OF_LOAD, ['before commit 1', 'after commit 2']))('load %s, and its worker dies with it', async (death) => {
    const one = await landed();
    const gate = await struck(one, `load ${death}`);
    await heir(one, gate);
    await proven(one);
  });

  it.each(['before', 'after'])('worker %s it hands pushes over: they are handed over again, under the same tag', async (when) => {
    const home = gateHome(temporal, unique('worker'));
    const one = { home, taskQueue: unique('queue') };
    await put(home, [pushFrame('p1', 'ada/one')]);
    const gate = await struck(one, `worker ${when} requestPushBackups 1`, 'push');
    await heir(one, gate);
    expect(await broken(home, { ids: ['p1'] })).toEqual([]);
    const asked = (await readFile(join(home.folder, 'asked'), 'utf8')).trim().split('\n');
    expect(asked).toHaveLength(when === 'before' ? 1 : 2);
    expect(new Set(asked).size).toBe(1);
  });

  /** As when Temporal's database was lost, or somebody terminated the run: nothing but the files and the records is left. */
  it.each(points(OF_WORKER, ['after move 2', 'after commit 2', 'after move 4', 'after move 5', 'before commit 4']))('worker %s, and the run is lost with it: the next run goes on with the batch', async (death) => {
    const one = await landed();
    const gate = await struck(one, `worker ${death}`);
    await temporal.client.workflow.getHandle(spoolGateWorkflowId('event', one.home.workerId)).terminate();
    await expect(gate.result()).rejects.toThrow('terminated');
    await heir(one, await startGate(temporal, one.home, one.taskQueue));
    expect(await broken(one.home, { ids: one.ids, failed: [one.torn] })).toEqual([]);
  });
});
