// The restore workflow on a real Temporal server: approval, refusal, expiry, cancellation, and an audit record for each end.
import { createHash } from 'node:crypto';
import { chmod, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AuditEvent } from '../../contract/events.ts';
import { reportIn } from '../../contract/failures.ts';
import type { RestoreInput, RestoreReceipt, RestoreStatus } from '../../contract/restore.ts';
import { gitText } from '../../git/process.ts';
import { fixture } from '../fixtures/generate.ts';
import { importCommits } from '../fixtures/fast-import.ts';
import { initBare } from '../fixtures/plumbing.ts';
import { compareRepositories, describeDifference } from '../harness/compare.ts';
import { openIngest, type IngestHarness } from '../harness/ingest.ts';
import { startTemporal, startWorker, unique, type StandIns, type TestTemporal, type TestWorker } from '../harness/temporal.ts';

let temporal: TestTemporal;
let pivo: IngestHarness;
let origin: string;
let target: string;
const taskQueue = unique('queue');
const workers: TestWorker[] = [];

beforeAll(async () => {
  temporal = await startTemporal();
  pivo = await openIngest(join(temporal.folder, 'home'));
  origin = join(temporal.folder, 'origin.git');
  await fixture('force-push').build(origin);
  await pivo.ingest(origin, 'project');
  workers.push(await startWorker(temporal, { taskQueue, deps: pivo.deps }));
});

afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.stop()));
  await pivo.close();
  await temporal.stop();
});

beforeEach(() => {
  target = join(temporal.folder, `${unique('target')}.git`);
});

type Start = Omit<Partial<RestoreInput>, 'refs'> & { refs?: unknown };

function start(input: Start = {}, options: { workflowId?: string; queue?: string } = {}): Promise<WorkflowHandle> {
  return temporal.client.workflow.start('restore', {
    taskQueue: options.queue ?? taskQueue,
    workflowId: options.workflowId ?? `restore:${unique('test')}`,
    args: [{ repository: 'project', target, requestedBy: 'ada', ...input }],
  });
}

const status = (handle: WorkflowHandle): Promise<RestoreStatus> => handle.query<RestoreStatus>('status');

/** The status once the run awaits a decision, or ended. */
async function awaitingApproval(handle: WorkflowHandle): Promise<RestoreStatus> {
  for (;;) {
    const now = await status(handle);
    if (now.state !== 'planning') return now;
  }
}

const failure = (handle: WorkflowHandle): Promise<unknown> => handle.result().then(() => null, reportIn);

/** Audit records of a run, by action and outcome. */
async function audited(handle: WorkflowHandle): Promise<string[]> {
  const records: AuditEvent[] = [];
  const walk = async (folder: string): Promise<void> => {
    for (const entry of await pivo.deps.store.list(folder)) {
      const path = `${folder}/${entry.name}`;
      if (entry.kind === 'folder') await walk(path);
      else records.push(AuditEvent.parse(JSON.parse(await readFile(pivo.deps.store.localPath(path) ?? '', 'utf8'))));
    }
  };
  await walk('audit');
  return records.filter((record) => record.workflow?.id === handle.workflowId).map(({ action, outcome, actor }) => `${action} ${outcome} by ${actor}`).toSorted();
}

const refsOf = (gitDir: string): Promise<string> => gitText(['for-each-ref', '--format=%(objectname) %(refname)'], { gitDir });
const exists = (path: string): Promise<boolean> => readdir(path).then(() => true, () => false);

describe('a restore with approval waived', () => {
  it('brings everything back and its receipt is in the store', async () => {
    const handle = await start({ approval: 'waived' });
    const receipt = (await handle.result()) as RestoreReceipt;
    expect(describeDifference(await compareRepositories(origin, target))).toBe('');
    const stored = JSON.parse(await readFile(pivo.deps.store.localPath(`restores/${receipt.restoreId}/receipt.json`) ?? '', 'utf8')) as RestoreReceipt;
    expect(stored).toEqual(receipt);
    expect(receipt).toMatchObject({ requestedBy: 'ada', approvedBy: null, workflow: { id: handle.workflowId }, proof: { refs: 3, planned: receipt.proof.observed } });
    expect(await audited(handle)).toEqual(['restore done by ada']);
  });

  it('needs only repository and target when it is typed by hand', async () => {
    const answer = await temporal.run('workflow', 'start', '--type', 'restore', '--task-queue', taskQueue, '--workflow-id', unique('typed by hand'), '--input', JSON.stringify({ repository: 'project', target }), '--output', 'json');
    const { workflowId } = JSON.parse(answer.stdout) as { workflowId: string };
    const { restoreId, planHash } = await awaitingApproval(temporal.client.workflow.getHandle(workflowId));
    expect(restoreId).toMatch(/^typed-by-hand-[0-9a-f]{8}-[0-9a-f]{8}$/);
    const approved = await temporal.run('workflow', 'update', 'execute', '--workflow-id', workflowId, '--name', 'approve', '--input', JSON.stringify({ planHash, approver: 'grace' }));
    expect(approved.code).toBe(0);
    expect(await temporal.client.workflow.getHandle(workflowId).result()).toMatchObject({ outcome: 'done', approvedBy: 'grace' });
  });

  it.each([
    ['nothing', undefined, 'restore input: '],
    ['no target', { target: undefined }, 'target: '],
    ['a repository that cannot be a folder', { repository: '../x' }, 'repository: '],
    ['refs that are no full names', { refs: ['main'] }, 'refs'],
    ['a field that there is not', { to: 'x' }, '"to"'],
  ])('fails at once and names the field: %s', async (_what, input, named) => {
    const handle = await temporal.client.workflow.start('restore', { taskQueue, workflowId: unique('bad'), args: input === undefined ? [] : [{ repository: 'project', target, ...input }] });
    expect(await failure(handle)).toMatchObject({ kind: 'InvalidInput', message: expect.stringContaining(named) });
  });
});

