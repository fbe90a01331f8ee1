// Discoveries on a real Temporal: limits waited for by timers, renamed and vanished repositories, listings that are not to be believed.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, test } from 'vitest';
import type { ActivityDeps } from '../../activities/act.ts';
import { TASK_QUEUE, discoverWorkflowId } from '../../contract/names.ts';
import type { Progress } from '../../contract/ingest.ts';
import type { Discovery, SourceRepository } from '../../contract/source.ts';
import { saveCredential } from '../../git/credentials.ts';
import type { OperationContext } from '../../operations/operation.ts';
import { sourceAdd, sourceRemove } from '../../operations/source-add.ts';
import { sourceDiscover, sourcePreview } from '../../operations/source-discover.ts';
import { sourceList, sourceRepositories, sourceShow } from '../../operations/sources.ts';
import { fleetDeps } from '../fleet/deps.ts';
import { TOKEN } from '../forges/fake-forge.ts';
import { startFakeListing, type FakeListing } from '../forges/fake-listing.ts';
import { githubReferee } from '../forges/openapi.ts';
import { callOperation, operationContext } from '../harness/operations.ts';
import { startTemporal, startWorker, unique, type TestTemporal, type TestWorker } from '../harness/temporal.ts';

let temporal: TestTemporal;
let worker: TestWorker;
let deps: ActivityDeps;
let context: OperationContext;
let fake: FakeListing;
let source: string;

beforeAll(async () => {
  temporal = await startTemporal();
  const workerId = unique('worker');
  deps = fleetDeps(temporal, workerId);
  await saveCredential(deps.credentials, 'forge', { kind: 'token', username: 'x', token: TOKEN });
  worker = await startWorker(temporal, { taskQueue: TASK_QUEUE, deps, workerId });
  context = operationContext(temporal, worker);
});
afterAll(async () => {
  await worker?.stop();
  await deps?.events.close();
  await temporal?.stop();
});
beforeEach(async () => {
  fake = await startFakeListing('github', { referee: await githubReferee() });
  fake.repositories.push({ id: 1, path: 'acme/shop', wiki: true }, { id: 2, path: 'acme/web' }, { id: 3, path: 'acme/old', archived: true }, { id: 4, path: 'acme/copy', fork: true }, { id: 5, path: 'acme/docs' });
  source = unique('acme');
  await callOperation(sourceAdd, context, { name: source, kind: 'github', owner: 'acme', host: fake.web, credential: 'forge' });
});
afterEach(async () => {
  await callOperation(sourceRemove, context, { source });
  await fake.close();
  expect(fake.wrong).toEqual([]);
});

const discover = (more: { dryRun?: boolean; acceptVanished?: boolean } = {}, onProgress: (progress: Progress) => void = () => {}): Promise<Discovery> =>
  callOperation(sourceDiscover, context, { source, ...more }, { onProgress }) as Promise<Discovery>;

const repositories = async (): Promise<SourceRepository[]> => (await callOperation(sourceRepositories, context, { source, limit: 1_000 })).repositories;
const stateOf = async (): Promise<Record<string, string>> => Object.fromEntries((await repositories()).map(({ repository, state }) => [repository, state]));

test('a discovery keeps what the source holds, and says why some of it is not taken', async () => {
  expect(await discover()).toMatchObject({ source, present: 5, excluded: 1, new: 5, renamed: 0, vanished: 0 });
  expect(await stateOf()).toEqual({ 'acme.copy': 'excluded', 'acme.docs': 'present', 'acme.old': 'present', 'acme.shop': 'present', 'acme.shop.wiki': 'present', 'acme.web': 'present' });
  expect((await repositories())[0]).toMatchObject({ path: 'acme/copy', reason: 'a fork', url: 'https://git.example.com/acme/copy.git' });
  expect(await callOperation(sourceShow, context, { source })).toMatchObject({ name: source, present: 5, excluded: 1, vanished: 0, discovered: expect.any(String) as string });
  expect((await callOperation(sourceList, context, {})).map(({ name }) => name)).toEqual([source]);
  expect(await discover()).toMatchObject({ present: 5, new: 0 });
});

test('a dry run changes nothing and shows what would be taken', async () => {
  const { discovery } = await discover({ dryRun: true });
  expect(await repositories()).toEqual([]);
  const { repositories: decided } = await callOperation(sourcePreview, context, { source, discovery });
  expect(decided.map(({ repository, excluded }) => [repository, excluded])).toEqual([['acme.copy', 'a fork'], ['acme.docs', null], ['acme.old', null], ['acme.shop', null], ['acme.shop.wiki', null], ['acme.web', null]]);
});

