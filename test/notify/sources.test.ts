// Where notifications come from: visits, the gate against destruction, failed backups, restores that wait, proofs that are overdue.
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { DrillRecord } from '../../contract/drill.ts';
import { ingestWorkflowId, TASK_QUEUE, TOPIC } from '../../contract/names.ts';
import { PivoError } from '../../contract/failures.ts';
import type { Notification } from '../../contract/notification.ts';
import type { RestoreStatus } from '../../contract/restore.ts';
import { newsOf } from '../../notify/news.ts';
import { notifierPositions } from '../../state/notifier-positions.ts';
import { statePipelines } from '../../state/pipelines.ts';
import { overdueProofs } from '../../workers/notifier-proofs.ts';
import { importCommits } from '../fixtures/fast-import.ts';
import { fixture } from '../fixtures/generate.ts';
import { initBare } from '../fixtures/plumbing.ts';
import { openIngest } from '../harness/ingest.ts';
import { startTemporal, startWorker, unique, type StandIns, type TestTemporal } from '../harness/temporal.ts';
import { openHome, type HomeOptions, type NotifyHome } from './home.ts';
import { hang, startReceiver, type Receiver } from './receiver.ts';

let temporal: TestTemporal;
let receiver: Receiver;
const homes: NotifyHome[] = [];

beforeAll(async () => {
  temporal = await startTemporal();
  receiver = await startReceiver();
});
afterEach(async () => {
  await Promise.all(homes.splice(0).map((home) => home.stop()));
  receiver.received.splice(0);
});
afterAll(async () => {
  await receiver.stop();
  await temporal.stop();
});

async function home(tables: object[] = [{ name: 'chat', url: receiver.url, rate: 1_000 }], options: HomeOptions = {}): Promise<NotifyHome> {
  const opened = await openHome(temporal, tables, options);
  homes.push(opened);
  return opened;
}

async function newOrigin(): Promise<{ origin: string; name: string }> {
  const name = unique('project');
  const origin = join(temporal.folder, `${name}.git`);
  await fixture('force-push').build(origin);
  return { origin, name };
}

const backUp = (origin: string, name: string): Promise<unknown> => temporal.client.workflow.execute('ingest', { taskQueue: TASK_QUEUE, workflowId: ingestWorkflowId(name), args: [{ url: origin, name }] });
const told = (): Notification[] => receiver.received.map(({ body }) => JSON.parse(body) as Notification);
const toldOf = (event: string, name: string): Notification[] => told().filter((each) => each.event === event && each.repository === name);

describe('a visit', () => {
  it('with a new state is told once, an unchanged one is not', async () => {
    const { origin, name } = await newOrigin();
    await home();
    await backUp(origin, name);
    await backUp(origin, name);
    await expect.poll(() => toldOf('visit.done', name)).toMatchObject([{ key: `visit.done:${name}:1`, facts: { origin, visit: 1, outcome: 'full', created: expect.any(Number), holes: 0 } }]);
    await fixture('force-push').evolve?.(origin);
    await backUp(origin, name);
    await expect.poll(() => toldOf('visit.done', name)).toMatchObject([{ facts: { visit: 1 } }, { facts: { visit: 3, forced: 2 } }]);
  });

  it('that the gate holds is told of as well', async () => {
    const { origin, name } = await newOrigin();
    await home();
    await backUp(origin, name);
    await fixture('force-push').evolve?.(origin);
    await backUp(origin, name);
    await expect.poll(() => toldOf('visit.held', name)).toMatchObject([{ key: `visit.held:${name}:2`, facts: { visit: 2, destroyed: expect.any(Number), refs: expect.arrayContaining([{ kind: expect.any(String), name: expect.stringContaining('refs/heads/') }]) } }]);
  });

  it('that cannot be made is told with the reason', async () => {
    const { origin, name } = await newOrigin();
    await home();
    await rename(origin, `${origin}.aside`);
    await expect(backUp(origin, name)).rejects.toThrow();
    await expect.poll(() => toldOf('visit.failed', name)).toMatchObject([{ facts: { kind: 'OriginRefused', message: expect.any(String), workflow: ingestWorkflowId(name) } }]);
  });

  it('is made while a receiver hangs', async () => {
    const stuck = await startReceiver(hang);
    const { origin, name } = await newOrigin();
    const pivo = await home([{ name: 'stuck', url: stuck.url, timeout: 60, events: ['visit.done'] }]);
    await backUp(origin, name);
    await expect.poll(() => stuck.received.length).toBe(1);
    await fixture('force-push').evolve?.(origin);
    expect(await backUp(origin, name)).toMatchObject({ visit: 2 });
    await expect.poll(() => pivo.deliveries({ status: 'pending' }).map(({ key }) => key)).toEqual([`visit.done:${name}:2`, `visit.done:${name}:1`]);
    await stuck.stop();
  });
});