describe('a restore that needs approval', () => {
  it('waits with its plan, and is carried out when the plan is approved by its hash', async () => {
    const handle = await start();
    const waiting = await awaitingApproval(handle);
    expect(waiting).toMatchObject({ state: 'awaiting approval', counts: { create: 3, refuse: 0 }, plan: { makesTarget: true } });
    const plan = await readFile(pivo.deps.store.localPath(`restores/${waiting.restoreId}/plan.json`) ?? '');
    expect(createHash('sha256').update(plan).digest('hex')).toBe(waiting.planHash);
    const details = await temporal.run('workflow', 'metadata', '--workflow-id', handle.workflowId, '--output', 'json');
    expect(details.stdout).toContain(`pivo approve ${waiting.restoreId} ${waiting.planHash}`);
    expect(await exists(target)).toBe(false);
    await handle.executeUpdate('approve', { args: [{ planHash: waiting.planHash, approver: 'grace' }] });
    expect(await handle.result()).toMatchObject({ outcome: 'done', approvedBy: 'grace' });
    expect(describeDifference(await compareRepositories(origin, target))).toBe('');
    expect(await audited(handle)).toEqual(['approve done by grace', 'restore done by ada']);
  });

  it('refuses another hash, something that is no hash, and a second decision, and says why', async () => {
    const handle = await start();
    const { planHash } = await awaitingApproval(handle);
    const approving = (input: object): Promise<unknown> => handle.executeUpdate('approve', { args: [input] }).then(() => null, reportIn);
    expect(await approving({ planHash: 'f'.repeat(64), approver: 'eve' })).toMatchObject({ kind: 'PlanChanged', message: expect.stringContaining(planHash ?? '') });
    expect(await approving({ planHash: 'yes' })).toMatchObject({ kind: 'InvalidInput', message: expect.stringContaining('planHash') });
    expect((await status(handle)).state).toBe('awaiting approval');
    await handle.executeUpdate('reject', { args: [{ approver: 'grace' }] });
    expect(await failure(handle)).toMatchObject({ kind: 'PlanRejected' });
  });

  it('ends when it is rejected, with the reason, and changes nothing', async () => {
    const handle = await start();
    await awaitingApproval(handle);
    await handle.executeUpdate('reject', { args: [{ approver: 'grace', reason: 'not on a Friday' }] });
    expect(await failure(handle)).toMatchObject({ kind: 'PlanRejected', message: expect.stringContaining('not on a Friday') });
    expect((await status(handle)).state).toBe('rejected');
    expect(await exists(target)).toBe(false);
    expect(await audited(handle)).toEqual(['reject done by grace', 'restore rejected by ada']);
  });

  it('expires when nobody decides', async () => {
    const handle = await start({ expiresAfter: 1 });
    expect(await failure(handle)).toMatchObject({ kind: 'PlanExpired' });
    expect(await exists(target)).toBe(false);
    expect(await audited(handle)).toEqual(['restore expired by ada']);
  });

  it('is not carried out when the target changed since the plan was made', async () => {
    await initBare(target);
    const handle = await start();
    const { planHash } = await awaitingApproval(handle);
    await importCommits(target, [{ ref: 'refs/heads/main', mark: 1, files: [{ path: 'theirs', content: 'x' }] }]);
    const before = await refsOf(target);
    await handle.executeUpdate('approve', { args: [{ planHash, approver: 'grace' }] });
    expect(await failure(handle)).toMatchObject({ kind: 'PlanChanged' });
    expect(await refsOf(target)).toBe(before);
    expect(await audited(handle)).toEqual(['approve done by grace', 'restore refused by ada']);
  });

  it('is cancelled while it waits', async () => {
    const handle = await start();
    await awaitingApproval(handle);
    await handle.cancel();
    await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    expect(await audited(handle)).toEqual(['restore cancelled by ada']);
  });
});

