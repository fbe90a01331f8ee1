// A restore of many on a real Temporal server: one plan, one approval, one receipt of receipts; one bad repository never stops the rest.
import { createHash } from 'node:crypto';
import { chmod, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { canonicalJson } from '../../contract/plan.ts';
import type { RestoreAllInput, RestoreAllReceipt } from '../../contract/restore-all.ts';
import { gitText } from '../../git/process.ts';
import { initBare } from '../fixtures/plumbing.ts';
import { importCommits } from '../fixtures/fast-import.ts';
import { appears } from '../harness/appears.ts';
import { compareRepositories, describeDifference } from '../harness/compare.ts';
import { openIngest, type IngestHarness } from '../harness/ingest.ts';
import { startTemporal, startWorker, unique, type TestTemporal, type TestWorker } from '../harness/temporal.ts';
import { backUpMany, failureOf, numbered, originOf, outcomesOf, planned, statusOf } from './many.ts';

let temporal: TestTemporal;
let pivo: IngestHarness;
let origins: string;
let target: string;
const taskQueue = unique('queue');
const workers: TestWorker[] = [];
const NAMES = numbered(40);
let before: string;

beforeAll(async () => {
  temporal = await startTemporal();
  pivo = await openIngest(join(temporal.folder, 'home'));
  origins = join(temporal.folder, 'origins');
  await backUpMany(pivo, origins, NAMES);
  before = new Date().toISOString();
  await pivo.ingest(await originOf(origins, 'acme.young'), 'acme.young');
  workers.push(await startWorker(temporal, { taskQueue, deps: pivo.deps }));
});

afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.stop()));
  await pivo.close();
  await temporal.stop();
});

beforeEach(() => {
  target = join(temporal.folder, unique('target'));
});

const start = (input: Partial<RestoreAllInput> = {}, ...more: object[]): Promise<WorkflowHandleWithFirstExecutionRunId> =>
  temporal.client.workflow.start('restoreAll', { taskQueue, workflowId: `restore-all:${unique('all')}`, args: [{ target, requestedBy: 'ada', ...input }, ...more] });

const storedReceipt = async (restoreId: string): Promise<RestoreAllReceipt> => JSON.parse(await readFile(pivo.deps.store.localPath(`restores/${restoreId}/receipts.json`) ?? '', 'utf8')) as RestoreAllReceipt;

describe('a restore of everything to a folder', () => {
  it('brings every repository back after one approval, and its receipt names every receipt', async () => {
    const handle = await start();
    const waiting = await planned(handle);
    expect(waiting).toMatchObject({ state: 'awaiting approval', plan: { sums: { repositories: 41, ready: 41, nothing: 0, refused: 0, makes: 41, refs: { create: 82 } } } });
    const plan = await readFile(pivo.deps.store.localPath(`restores/${waiting.restoreId}/plans.json`) ?? '');
    expect(createHash('sha256').update(plan).digest('hex')).toBe(waiting.planHash);
    expect(await readdir(target).catch(() => null)).toBeNull();
    await handle.executeUpdate('approve', { args: [{ planHash: waiting.planHash, approver: 'grace' }] });
    const receipt = (await handle.result()) as RestoreAllReceipt;
    expect(receipt).toMatchObject({ outcome: 'done', requestedBy: 'ada', approvedBy: 'grace', counts: { repositories: 41, restored: 41, failed: 0 } });
    for (const name of ['acme.r00', 'acme.r39', 'acme.young']) expect(describeDifference(await compareRepositories(join(origins, `${name}.git`), join(target, `${name}.git`)))).toBe('');
    const { sha256, ...rest } = await storedReceipt(waiting.restoreId);
    expect(createHash('sha256').update(canonicalJson(rest)).digest('hex')).toBe(sha256);
    for (const row of rest.receipts) {
      const own = await readFile(pivo.deps.store.localPath(`restores/${row.restoreId}/receipt.json`) ?? '');
      expect(createHash('sha256').update(own).digest('hex')).toBe(row.receipt);
      expect(row.proof?.planned).toBe(row.proof?.observed);
    }
  });

  it('finds its own work when it is asked for again, and proves it without sending anything', async () => {
    const only = ['acme.r0*'];
    expect(((await (await start({ only, approval: 'waived' })).result()) as RestoreAllReceipt).counts).toMatchObject({ repositories: 10, restored: 10 });
    const again = (await (await start({ only, approval: 'waived' })).result()) as RestoreAllReceipt;
    expect(again).toMatchObject({ outcome: 'done', counts: { restored: 0, unchanged: 10 } });
    expect(again.receipts.every(({ proof }) => proof !== null && proof.planned === proof.observed)).toBe(true);
  });

  it('that is started again under its id answers with nothing of the run before, and restores nothing', async () => {
    const first = await start({ only: ['acme.r00'], approval: 'waived' });
    await first.result();
    const elsewhere = `${target}-elsewhere`;
    const again = await temporal.client.workflow.start('restoreAll', { taskQueue, workflowId: first.workflowId, args: [{ target: elsewhere, only: ['acme.r01'], approval: 'waived', requestedBy: 'ada' }] });
    expect(await failureOf(again)).toMatchObject({ kind: 'Exists', hint: expect.stringContaining('another workflow id') });
    expect(await readdir(elsewhere).catch(() => null)).toBeNull();
  });

  it('leaves out what was not backed up yet at that instant, and says so', async () => {
    const handle = await start({ at: before, approval: 'waived', only: ['acme.r3?', 'acme.young'] });
    const receipt = (await handle.result()) as RestoreAllReceipt;
    expect(receipt).toMatchObject({ outcome: 'done', counts: { restored: 10, nothing: 1 } });
    expect(receipt.receipts[0]).toMatchObject({ repository: 'acme.young', outcome: 'nothing', failure: { message: expect.stringContaining('not backed up yet') } });
  });
});

