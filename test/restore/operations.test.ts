// The operations around a restore, as every door calls them: who may do what, and what each answers.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openLibrary, type Library } from '../../archive/reading/library.ts';
import { TASK_QUEUE } from '../../contract/names.ts';
import type { RestoreReceipt, RestoreStatus } from '../../contract/restore.ts';
import { approvals } from '../../operations/approvals.ts';
import { approve } from '../../operations/approve.ts';
import { jobs } from '../../operations/jobs.ts';
import type { Caller, Operation, OperationContext, RunOptions } from '../../operations/operation.ts';
import { plan } from '../../operations/plan.ts';
import { reject } from '../../operations/reject.ts';
import { restore } from '../../operations/restore.ts';
import { fixture } from '../fixtures/generate.ts';
import { importCommits } from '../fixtures/fast-import.ts';
import { initBare } from '../fixtures/plumbing.ts';
import { compareRepositories, describeDifference } from '../harness/compare.ts';
import { openIngest, type IngestHarness } from '../harness/ingest.ts';
import { silentLog, startTemporal, startWorker, unique, type TestTemporal, type TestWorker } from '../harness/temporal.ts';

let temporal: TestTemporal;
let library: Library;
let pivo: IngestHarness;
let worker: TestWorker;
let origin: string;
let target: string;

beforeAll(async () => {
  temporal = await startTemporal();
  pivo = await openIngest(join(temporal.folder, 'home'));
  library = openLibrary({ store: pivo.deps.store, cache: pivo.deps.cache });
  origin = join(temporal.folder, 'origin.git');
  await fixture('force-push').build(origin);
  await pivo.ingest(origin, 'project');
  worker = await startWorker(temporal, { taskQueue: TASK_QUEUE, deps: pivo.deps });
});

afterAll(async () => {
  await worker.stop();
  await library.close();
  await pivo.close();
  await temporal.stop();
});

beforeEach(() => {
  target = join(temporal.folder, `${unique('target')}.git`);
});

const OWNER: Caller = { user: 'ada', via: 'cli', owner: true };
const AGENT: Caller = { user: 'gemini', via: 'agent', owner: false };

function contextOf(caller: Caller): OperationContext {
  const { store, cache, credentials, protocols } = pivo.deps;
  return { store, library, paths: { index: '', state: join(cache, '../state.db'), cache, spool: '', metadataSocket: '', credentials, logIndex: '' }, drill: { maxAge: 30 }, workerId: 'worker', git: { protocols }, agent: { origins: [], targets: [] }, log: silentLog, caller, temporal: async () => temporal.client, status: () => Promise.reject(new Error('a test has no stack')) };
}

const OPTIONS: RunOptions = { signal: new AbortController().signal, onProgress: () => {} };

async function call<T>(operation: Operation, input: object, caller: Caller = OWNER): Promise<T> {
  return (await operation.run(contextOf(caller), operation.input.parse(input), OPTIONS)) as T;
}

const exists = (path: string): Promise<boolean> => readdir(path).then(() => true, () => false);
const asked = (caller = OWNER): Promise<RestoreStatus> => call<RestoreStatus>(restore, { repository: 'project', target, wait: false }, caller);

describe('plan', () => {
  it('changes nothing, and a restore of the same has the same hash', async () => {
    const answer = await call<{ planHash: string; counts: object; blocked: null }>(plan, { repository: 'project', target });
    expect(answer).toMatchObject({ counts: { create: 3, 'fast-forward': 0, unchanged: 0, refuse: 0 }, blocked: null });
    expect(await exists(target)).toBe(false);
    expect((await asked()).planHash).toBe(answer.planHash);
  });

  it('says what blocks it, ref by ref', async () => {
    await initBare(target);
    await importCommits(target, [{ ref: 'refs/heads/main', mark: 1, files: [{ path: 'theirs', content: 'x' }] }]);
    const answer = await call<{ blocked: object; plan: object }>(plan, { repository: 'project', target });
    expect(answer.blocked).toMatchObject({ kind: 'TargetRefused', message: expect.stringContaining('refs/heads/main') });
    expect(answer.plan).toMatchObject({ refs: [{ name: 'refs/heads/feature', action: 'create' }, { name: 'refs/heads/main', action: 'refuse', blocks: true }, { name: 'refs/tags/v1', action: 'create' }] });
  });
});