describe('a restore that cannot be', () => {
  it('is refused before approval when the target diverged', async () => {
    await initBare(target);
    await importCommits(target, [{ ref: 'refs/heads/main', mark: 1, files: [{ path: 'theirs', content: 'x' }] }]);
    const handle = await start();
    expect(await failure(handle)).toMatchObject({ kind: 'TargetRefused', message: expect.stringContaining('target not empty') });
    expect(await audited(handle)).toEqual(['restore refused by ada']);
    expect((await status(handle)).state).toBe('refused');
  });

  it('fails for an unknown repository, an unknown point, a relative target', async () => {
    expect(await failure(await start({ repository: 'nobody' }))).toMatchObject({ kind: 'NotFound', message: expect.stringContaining('nobody') });
    expect(await failure(await start({ point: 'v99' }))).toMatchObject({ kind: 'NotFound', message: expect.stringContaining('v99') });
    expect(await failure(await start({ target: 'somewhere.git' }))).toMatchObject({ kind: 'UrlRefused' });
  });

  it('is recorded as failed when the proof fails, and what was made is removed', async () => {
    const queue = unique('queue');
    const liar: StandIns = {
      pushRefs: async (deps, input, run) => {
        const { pushRefs } = await import('../../activities/restore/push-refs.ts');
        const pushed = await pushRefs(deps, input, run);
        await gitText(['update-ref', '-d', 'refs/tags/v1'], { gitDir: target });
        return pushed;
      },
    };
    workers.push(await startWorker(temporal, { taskQueue: queue, deps: pivo.deps, standIns: liar }));
    const handle = await start({ approval: 'waived' }, { queue });
    expect(await failure(handle)).toMatchObject({ kind: 'ProofFailed', facts: { different: [{ name: 'refs/tags/v1', observed: null }] } });
    expect(await exists(target)).toBe(false);
    expect(await audited(handle)).toEqual(['restore failed by ada']);
  });

  it('is cancelled during the push: git ends, and a path that was made is removed', async () => {
    const queue = unique('queue');
    const begun = Promise.withResolvers<void>();
    const stuck: StandIns = {
      pushRefs: async (deps, { job }, run) => {
        const { claimFolder } = await import('../../restore/mark.ts');
        await claimFolder(target, job.restoreId);
        begun.resolve();
        await new Promise((_, reject) => run.signal.addEventListener('abort', () => reject(run.signal.reason as Error)));
        throw new Error(`${deps.workerId} never comes here`);
      },
    };
    workers.push(await startWorker(temporal, { taskQueue: queue, deps: pivo.deps, standIns: stuck }));
    const handle = await start({ approval: 'waived' }, { queue });
    await begun.promise;
    expect(await exists(target)).toBe(true);
    await handle.cancel();
    await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    expect(await exists(target)).toBe(false);
    expect(await audited(handle)).toEqual(['restore cancelled by ada']);
  });

  it('is refused by a hook at the target, whose words are told', async () => {
    await initBare(target);
    await mkdir(join(target, 'hooks'), { recursive: true });
    await writeFile(join(target, 'hooks/pre-receive'), '#!/bin/sh\necho "closed on Sundays" >&2\nexit 1\n');
    await chmod(join(target, 'hooks/pre-receive'), 0o755);
    const handle = await start({ approval: 'waived' });
    expect(await failure(handle)).toMatchObject({ kind: 'TargetRefused', message: expect.stringContaining('closed on Sundays') });
    expect(await refsOf(target)).toBe('');
  });
});

describe('2,000 refs', () => {
  it('travel through the history as an excerpt; plan and receipt in the store are whole', { timeout: 60_000 }, async () => {
    const many = join(temporal.folder, 'many.git');
    await fixture('many-refs').build(many);
    await pivo.ingest(many, 'many');
    const receipt = (await (await start({ repository: 'many', approval: 'waived' })).result()) as RestoreReceipt;
    const stored = JSON.parse(await readFile(pivo.deps.store.localPath(`restores/${receipt.restoreId}/receipt.json`) ?? '', 'utf8')) as RestoreReceipt;
    expect([receipt.plan.refs.length, stored.plan.refs.length]).toEqual([200, 2000]);
    expect(receipt.pushed.created).toBe(2000);
    await rm(many, { recursive: true });
  });
});

describe('a recorded history', () => {
  it('replays, and one of another order does not', async () => {
    const handle = await start();
    const { planHash } = await awaitingApproval(handle);
    await handle.executeUpdate('approve', { args: [{ planHash, approver: 'grace' }] });
    await handle.result();
    const history = await handle.fetchHistory();
    const { workflowBundle } = await import('../../workers/bundle.ts');
    const { projectBuildFolder } = await import('../../workers/bundle.ts');
    const { sdkLogger } = await import('../../stack/temporal-runtime.ts');
    const codePath = await workflowBundle([projectBuildFolder], sdkLogger(pivo.deps.log));
    await Worker.runReplayHistory({ workflowBundle: { codePath } }, history, handle.workflowId);
    const swapped = structuredClone(history);
    for (const event of swapped.events ?? []) {
      const type = event.activityTaskScheduledEventAttributes?.activityType;
      if (type?.name === 'reconstruct') type.name = 'pushRefs';
    }
    await expect(Worker.runReplayHistory({ workflowBundle: { codePath } }, swapped, handle.workflowId)).rejects.toThrow();
  });
});
