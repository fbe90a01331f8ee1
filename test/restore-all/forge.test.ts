// A restore of many to an owner on a forge: repositories are made there, private and by their own names, and pushed over HTTP.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ActivityDeps } from '../../activities/act.ts';
import type { RestoreAllInput, RestoreAllReceipt } from '../../contract/restore-all.ts';
import type { ForgeSettings } from '../../forges/settings.ts';
import { saveCredential } from '../../git/credentials.ts';
import { gitText } from '../../git/process.ts';
import { nameAtTarget } from '../../restore/many/name-at-target.ts';
import { importCommits } from '../fixtures/fast-import.ts';
import { initBare } from '../fixtures/plumbing.ts';
import { compareRepositories, describeDifference } from '../harness/compare.ts';
import { startGitHttp } from '../harness/git-http.ts';
import { openIngest, type IngestHarness } from '../harness/ingest.ts';
import { startTemporal, startWorker, unique, type TestTemporal, type TestWorker } from '../harness/temporal.ts';
import { startFakeForge, TOKEN, type FakeForge, type Kind } from './fake-forge.ts';
import { originOf, outcomesOf, planned } from './many.ts';

let temporal: TestTemporal;
let pivo: IngestHarness;
let deps: ActivityDeps;
let worker: TestWorker;
let folder: string;
const taskQueue = unique('queue');
/** As the configuration would name them. */
const forges: ForgeSettings[] = [];
const ending: (() => Promise<void>)[] = [];

/** Their origins are served over HTTP, so that each has an owner. */
beforeAll(async () => {
  temporal = await startTemporal();
  folder = temporal.folder;
  pivo = await openIngest(join(folder, 'home'));
  deps = { ...pivo.deps, protocols: ['file', 'http'] };
  Object.assign(pivo.deps, { protocols: ['file', 'http'] });
  for (const owner of ['acme', 'beta']) for (const name of owner === 'acme' ? ['web', 'api', 'same'] : ['same']) await originOf(join(folder, 'origins', owner), name);
  const server = await startGitHttp({ root: join(folder, 'origins') });
  ending.push(() => server.close());
  for (const path of ['acme/web', 'acme/api', 'acme/same', 'beta/same']) await pivo.ingest(`${server.url}/${path}.git`, path.replace('/', '.'));
  await saveCredential(deps.credentials, 'forge', { kind: 'token', username: 'pivo', token: TOKEN });
  deps = { ...deps, pipelines: { forges, rows: undefined as never, tools: undefined as never } };
  worker = await startWorker(temporal, { taskQueue, deps });
});

afterEach(async () => {
  for (const end of ending.splice(1)) await end();
});

afterAll(async () => {
  for (const end of ending) await end();
  await worker.stop();
  await pivo.close();
  await temporal.stop();
});

async function forgeOf(kind: Kind): Promise<{ forge: FakeForge; root: string }> {
  const root = join(folder, unique(kind));
  await mkdir(join(root, 'rescue'), { recursive: true });
  const forge = await startFakeForge(kind, root);
  forges.push(forge.settings);
  ending.push(() => forge.close());
  return { forge, root };
}

const start = (input: Partial<RestoreAllInput> & { target: string }): Promise<WorkflowHandle> =>
  temporal.client.workflow.start('restoreAll', { taskQueue, workflowId: `restore-all:${unique('all')}`, args: [{ requestedBy: 'ada', ...input }] });