describe('restore', () => {
  it('with yes is carried out at once for the owner, and gives the receipt', async () => {
    const receipt = await call<RestoreReceipt>(restore, { repository: 'project', target, yes: true });
    expect(receipt).toMatchObject({ outcome: 'done', requestedBy: 'ada', approvedBy: null });
    expect(describeDifference(await compareRepositories(origin, target))).toBe('');
  });

  it('never carries anything out for anybody else without approval', async () => {
    await expect(call(restore, { repository: 'project', target, yes: true }, AGENT)).rejects.toMatchObject({ kind: 'InvalidInput' });
    expect(restore.input.safeParse({ repository: 'project', target, approval: 'waived' }).success).toBe(false);
    expect(restore.input.safeParse({ repository: 'project', target, requestedBy: 'ada' }).success).toBe(false);
    expect(await asked(AGENT)).toMatchObject({ state: 'awaiting approval' });
    expect(await exists(target)).toBe(false);
  });

  it('tells why no plan could be made', async () => {
    await expect(call(restore, { repository: 'nobody', target, wait: false })).rejects.toMatchObject({ kind: 'NotFound', message: expect.stringContaining('nobody') });
    await expect(call(restore, { repository: 'project', target: 'https://ada:hunter2@host.example/x.git' })).rejects.toMatchObject({ kind: 'UrlRefused' });
  });
});

describe('approve and reject', () => {
  it('are the owner’s: an approved plan is carried out, and the approver is who is authenticated', async () => {
    const { restoreId, planHash } = await asked(AGENT);
    expect((await call<RestoreStatus[]>(approvals, {})).map((each) => each.restoreId)).toContain(restoreId);
    await expect(call(approve, { restore: restoreId, planHash }, AGENT)).rejects.toMatchObject({ kind: 'InvalidInput' });
    expect(approve.input.safeParse({ restore: restoreId, planHash, approver: 'mallory' }).success).toBe(false);
    expect(await call(approve, { restore: restoreId, planHash, wait: true })).toMatchObject({ outcome: 'done', requestedBy: 'gemini', approvedBy: 'ada' });
    expect((await call<RestoreStatus[]>(approvals, {})).map((each) => each.restoreId)).not.toContain(restoreId);
    expect(await call(jobs, { id: restoreId })).toMatchObject([{ type: 'restore', state: 'completed', result: { outcome: 'done' } }]);
  });

  it('take the hash of this plan only, a decision only once, and a restore that there is', async () => {
    const { restoreId, planHash } = await asked();
    await expect(call(approve, { restore: restoreId, planHash: '0'.repeat(64) })).rejects.toMatchObject({ kind: 'PlanChanged', message: expect.stringContaining(planHash ?? '') });
    expect(await call(reject, { restore: restoreId, reason: 'wrong target' })).toMatchObject({ restoreId });
    await temporal.client.workflow.getHandle(`restore:${restoreId}`).result().catch(() => {});
    await expect(call(approve, { restore: restoreId, planHash })).rejects.toMatchObject({ kind: 'InvalidInput', message: expect.stringContaining('ended') });
    await expect(call(approve, { restore: 'nothing', planHash })).rejects.toMatchObject({ kind: 'NotFound' });
    expect(await call(jobs, { id: restoreId })).toMatchObject([{ state: 'failed', failure: { kind: 'PlanRejected' } }]);
  });
});

it('jobs lists what ran', async () => {
  await call(restore, { repository: 'project', target, yes: true });
  const listed = await call<{ type: string; state: string }[]>(jobs, { limit: 3 });
  expect(listed.length).toBeGreaterThan(0);
  expect(listed.every(({ type }) => type === 'restore' || type === 'ingest')).toBe(true);
});