test('a renamed repository keeps its name in the archive, a vanished one stays known, one that comes back is present', async () => {
  await discover();
  fake.repositories = [{ id: 1, path: 'acme/store', wiki: true }, ...fake.repositories.slice(2)];
  expect(await discover()).toMatchObject({ present: 4, renamed: 2, vanished: 1, new: 0 });
  const [shop, wiki, web] = (await repositories()).slice(3);
  expect(shop).toMatchObject({ repository: 'acme.shop', path: 'acme/store', renamedFrom: ['acme/shop'], url: 'https://git.example.com/acme/store.git' });
  expect(wiki).toMatchObject({ repository: 'acme.shop.wiki', path: 'acme/store.wiki', renamedFrom: ['acme/shop.wiki'] });
  expect(web).toMatchObject({ repository: 'acme.web', state: 'vanished' });
  expect(await discover()).toMatchObject({ present: 4, renamed: 0, vanished: 0 });
  fake.repositories.push({ id: 2, path: 'acme/web' });
  expect(await discover()).toMatchObject({ present: 5, vanished: 0, new: 0 });
  expect(await stateOf()).toMatchObject({ 'acme.web': 'present' });
});

test('a limit is waited for by a durable timer, and told', async () => {
  const said: string[] = [];
  const body = { message: 'You have exceeded a secondary rate limit.' };
  fake.fault({ on: 'GET /orgs/{org}/repos', answer: { status: 403, body, headers: { 'retry-after': '2' } } }, { on: 'GET /orgs/{org}/repos', answer: { status: 502, body: 'Bad Gateway' } });
  expect(await discover({}, ({ phase }) => void said.push(phase))).toMatchObject({ present: 5 });
  expect(said).toContainEqual(expect.stringMatching(/^waiting until \d{4}-.*, as the forge asks$/));
  const { events } = await temporal.client.workflow.getHandle(discoverWorkflowId(source)).fetchHistory();
  expect(events?.filter(({ timerStartedEventAttributes }) => timerStartedEventAttributes != null).map(({ timerStartedEventAttributes: timer }) => Number(timer?.startToFireTimeout?.seconds))).toEqual([2, 4]);
});

describe('a listing that is not to be believed changes nothing', () => {
  test.each([
    ['the owner is gone', () => { fake.owner.name = 'other'; }, 'NotFound'],
    ['everything is gone at once', () => { fake.repositories = []; }, 'NotAllowed'],
    ['most is gone at once', () => { fake.repositories = fake.repositories.slice(0, 1); fake.repositories[0] = { id: 1, path: 'acme/shop' }; }, 'NotAllowed'],
  ])('%s', async (_, happens, kind) => {
    await discover();
    const before = await stateOf();
    happens();
    await expect(discover()).rejects.toMatchObject({ kind, hint: expect.any(String) as string });
    expect(await stateOf()).toEqual(before);
    fake.owner.name = 'acme';
  });

  test('unless a person says that it is so', async () => {
    await discover();
    fake.repositories = [];
    expect(await discover({ acceptVanished: true })).toMatchObject({ present: 0, vanished: 6 });
    await expect(callOperation(sourceDiscover, { ...context, caller: { user: 'bot', via: 'agent', owner: false } }, { source, acceptVanished: true })).rejects.toMatchObject({ kind: 'NotAllowed' });
  });

  test('a listing that ends in the middle', async () => {
    await discover();
    const before = await stateOf();
    fake.repositories = Array.from({ length: 150 }, (_, at) => ({ id: 100 + at, path: `acme/r${at}` }));
    fake.fault({ on: ({ query }) => query.get('page') === '2', answer: { status: 404, body: { message: 'Not Found' } } });
    await expect(discover()).rejects.toMatchObject({ kind: 'NotFound' });
    expect(await stateOf()).toEqual(before);
  });
});

test('a dry run of somebody else is not taken for a discovery', async () => {
  fake.fault({ answer: { status: 429, body: { message: 'slow down' }, headers: { 'retry-after': '2' } } });
  const dry = discover({ dryRun: true });
  await expect.poll(() => temporal.client.workflow.getHandle(discoverWorkflowId(source)).describe().then(({ status }) => status.name, () => null)).toBe('RUNNING');
  const found = await discover();
  expect(found).not.toHaveProperty('dryRun');
  expect(await dry).toMatchObject({ dryRun: true, new: found.new });
  expect((await repositories()).filter(({ state }) => state === 'present')).toHaveLength(found.present);
});

test('a repository that slips from one page to the other while they are read has not vanished', async () => {
  fake.repositories = Array.from({ length: 101 }, (_, at) => ({ id: at + 1, path: `acme/r${String(at).padStart(3, '0')}` }));
  await discover();
  fake.fault({ on: ({ query }) => query.get('page') === '2', act: () => { fake.repositories = fake.repositories.slice(1); } }); // the first is removed when page 1 was read: the last moves to where nobody looks any more
  expect(await discover()).toMatchObject({ present: 101, vanished: 0 });
  expect(await discover()).toMatchObject({ present: 100, vanished: 1 });
});

