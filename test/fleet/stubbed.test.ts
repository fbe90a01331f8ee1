// A fleet run on a real Temporal, over backups that only tell that they ran: cancelling, joining, what is exported afterwards, and what the forge says.
import { fileURLToPath } from 'node:url';
import { NativeConnection, Worker, bundleWorkflowCode } from '@temporalio/worker';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createActivities } from '../../activities/index.ts';
import type { AuditRecord } from '../../activities/record-audit.ts';
import type { FleetItem, FleetReport, FleetStatus } from '../../contract/fleet.ts';
import { QUERY, WORKFLOW, discoverWorkflowId, fleetWorkflowId, ingestWorkflowId } from '../../contract/names.ts';
import type { Notification } from '../../contract/notification.ts';
import { SourceSpec, type DecidedRepository } from '../../contract/source.ts';
import { fleetItems, listFleetRuns } from '../../state/fleet-runs.ts';
import { addSource, stateSources } from '../../state/sources.ts';
import { sdkLogger } from '../../stack/temporal-runtime.ts';
import { NAMESPACE, silentLog, startTemporal, unique, type TestTemporal } from '../harness/temporal.ts';
import { fleetDeps, statePath } from './deps.ts';
import type { StubActs, StubAnswer } from './stubbed.ts';

type Began = Parameters<StubActs['began']>[0];

let temporal: TestTemporal;
let bundle: { code: string };
let queue: string;
let workerId: string;
let source: string;
let state: string;
let stop: () => Promise<void>;
/** Every run that began, in its order. */
let began: Began[];
let cancelled: string[];
let audited: AuditRecord[];
let told: Notification[];
/** How a run ends. */
let answer: (run: Began) => StubAnswer | Promise<StubAnswer>;

beforeAll(async () => {
  [temporal, bundle] = await Promise.all([startTemporal(), bundleWorkflowCode({ workflowsPath: fileURLToPath(new URL('./stubbed.ts', import.meta.url)), logger: sdkLogger(silentLog) })]);
  [queue, workerId] = [unique('queue'), unique('worker')];
  state = statePath(temporal, workerId);
  stop = await work();
});

afterAll(async () => {
  await stop?.();
  await temporal?.stop();
});

beforeEach(() => {
  source = unique('acme');
  [began, cancelled, audited, told] = [[], [], [], []];
  answer = () => ({});
});

async function work(): Promise<() => Promise<void>> {
  const connection = await NativeConnection.connect({ address: temporal.server.address });
  const deps = fleetDeps(temporal, workerId);
  const activities = {
    ...createActivities(deps),
    began: async (run: Began) => {
      began.push(run);
      return answer(run);
    },
    cancelled: async ({ name }: { name: string }) => void cancelled.push(name),
    recordAudit: async (record: AuditRecord) => void audited.push(record),
    queueNotification: async (notification: Notification) => void told.push(notification),
  };
  const worker = await Worker.create({ connection, namespace: NAMESPACE, taskQueue: queue, workflowBundle: bundle, activities, shutdownForceTime: '5 seconds' });
  const running = worker.run();
  return async () => {
    worker.shutdown();
    await running;
    await connection.close();
    await deps.events.close();
  };
}

const listed = (name: string, more: Partial<DecidedRepository> = {}): DecidedRepository => ({ id: name, path: `acme/${name}`, url: `https://forge.example/acme/${name}.git`, archived: false, fork: false, wiki: false, empty: false, name: null, repository: `${source}.${name}`, excluded: null, formerUrl: null, ...more });

/** A source that a discovery found these in. */
function known(repositories: DecidedRepository[], spec: object = {}): void {
  const book = stateSources(state);
  if (book.source(source) === null) addSource(state, SourceSpec.parse({ name: source, kind: 'github', owner: 'acme', atOnce: 2, ...spec }));
  const discovery = unique('discovery');
  book.beginDiscovery(source, discovery);
  book.keepPage(source, discovery, repositories);
  book.endDiscovery(source, discovery, repositories, false);
}

const start = (input: object = {}, workflowId = fleetWorkflowId(source), onward: object = {}): ReturnType<typeof temporal.client.workflow.start> => temporal.client.workflow.start(WORKFLOW.fleet, { workflowId, taskQueue: queue, args: [{ source, requestedBy: 'ada', ...input }, onward] });

const itemsOf = (fleetId: string): Pick<FleetItem, 'repository' | 'outcome'>[] => fleetItems(state, fleetId, { limit: 1_000 });
const latest = (): ReturnType<typeof listFleetRuns>[number] | undefined => listFleetRuns(state, source, 1)[0];
const ingests = (): string[] => began.filter(({ type }) => type === 'ingest').map(({ name }) => name.replace(`${source}.`, ''));