describe('repositories that cannot come back', () => {
  it('are told each with its reason, and stop no other', async () => {
    const [damaged = '', occupied = '', hooked = '', changed = '', ...others] = NAMES.slice(0, 12);
    await mkdir(target, { recursive: true });
    for (const name of [occupied, hooked, changed]) await initBare(join(target, `${name}.git`));
    await importCommits(join(target, `${occupied}.git`), [{ ref: 'refs/heads/main', mark: 1, message: 'of somebody else' }]);
    await mkdir(join(target, `${hooked}.git/hooks`), { recursive: true });
    await writeFile(join(target, `${hooked}.git/hooks/pre-receive`), '#!/bin/sh\necho no such day\nexit 1\n', { mode: 0o755 });
    const handle = await start({ repositories: [damaged, occupied, hooked, changed, ...others, 'nobody'] });
    const waiting = await planned(handle);
    expect(waiting.plan?.sums).toMatchObject({ repositories: 13, ready: 11, refused: 2 });
    expect(waiting.plan?.repositories.filter(({ state }) => state === 'refused').map(({ repository, reason }) => [repository, reason?.kind])).toEqual([[occupied, 'TargetRefused'], ['nobody', 'NotFound']]);
    const packs = pivo.deps.store.localPath(`backups/${damaged}/objects/pack`) ?? '';
    const pack = join(packs, (await readdir(packs)).find((name) => name.endsWith('.pack')) ?? '');
    const bytes = await readFile(pack);
    await chmod(pack, 0o644);
    const hurt = Buffer.from(bytes);
    hurt[20] = (hurt[20] ?? 0) ^ 1;
    await writeFile(pack, hurt);
    await importCommits(join(target, `${changed}.git`), [{ ref: 'refs/heads/main', mark: 1, message: 'pushed meanwhile' }]);
    await handle.executeUpdate('approve', { args: [{ planHash: waiting.planHash, approver: 'grace' }] });
    const receipt = (await handle.result()) as RestoreAllReceipt;
    await writeFile(pack, bytes);
    expect(receipt).toMatchObject({ outcome: 'partly', counts: { repositories: 13, restored: 8, failed: 3, refused: 2 } });
    const failures = Object.fromEntries(receipt.receipts.flatMap(({ repository, outcome, failure }) => (outcome === 'failed' ? [[repository, failure?.kind]] : [])));
    expect(failures).toEqual({ [damaged]: 'Damaged', [hooked]: 'TargetRefused', [changed]: 'PlanChanged' });
    expect(outcomesOf(receipt)['restored']).toEqual(others);
    expect(await gitText(['for-each-ref'], { gitDir: join(target, `${hooked}.git`) })).toBe('');
  });

  it('are all there is: the run fails with the reason before anybody is asked', async () => {
    expect(await failureOf(await start({ repositories: ['nobody'] }))).toMatchObject({ kind: 'NotFound', message: expect.stringContaining('none of 1 repository') });
    expect(await failureOf(await start({ only: ['zzz*'] }))).toMatchObject({ kind: 'NotFound', message: expect.stringContaining('zzz*') });
    expect(await failureOf(await start({ at: 'main' }))).toMatchObject({ kind: 'InvalidInput', message: expect.stringContaining('instant') });
    expect(await failureOf(await start({ only: ['acme.r00'], target: 'https://user:secret@host/x' }))).toMatchObject({ kind: 'UrlRefused' });
  });
});

