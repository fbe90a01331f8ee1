// A whole source in one run: hundreds of repositories, many of them broken, a worker killed in the middle, and a history that is continued as new.
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listVisitNumbers } from '../../archive/visits.ts';
import type { FleetItem, FleetReport } from '../../contract/fleet.ts';
import { WORKFLOW, fleetWorkflowId } from '../../contract/names.ts';
import { SourceSpec } from '../../contract/source.ts';
import { sdkLogger } from '../../stack/temporal-runtime.ts';
import { fleetItems, listFleetRuns } from '../../state/fleet-runs.ts';
import { addSource } from '../../state/sources.ts';
import { projectBuildFolder, workflowBundle } from '../../workers/bundle.ts';
import { silentLog, startTemporal, testDeps, unique, type TestTemporal } from '../harness/temporal.ts';
import { statePath } from './deps.ts';
import { makeOrigins, type Expected, type Origins } from './origins.ts';

/** `PIVO_FLEET=1000` is the whole thing; what `npm test` runs is a tenth of it. */
const REPOSITORIES = Number(process.env['PIVO_FLEET'] ?? 100);
const BROKEN = Math.max(12, REPOSITORIES / 20);
const AT_ONCE = 4;
/** Milliseconds that nothing may take on a busy machine. */
const PATIENCE = Math.max(300_000, REPOSITORIES * 3_000);
/** So small that the run is continued as new several times. */
const MOST_EVENTS = 200;

const ENTRY = fileURLToPath(new URL('./worker.ts', import.meta.url));

let folder: string;
let temporal: TestTemporal;
let origins: Origins;
let queue: string;
let workerId: string;
let state: string;
const children: ChildProcess[] = [];

async function startProcess(): Promise<ChildProcess> {
  const child = fork(ENTRY, [temporal.server.address, temporal.folder, queue, workerId], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  children.push(child);
  await once(child, 'message');
  return child;
}

const started = (source: string, input: object = {}): ReturnType<typeof temporal.client.workflow.start> =>
  temporal.client.workflow.start(WORKFLOW.fleet, { workflowId: fleetWorkflowId(source), taskQueue: queue, args: [{ source, worker: workerId, requestedBy: 'ada', ...input }, { mostEvents: MOST_EVENTS }] });

async function writeList(name: string, of: readonly Expected[]): Promise<void> {
  const list = join(folder, name);
  await writeFile(list, of.map(({ url, name }) => `${url} ${name}\n`).join(''));
  addSource(state, SourceSpec.parse({ name, kind: 'list', owner: list, atOnce: AT_ONCE }));
}

const itemsOf = (fleetId: string): FleetItem[] => fleetItems(state, fleetId, { limit: 100_000 });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pivo-fleet-runs-'));
  temporal = await startTemporal();
  [queue, workerId] = [unique('queue'), unique('worker')];
  state = statePath(temporal, workerId);
  origins = await makeOrigins(folder, { sound: REPOSITORIES - BROKEN, broken: BROKEN });
  await writeList('acme', origins.all);
}, PATIENCE);

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await origins?.close();
  await temporal?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Most that were running at one moment, as the items tell it. */
function mostAtOnce(items: readonly FleetItem[]): number {
  const changes = items.flatMap(({ started, finished }) => [[Date.parse(started ?? finished), 1] as const, [Date.parse(finished), -1] as const]);
  let [now, most] = [0, 0];
  for (const [, change] of changes.toSorted((a, b) => a[0] - b[0] || a[1] - b[1])) most = Math.max(most, (now += change));
  return most;
}

describe(`a source of ${REPOSITORIES} repositories, ${BROKEN} of them broken`, () => {
  let report: FleetReport;

  it('is backed up to its end, although the worker is killed in the middle', { timeout: 3 * PATIENCE }, async () => {
    const first = await startProcess();
    const began = performance.now();
    const handle = await started('acme');
    await expect.poll(() => itemsOf(listFleetRuns(state, 'acme', 1)[0]?.fleetId ?? '').length, { timeout: PATIENCE, interval: 200 }).toBeGreaterThan(REPOSITORIES / 3);
    first.kill('SIGKILL');
    await startProcess();
    report = (await temporal.client.workflow.getHandle(handle.workflowId).result()) as FleetReport;
    if (process.env['PIVO_FLEET'] !== undefined) process.stderr.write(`${REPOSITORIES} repositories in ${Math.round((performance.now() - began) / 100) / 10} s\n`);
    expect(report).toMatchObject({ source: 'acme', status: 'done', total: REPOSITORIES, notDone: 0, counts: { done: REPOSITORIES - BROKEN, unchanged: 0, held: 0, failed: BROKEN, vanished: 0, nothing: 0 }, discovery: { present: REPOSITORIES, new: REPOSITORIES } });
  });

  it('gives every repository one outcome, with its reason', () => {
    const items = new Map(itemsOf(report.fleetId).map((item) => [item.repository, item]));
    expect(items.size).toBe(REPOSITORIES);
    const told = origins.all.map(({ name }) => ({ name, outcome: items.get(name)?.outcome, kind: items.get(name)?.failure?.kind }));
    expect(told).toEqual(origins.all.map(({ name, outcome, kind }) => ({ name, outcome, kind })));
  });

  it('writes one visit of each sound repository, and none of the others', async () => {
    const { store } = testDeps(temporal, workerId);
    const visits = await Promise.all(origins.all.map(async ({ name, outcome }) => ({ name, outcome, visits: await listVisitNumbers(store, name) })));
    expect(visits.filter(({ outcome, visits: { length } }) => length !== (outcome === 'done' ? 1 : 0))).toEqual([]);
  });

  it('never asks one host for more repositories at once than it may', () => {
    expect(origins.servers.map((server) => server.most() <= AT_ONCE)).toEqual([true, true]);
    const items = itemsOf(report.fleetId);
    const hostOf = new Map(origins.all.map(({ name, url }) => [name, url.startsWith('/') ? '' : new URL(url).host]));
    for (const [, of] of Map.groupBy(items, ({ repository }) => hostOf.get(repository))) expect(mostAtOnce(of)).toBeLessThanOrEqual(AT_ONCE);
  });

  it('was continued as new, and every history of it replays', { timeout: PATIENCE }, async () => {
    const runs: string[] = [];
    for await (const run of temporal.client.workflow.list({ query: `WorkflowId = '${fleetWorkflowId('acme')}'` })) runs.push(run.runId);
    expect(runs.length).toBeGreaterThan(1);
    const codePath = await workflowBundle([projectBuildFolder], sdkLogger(silentLog));
    for (const runId of runs) await Worker.runReplayHistory({ workflowBundle: { codePath } }, await temporal.client.workflow.getHandle(fleetWorkflowId('acme'), runId).fetchHistory(), fleetWorkflowId('acme'));
  });

  it('tells what is unchanged as that, and backs up what grew', { timeout: PATIENCE }, async () => {
    const few = origins.all.filter(({ url }, at) => at >= 3 && at < 30 && url.startsWith('/')); // a shallow origin is fetched anew each time
    const grown = few.slice(-3);
    for (const { name } of grown) await origins.grow(name);
    await writeList('few', few);
    const report = (await (await started('few')).result()) as FleetReport;
    expect(report).toMatchObject({ total: few.length, counts: { done: grown.length, unchanged: few.length - grown.length, failed: 0 }, failed: [] });
    expect(listFleetRuns(state, undefined, 10).map(({ source, status }) => [source, status])).toEqual([['few', 'done'], ['acme', 'done']]);
  });
});