describe('a fleet run', () => {
  it('tells each outcome, records the end once, and notifies', async () => {
    known([listed('gone'), listed('a')]);
    known([listed('a'), listed('b'), listed('c'), listed('d'), listed('e', { excluded: 'a fork' })]);
    answer = ({ name }) => ({ unchanged: name.endsWith('.b'), ...(name.endsWith('.c') ? { held: true } : {}), ...(name.endsWith('.d') ? { fails: 'OriginRefused' } : {}) });
    const report = (await (await start()).result()) as FleetReport;
    expect(report).toMatchObject({ status: 'done', total: 5, notDone: 0, newBytes: 200, counts: { done: 1, unchanged: 1, held: 1, failed: 1, vanished: 1 }, failed: [{ repository: `${source}.d`, failure: { kind: 'OriginRefused' } }], held: [{ repository: `${source}.c` }], discoveryFailure: null });
    expect(ingests().sort()).toEqual(['a', 'b', 'c', 'd']);
    expect(audited).toMatchObject([{ action: 'fleet', outcome: 'done', actor: 'ada', details: { counts: { failed: 1 } } }]);
    expect(told).toMatchObject([{ event: 'fleet.done', key: `fleet.done:${report.fleetId}`, facts: { status: 'done', failed: 1, held: 1, but: '', firstFailed: [{ repository: `${source}.d`, reason: `${source}.d failed` }] } }]);
    expect(latest()).toMatchObject({ status: 'done', requestedBy: 'ada', report: { fleetId: report.fleetId } });
  });

  it('cancels what it began and says what was not done; a backup that ran before goes on', async () => {
    known(['a', 'b', 'c', 'd', 'e'].map((name) => listed(name)));
    answer = ({ type, name }) => (type === 'discover' || name.endsWith('.a') ? {} : { takes: 600_000 });
    const before = await temporal.client.workflow.start(WORKFLOW.ingest, { workflowId: ingestWorkflowId(`${source}.b`), taskQueue: queue, args: [{ url: 'https://forge.example/acme/b.git', name: `${source}.b` }] });
    await expect.poll(ingests).toEqual(['b']);
    const handle = await start();
    await expect.poll(ingests).toEqual(['b', 'a', 'c']);
    await expect.poll(() => handle.query<FleetStatus>(QUERY.status)).toMatchObject({ state: 'backing up', total: 5, counts: { done: 1 }, running: [`${source}.b`, `${source}.c`] });
    await handle.cancel();
    await expect(handle.result()).rejects.toThrow();
    expect(cancelled).toEqual([`${source}.c`]);
    expect(latest()).toMatchObject({ status: 'cancelled', report: { status: 'cancelled', total: 5, notDone: 4, counts: { done: 1, failed: 0 } } });
    expect(audited).toMatchObject([{ action: 'fleet', outcome: 'cancelled' }]);
    expect(told).toMatchObject([{ event: 'fleet.done', facts: { status: 'cancelled', notDone: 4, but: '; cancelled, 4 without a turn' } }]);
    expect((await before.describe()).status.name).toBe('RUNNING');
    await before.terminate('the test is over');
  });

  it('goes on in new histories with what runs, and begins nothing twice', { timeout: 180_000 }, async () => {
    const names = Array.from({ length: 60 }, (_, n) => `r${String(n).padStart(2, '0')}`);
    known(names.map((name) => listed(name)), { atOnce: 5 });
    answer = ({ name }) => (name.endsWith('.r03') ? { takes: 15_000 } : {});
    const handle = await start({}, undefined, { mostEvents: 120 });
    const report = (await temporal.client.workflow.getHandle(handle.workflowId).result()) as FleetReport;
    expect(report).toMatchObject({ total: 60, notDone: 0, counts: { done: 60 } });
    expect(ingests().toSorted()).toEqual(names);
    expect((await temporal.client.workflow.getHandle(handle.workflowId).describe()).runId).not.toBe(handle.firstExecutionRunId);
    expect(itemsOf(report.fleetId)).toHaveLength(60);
  });

  it('cancels after its history was continued what an earlier one began', { timeout: 120_000 }, async () => {
    known(Array.from({ length: 30 }, (_, n) => listed(`r${String(n).padStart(2, '0')}`)), { atOnce: 3 });
    answer = ({ name }) => (/\.r(00|29)$/.test(name) ? { takes: 600_000 } : {});
    const handle = await start({}, undefined, { mostEvents: 100 });
    await expect.poll(() => ingests().includes('r29'), { timeout: 60_000 }).toBe(true);
    const latestRun = temporal.client.workflow.getHandle(handle.workflowId);
    expect((await latestRun.describe()).runId).not.toBe(handle.firstExecutionRunId);
    await latestRun.cancel();
    await expect(latestRun.result()).rejects.toThrow();
    expect(cancelled.toSorted()).toEqual([`${source}.r00`, `${source}.r29`]);
    await expect.poll(() => latest()?.report).toMatchObject({ status: 'cancelled', total: 30, notDone: 2 });
  });

  it('under another id starts the one run of its source, or joins it', async () => {
    known([listed('a')]);
    const held = Promise.withResolvers<StubAnswer>();
    answer = ({ type }) => (type === 'ingest' ? held.promise : {});
    const first = await start({}, unique('scheduled'));
    await expect.poll(ingests).toEqual(['a']);
    const second = await start({}, unique('scheduled'));
    await expect.poll(async () => ((await second.describe()).raw.pendingActivities ?? []).map(({ activityType }) => activityType?.name)).toEqual(['joinRun']);
    held.resolve({});
    const [a, b] = (await Promise.all([first.result(), second.result()])) as FleetReport[];
    expect(b?.fleetId).toBe(a?.fleetId);
    expect(ingests()).toEqual(['a']);
  });

  it('that was ended from outside is not left running in the list', async () => {
    known([listed('a')]);
    answer = ({ type }) => (type === 'ingest' ? { takes: 600_000 } : {});
    const lost = await start();
    await expect.poll(ingests).toEqual(['a']);
    await lost.terminate('lost');
    await temporal.client.workflow.getHandle(ingestWorkflowId(`${source}.a`)).terminate('lost');
    answer = () => ({});
    await (await start()).result();
    expect(listFleetRuns(state, source, 2).map(({ status, failure }) => [status, failure?.kind])).toEqual([['done', undefined], ['failed', 'Cancelled']]);
  });
});