describe('a restore of many to a forge', () => {
  it.each(['github', 'gitlab', 'gitea'] as const)('makes what is missing on %s, private, with its default branch, and nothing before it is approved', async (kind) => {
    const { forge, root } = await forgeOf(kind);
    const handle = await start({ target: `${forge.url}/rescue`, only: ['acme.web', 'acme.api'] });
    const { planHash, plan } = await planned(handle);
    expect(plan?.repositories.map(({ target, makes }) => [target, makes])).toEqual([[`${forge.url}/rescue/api.git`, 'forge'], [`${forge.url}/rescue/web.git`, 'forge']]);
    expect(forge.made.size).toBe(0);
    const limited = kind === 'gitlab' ? 'POST projects' : 'POST orgs/rescue/repos';
    forge.refusals.set(limited, { status: 429, headers: { 'retry-after': '1' } });
    await handle.executeUpdate('approve', { args: [{ planHash, approver: 'grace' }] });
    const receipt = (await handle.result()) as RestoreAllReceipt;
    expect(receipt).toMatchObject({ outcome: 'done', counts: { restored: 2 } });
    expect(receipt.receipts.map(({ head }) => head?.restored)).toEqual([true, true]);
    expect([...forge.made].sort()).toEqual([['rescue/api', true], ['rescue/web', true]]);
    expect(forge.asked.filter((said) => said === limited)).toHaveLength(3);
    expect(describeDifference(await compareRepositories(join(folder, 'origins/acme/web.git'), join(root, 'rescue/web.git')))).toBe('');
    const again = (await (await start({ target: `${forge.url}/rescue`, only: ['acme.web', 'acme.api'], approval: 'waived' })).result()) as RestoreAllReceipt;
    expect(again).toMatchObject({ outcome: 'done', counts: { unchanged: 2, restored: 0 } });
  });

  it('refuses names that collide there, each with the other, and never writes into what somebody else began', async () => {
    const { forge, root } = await forgeOf('gitea');
    await initBare(join(root, 'rescue/web.git'));
    await importCommits(join(root, 'rescue/web.git'), [{ ref: 'refs/heads/main', mark: 1, message: 'of somebody else' }]);
    const handle = await start({ target: `${forge.url}/rescue`, approval: 'waived' });
    const receipt = (await handle.result()) as RestoreAllReceipt;
    expect(outcomesOf(receipt)).toEqual({ refused: ['acme.same', 'acme.web', 'beta.same'], restored: ['acme.api'] });
    expect(receipt.receipts.find(({ repository }) => repository === 'beta.same')?.failure).toMatchObject({ kind: 'NameConflict', message: expect.stringContaining('acme.same') });
    expect(receipt.receipts.find(({ repository }) => repository === 'acme.web')?.failure).toMatchObject({ kind: 'TargetRefused' });
    expect(await gitText(['log', '--format=%s', 'main'], { gitDir: join(root, 'rescue/web.git') })).toBe('of somebody else');
  });

  it('leaves alone what somebody else made there after the plan', async () => {
    const { forge, root } = await forgeOf('github');
    const handle = await start({ target: `${forge.url}/rescue`, only: ['acme.web', 'acme.api'] });
    const { planHash } = await planned(handle);
    await initBare(join(root, 'rescue/web.git'));
    await importCommits(join(root, 'rescue/web.git'), [{ ref: 'refs/heads/theirs', mark: 1, message: 'of somebody else' }]);
    await handle.executeUpdate('approve', { args: [{ planHash, approver: 'grace' }] });
    const receipt = (await handle.result()) as RestoreAllReceipt;
    expect(outcomesOf(receipt)).toEqual({ failed: ['acme.web'], restored: ['acme.api'] });
    expect(receipt.receipts[0]?.failure).toMatchObject({ kind: 'PlanChanged', message: expect.stringContaining('refs/heads/theirs') });
    expect(await gitText(['for-each-ref', '--format=%(refname)'], { gitDir: join(root, 'rescue/web.git') })).toBe('refs/heads/theirs');
  });

  it('tells of a token that may not make repositories, and restores those that are there', async () => {
    const { forge, root } = await forgeOf('github');
    await initBare(join(root, 'rescue/api.git'));
    const handle = await start({ target: `${forge.url}/rescue`, only: ['acme.web', 'acme.api'] });
    const { planHash } = await planned(handle);
    forge.refusals.set('POST orgs/rescue/repos', { status: 403, body: { message: 'Resource not accessible by personal access token' } });
    await handle.executeUpdate('approve', { args: [{ planHash, approver: 'grace' }] });
    const receipt = (await handle.result()) as RestoreAllReceipt;
    expect(outcomesOf(receipt)).toEqual({ failed: ['acme.web'], restored: ['acme.api'] });
    expect(receipt.receipts[0]?.failure).toMatchObject({ kind: 'NotAllowed', message: expect.stringContaining('not accessible') });
  });

  it('pushes to a plain git server, where each repository must be there', async () => {
    const root = join(folder, unique('plain'));
    await initBare(join(root, 'team/web.git'));
    const server = await startGitHttp({ root });
    ending.push(() => server.close());
    const receipt = (await (await start({ target: `${server.url}/team`, only: ['acme.web', 'acme.api'], approval: 'waived' })).result()) as RestoreAllReceipt;
    expect(outcomesOf(receipt)).toEqual({ refused: ['acme.api'], restored: ['acme.web'] });
    expect(describeDifference(await compareRepositories(join(folder, 'origins/acme/web.git'), join(root, 'team/web.git')))).toBe('');
  });
});

describe('the name at the target', () => {
  it.each([
    ['acme.web', 'https://github.com/acme/web.git', 'web'],
    ['acme.web', 'git@github.com:acme/web.git', 'web'],
    ['group.sub.web', 'https://gitlab.com/group/sub/web.git', 'web'],
    ['acme.old', 'https://github.com/acme/new.git', 'old'],
    ['git.example.com.acme.web', 'https://git.example.com/acme/web.git', 'web'],
    ['acme.web.wiki', 'https://github.com/acme/web.wiki.git', 'web.wiki'],
    ['web', 'https://github.com/acme/web.git', 'web'],
    ['mine', 'https://github.com/acme/web.git', 'mine'],
    ['acme.web', '/srv/git/acme/web.git', 'acme.web'],
    ['acme.-x', 'https://github.com/acme/-x.git', 'acme.-x'],
  ])('of %s from %s is %s', (repository, origin, name) => {
    expect(nameAtTarget(repository, origin)).toBe(name);
  });
});