describe('the topics', () => {
  it('are read from the end the first time, and from where they were read to after that', async () => {
    const { origin, name } = await newOrigin();
    const silent = await openHome(temporal, []);
    await backUp(origin, name);
    await silent.stop();
    const first = await openHome(temporal, [{ name: 'chat', url: receiver.url, rate: 1_000 }], { workerId: silent.workerId });
    await expect.poll(() => notifierPositions(first.state).length).toBeGreaterThan(0);
    await first.stop();
    expect(toldOf('visit.done', name)).toEqual([]);

    const ports = (await openIngest(join(temporal.folder, silent.workerId))).deps; // somebody backs up while nobody listens
    await ports.events.publish(TOPIC.commits, [snapshotEvent(name, 2), { ...snapshotEvent(name, 3), value: 'no JSON' }, snapshotEvent(name, 4)]);
    await ports.events.close();
    const second = await home([{ name: 'chat', url: receiver.url, rate: 1_000 }], { workerId: silent.workerId });
    await expect.poll(() => toldOf('visit.done', name).map(({ facts }) => facts['visit']).toSorted()).toEqual([2, 4]);
    expect(second.deliveries()).toHaveLength(2);
  });

  it('are not caught up with after a time without targets', async () => {
    const pivo = await openHome(temporal, [{ name: 'chat', url: receiver.url }]);
    await expect.poll(() => notifierPositions(pivo.state).length).toBeGreaterThan(0);
    await pivo.stop();
    const silent = await openHome(temporal, [], { workerId: pivo.workerId });
    expect(notifierPositions(pivo.state)).toEqual([]);
    await silent.stop();
  });

  it.each(['', 'null', '{}', '[1]', '"x"', '{"type":"SNAPSHOT"}'])('may hold what is no event: %j', (value) => {
    for (const id of ['snapshot:a:1:0', 'audit:ingest:x', 'commit:a:b:0', '']) expect(newsOf({ id, value })).toEqual([]);
  });
});

describe('a restore that awaits approval', () => {
  it('is told of, and goes on when somebody decides', async () => {
    const { origin, name } = await newOrigin();
    await home();
    await backUp(origin, name);
    const id = unique('restore');
    const target = join(temporal.folder, `${id}.git`);
    const restore = await temporal.client.workflow.start('restore', { taskQueue: TASK_QUEUE, workflowId: `restore:${id}`, args: [{ repository: name, target, requestedBy: 'agent', approval: 'required' }] });
    await expect.poll(() => toldOf('restore.approval', name)).toMatchObject([{ facts: { restore: id, target, requestedBy: 'agent', planHash: expect.any(String), expires: expect.any(String) } }]);
    const { planHash } = toldOf('restore.approval', name)[0]?.facts ?? {};
    await restore.executeUpdate('approve', { args: [{ planHash, approver: 'ada' }] });
    expect(await restore.result()).toMatchObject({ restoreId: id });
  });
});

describe('a pipeline that awaits approval', () => {
  it('is told of by the home that keeps it, and goes on when somebody decides', async () => {
    const name = unique('project');
    const origin = join(temporal.folder, `${name}.git`);
    await initBare(origin);
    await importCommits(origin, [{ ref: 'refs/heads/main', mark: 1, files: [{ path: 'package.json', content: '{"name": "shop", "scripts": {"test": "node --test"}}\n' }] }]);
    const state = join(temporal.folder, `${name}.db`);
    const { workerId } = await home(undefined, { pipelines: { forges: [], rows: statePipelines(state), tools: { cache: join(temporal.folder, 'tools'), env: { PATH: '' } } } });
    await backUp(origin, name);
    const id = unique('pipeline');
    const run = await temporal.client.workflow.start('pipeline', { taskQueue: TASK_QUEUE, workflowId: `pipeline:${id}`, args: [{ repository: name, forge: 'https://git.example.com/acme/shop', system: 'gitlab', requestedBy: 'agent', worker: workerId }] });
    await expect.poll(() => toldOf('pipeline.approval', name)).toMatchObject([{ key: `pipeline.approval:${id}`, facts: { pipeline: id, system: 'gitlab', requestedBy: 'agent', planHash: expect.any(String), expires: expect.any(String) } }]);
    await run.executeUpdate('reject', { args: [{ approver: 'ada' }] });
    await expect(run.result()).rejects.toMatchObject({ cause: { type: 'PlanRejected' } });
  });
});