describe('what the forge says', () => {
  it('is exported after the backups, of those that are backed up, and its failure stands beside the outcome', async () => {
    known([listed('a'), listed('b'), listed('c'), listed('a.wiki', { wiki: true, url: '/nowhere/a.wiki.git' })], { forgeData: true });
    answer = ({ type, name }) => ({ ...(type === 'ingest' && name.endsWith('.b') ? { fails: 'OriginRefused' } : {}), ...(type === 'forgeData' && name.endsWith('.c') ? { fails: 'Unavailable' } : {}) });
    const report = (await (await start()).result()) as FleetReport;
    expect(report).toMatchObject({ counts: { done: 2, failed: 1, nothing: 1 }, forgeDataFailed: 1 });
    expect(began.filter(({ type }) => type === 'forgeData').map(({ name }) => name).toSorted()).toEqual([`${source}.a`, `${source}.c`]);
    expect(fleetItems(state, report.fleetId, { limit: 10 }).map(({ repository, outcome, forgeData }) => [repository.replace(`${source}.`, ''), outcome, forgeData?.kind])).toEqual([['a', 'done', undefined], ['a.wiki', 'nothing', undefined], ['b', 'failed', undefined], ['c', 'done', 'Unavailable']]);
  });

  it('cannot be asked: what was found before is backed up, and the report says so', async () => {
    known([listed('a')]);
    answer = ({ type }) => (type === 'discover' ? { fails: 'NotAllowed' } : {});
    const report = (await (await start()).result()) as FleetReport;
    expect(report).toMatchObject({ status: 'done', counts: { done: 1 }, discovery: null, discoveryFailure: { kind: 'NotAllowed' } });
    expect(told).toMatchObject([{ facts: { but: `; the forge could not be asked: ${source} failed` } }]);
  });

  it('cannot be asked, and nothing was ever found: the run fails, and somebody is told', async () => {
    known([]);
    answer = () => ({ fails: 'NotAllowed' });
    await expect((await start()).result()).rejects.toMatchObject({ cause: { type: 'NotAllowed' } });
    expect(latest()).toMatchObject({ status: 'failed', failure: { kind: 'NotAllowed' } });
    expect(told).toMatchObject([{ event: 'fleet.done', facts: { status: 'failed', but: `; the run failed: ${source} failed` } }]);
  });

  it('is asked again where somebody just looked without keeping what was found', async () => {
    known([listed('a')]);
    answer = ({ type }) => (type === 'discover' && began.length === 1 ? { takes: 1_000 } : {});
    await temporal.client.workflow.start(WORKFLOW.discover, { workflowId: discoverWorkflowId(source), taskQueue: queue, args: [{ source, dryRun: true }] });
    await expect.poll(() => began.length).toBe(1);
    const report = (await (await start()).result()) as FleetReport;
    expect(began.map(({ type }) => type)).toEqual(['discover', 'discover', 'ingest']);
    expect(report.discovery).not.toHaveProperty('dryRun');
  });

  it('is not asked where nobody wants that', async () => {
    known([listed('a')]);
    const report = (await (await start({ discover: false })).result()) as FleetReport;
    expect([report.discovery, began.map(({ type }) => type)]).toEqual([null, ['ingest']]);
  });
});

it('a source that nobody added fails at once, with a record and a notification', async () => {
  await expect((await start()).result()).rejects.toMatchObject({ cause: { type: 'NotFound' } });
  expect([audited[0]?.outcome, told[0]?.event]).toEqual(['failed', 'fleet.done']);
});

it('wrong input fails at once', async () => {
  await expect((await start({ atOnce: 0 })).result()).rejects.toMatchObject({ cause: { type: 'InvalidInput' } });
});