test('a list is read again at each discovery, by the worker', async () => {
  const file = join(temporal.folder, 'list.txt');
  const list = unique('list');
  await writeFile(file, 'https://git.example.com/acme/shop.git\nhttps://far.example.com/acme/shop.git\nssh://git@git.example.com/acme/web.git web\n');
  await callOperation(sourceAdd, context, { name: list, kind: 'list', owner: file });
  expect(await callOperation(sourceDiscover, context, { source: list })).toMatchObject({ present: 3, new: 3 });
  const { repositories: found } = await callOperation(sourceRepositories, context, { source: list });
  expect(found.map(({ repository, url }) => [repository, url])).toEqual([['acme.shop', 'https://far.example.com/acme/shop.git'], ['git.example.com.acme.shop', 'https://git.example.com/acme/shop.git'], ['web', 'ssh://git@git.example.com/acme/web.git']]);
  await writeFile(file, 'https://git.example.com/acme/shop.git\nnot a url at all\n');
  await expect(callOperation(sourceDiscover, context, { source: list })).rejects.toMatchObject({ kind: 'InvalidInput', message: expect.stringContaining('line 2') as string });
  await callOperation(sourceRemove, context, { source: list });
});

test('5,000 repositories: the pages go to the book, not through the history', async () => {
  fake.repositories = Array.from({ length: 5_000 }, (_, at) => ({ id: at + 1, path: `acme/r${String(at).padStart(4, '0')}` }));
  const before = process.memoryUsage().heapUsed;
  expect(await discover()).toMatchObject({ present: 5_000, new: 5_000 });
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(300 * 2 ** 20);
  const { raw } = await temporal.client.workflow.getHandle(discoverWorkflowId(source)).describe();
  expect(Number(raw.workflowExecutionInfo?.historySizeBytes)).toBeLessThan(256 * 2 ** 10);
  const found = await repositories();
  expect(found).toHaveLength(1_000);
  const { repositories: next } = await callOperation(sourceRepositories, context, { source, limit: 1, after: found.at(-1)?.repository });
  expect(next[0]).toMatchObject({ repository: 'acme.r1000' });
  const spent = fake.spent;
  await discover();
  expect(fake.spent - spent).toBe(1); // who the owner is
}, 180_000);

describe('adding a source', () => {
  const adding = (more: object, caller = context.caller): Promise<unknown> => callOperation(sourceAdd, { ...context, caller }, { name: unique('s'), kind: 'github', owner: 'acme', ...more });
  test.each([
    ['the same name again', () => ({ name: source }), 'Exists'],
    ['a credential that is not stored', () => ({ credential: 'none' }), 'CredentialMissing'],
    ['an owner that is a path', () => ({ owner: 'acme/shop' }), 'InvalidInput'],
    ['an owner that would be another address', () => ({ kind: 'gitlab', owner: 'acme/../users' }), 'InvalidInput'],
    ['a Gitea without an address', () => ({ kind: 'gitea' }), 'InvalidInput'],
    ['a list that is not there', () => ({ kind: 'list', owner: '/nowhere/list.txt' }), 'NotFound'],
    ['a list by a path that depends on where one is', () => ({ kind: 'list', owner: 'list.txt' }), 'InvalidInput'],
    ['a name that cannot be one', () => ({ name: 'A B' }), 'InvalidInput'],
  ])('%s is refused', async (_, more, kind) => {
    await expect(adding(more())).rejects.toMatchObject({ kind, hint: expect.any(String) as string });
  });

  test.each([
    ['has no file of this machine read', { kind: 'list', owner: '/etc/hostname' }],
    ['has no token sent anywhere', { host: 'https://evil.example', credential: 'forge' }],
  ])('a stranger %s', async (_, more) => {
    await expect(adding(more, { user: 'eve', via: 'server', owner: false })).rejects.toMatchObject({ message: expect.stringContaining('may not') as string });
  });
});

test('an unknown source is NotFound at every door', async () => {
  for (const [operation, input] of [[sourceShow, {}], [sourceRepositories, {}], [sourceDiscover, {}], [sourceRemove, {}]] as const) {
    await expect(async () => callOperation(operation as typeof sourceShow, context, { source: 'none', ...input })).rejects.toMatchObject({ kind: 'NotFound' });
  }
});

test('the token is in no history', async () => {
  await discover();
  const history = await temporal.client.workflow.getHandle(discoverWorkflowId(source)).fetchHistory();
  expect(JSON.stringify(history)).not.toContain(TOKEN);
});