describe('a home that cannot write down what it has to tell', () => {
  it.each<[string, NonNullable<StandIns['queueNotification']>]>([
    ['because that fails', () => Promise.reject(new PivoError('Unavailable', 'the disk is full'))],
    ['because that hangs', (_deps, _news, { signal }) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))],
  ])('restores all the same, %s', async (_why, queueNotification) => {
    const { origin, name } = await newOrigin();
    const pivo = await openIngest(join(temporal.folder, unique('mute')));
    await pivo.ingest(origin, name);
    const taskQueue = unique('queue');
    const worker = await startWorker(temporal, { taskQueue, deps: pivo.deps, standIns: { queueNotification } });
    const restore = await temporal.client.workflow.start('restore', { taskQueue, workflowId: `restore:${unique('mute')}`, args: [{ repository: name, target: join(temporal.folder, `${name}.restored`) }] });
    await expect.poll(() => restore.query<RestoreStatus>('status')).toMatchObject({ state: 'awaiting approval' });
    const { planHash } = await restore.query<RestoreStatus>('status');
    await restore.executeUpdate('approve', { args: [{ planHash, approver: 'ada' }] });
    expect(await restore.result()).toMatchObject({ approvedBy: 'ada' });
    await worker.stop();
    await pivo.close();
  });
});

describe('an overdue proof', () => {
  const drill = (repository: string, finished: string): DrillRecord => ({ run: finished, repository, outcome: 'proven', started: finished, finished, visit: 1, snapshot: null, visitTime: null, age: 0, seconds: 1, refs: 1, objects: 1, bytes: 1, message: null, hint: null });
  const DAY = 86_400_000;

  it('is one for each repository and for the day on which it became so', async () => {
    const folder = join(temporal.folder, unique('proofs'));
    const pivo = await openIngest(folder);
    const { origin } = await newOrigin();
    for (const name of ['fresh', 'never', 'once']) await pivo.ingest(origin, name);
    const check = { store: pivo.deps.store, state: join(folder, 'state.db'), maxAge: 30 };
    pivo.deps.results.recordDrill(drill('once', '2020-01-10T08:00:00.000Z'));
    pivo.deps.results.recordDrill(drill('fresh', new Date(Date.now() + 20 * DAY).toISOString()));
    expect(await overdueProofs(check, new Map(), Date.parse('2020-02-09T07:59:00Z'))).toEqual([]);
    expect(await overdueProofs(check, new Map(), Date.parse('2020-02-09T08:00:01Z'))).toMatchObject([{ event: 'proof.overdue', repository: 'once', key: 'proof.overdue:once:2020-02-09', facts: { proven: '2020-01-10T08:00:00.000Z', maxAge: 30 } }]);
    const later = await overdueProofs(check, new Map(), Date.now() + 40 * DAY);
    expect(later.map(({ repository }) => repository)).toEqual(['never', 'once']);
    await pivo.close();
  });

  it('is told by the home that found it', async () => {
    const workerId = unique('worker');
    const folder = join(temporal.folder, workerId);
    const before = await openIngest(folder);
    const { origin } = await newOrigin();
    await before.ingest(origin, 'unproven');
    before.deps.results.recordDrill(drill('unproven', '2020-01-10T08:00:00.000Z'));
    await before.close();
    await home(undefined, { workerId });
    await expect.poll(() => toldOf('proof.overdue', 'unproven')).toMatchObject([{ key: 'proof.overdue:unproven:2020-02-09' }]);
  });
});

function snapshotEvent(repository: string, visit: number): { key: string; id: string; type: string; value: string } {
  const id = `snapshot:${repository}:${visit}:0`;
  const value = { type: 'SNAPSHOT', id, repository, origin: 'https://x/y', visit, time: new Date().toISOString(), snapshot: 'swh:1:snp:0', objectFormat: 'sha1', outcome: 'full', head: { symref: 'refs/heads/main', oid: 'a'.repeat(40) }, refs: [], refCount: 0, packs: 0, packBytes: 0, newPacks: 0, newBytes: 0, holes: 0, changes: { created: 0, updated: 0, forced: 0, deleted: 0 }, checkout: { commit: null, kind: 'none', path: null, files: 0, bytes: 0 }, workflow: { id: 'w', runId: 'r' }, part: 0, parts: 1 };
  return { key: repository, id, type: 'SNAPSHOT', value: JSON.stringify(value) };
}