describe('the one approval', () => {
  it('is by the hash of the whole plan; another hash is refused', async () => {
    const handle = await start({ only: ['acme.r00'] });
    const { planHash, plan } = await planned(handle);
    const approving = (hash: string | null | undefined): Promise<unknown> => handle.executeUpdate('approve', { args: [{ planHash: hash, approver: 'eve' }] }).then(() => null, (error: unknown) => String((error as Error).cause ?? error));
    expect(await approving('f'.repeat(64))).toContain('that is not the plan');
    expect(await approving(plan?.repositories[0]?.planHash)).toContain('that is not the plan');
    await handle.executeUpdate('reject', { args: [{ planHash, approver: 'grace', reason: 'not on a Friday' }] });
    expect(await failureOf(handle)).toMatchObject({ kind: 'PlanRejected', message: expect.stringContaining('not on a Friday') });
    expect(await readdir(target).catch(() => null)).toBeNull();
  });

  it('has an end: nobody approves in time, and nothing is changed', async () => {
    expect(await failureOf(await start({ only: ['acme.r00'], expiresAfter: 1 }))).toMatchObject({ kind: 'PlanExpired' });
    expect(await readdir(target).catch(() => null)).toBeNull();
  });

  it('is of these plans: one that was changed in the store is not carried out', async () => {
    const handle = await start({ repositories: NAMES.slice(0, 3) });
    const { restoreId, planHash } = await planned(handle);
    const file = pivo.deps.store.localPath(`restores/${restoreId}.acme.r01/plan.json`) ?? '';
    const plan = JSON.parse(await readFile(file, 'utf8')) as { refs: { new: string }[] };
    const [first, second] = plan.refs;
    if (first !== undefined && second !== undefined) first.new = second.new;
    await chmod(file, 0o644);
    await writeFile(file, canonicalJson(plan));
    await handle.executeUpdate('approve', { args: [{ planHash, approver: 'grace' }] });
    const receipt = (await handle.result()) as RestoreAllReceipt;
    expect(outcomesOf(receipt)).toEqual({ restored: ['acme.r00', 'acme.r02'], failed: ['acme.r01'] });
    expect(receipt.receipts[0]?.failure).toMatchObject({ kind: 'PlanChanged' });
  });
});

describe('a long run', () => {
  it('goes on as a new one by the same approved plan, and its receipt is of all of them', async () => {
    const handle = await start({ only: ['acme.r0*'], atOnce: 2 }, { mostEvents: 90 });
    const { planHash, restoreId } = await planned(handle);
    await handle.executeUpdate('approve', { args: [{ planHash, approver: 'grace' }] });
    const receipt = (await handle.result()) as RestoreAllReceipt;
    expect(receipt).toMatchObject({ restoreId, planHash, approvedBy: 'grace', outcome: 'done', counts: { repositories: 10, restored: 10 } });
    const first = await temporal.client.workflow.getHandle(handle.workflowId, handle.firstExecutionRunId).describe();
    expect(first.status.name).toBe('CONTINUED_AS_NEW');
    expect(first.historyLength).toBeLessThan(200);
  });

  it('that is cancelled keeps what it restored, removes what it began, and writes the receipt of both', async () => {
    const gate = join(temporal.folder, unique('gate'));
    const slow = join(target, 'acme.r01.git');
    await initBare(slow);
    await mkdir(join(slow, 'hooks'), { recursive: true });
    await mkdir(gate);
    await writeFile(join(slow, 'hooks/pre-receive'), `#!/bin/sh\ntouch '${gate}/began'\nwhile test -e '${gate}'; do sleep 0.05; done\n`, { mode: 0o755 });
    const handle = await start({ repositories: NAMES.slice(0, 4), approval: 'waived', atOnce: 1 });
    await appears(gate, 'began');
    const { restoreId } = await statusOf(handle);
    await handle.cancel();
    await rm(gate, { recursive: true });
    await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    const receipt = await storedReceipt(restoreId);
    expect(receipt.outcome).toBe('cancelled');
    expect(outcomesOf(receipt)).toEqual({ restored: ['acme.r00'], failed: ['acme.r01'], 'not begun': ['acme.r02', 'acme.r03'] });
    expect((await readdir(target)).sort()).toEqual(['acme.r00.git', 'acme.r01.git']);
  });
});
