// Retention as a durable run on a real Temporal: through its operations, beside backups, and over workers that are killed at each step.
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { removeCheckouts } from '../../activities/retention/retain.ts';
import { fetchOrigin } from '../../activities/fetch-origin.ts';
import { readJson } from '../../archive/read.ts';
import { repositoryPath } from '../../archive/layout.ts';
import { listRetentions } from '../../archive/retentions.ts';
import { AuditEvent } from '../../contract/events.ts';
import { PivoError } from '../../contract/failures.ts';
import { RETAIN_WORKFLOW_ID, TASK_QUEUE } from '../../contract/names.ts';
import type { RetentionSummary } from '../../contract/retention.ts';
import { ingest } from '../../operations/ingest.ts';
import type { OperationContext } from '../../operations/operation.ts';
import { retentionApply, retentionPlan, retentions } from '../../operations/retention.ts';
import { importCommits } from '../fixtures/fast-import.ts';
import { initBare } from '../fixtures/plumbing.ts';
import { filesBelow } from '../harness/archive-hand.ts';
import { dyingWorkers, type DyingWorkers } from '../harness/dying-workers.ts';
import { gate } from '../harness/ingest-acts.ts';
import { openIngest } from '../harness/ingest.ts';
import { callOperation, operationContext } from '../harness/operations.ts';
import { verdictOf } from '../harness/proof.ts';
import { startWorker, testDeps, unique, type StandIns, type TestTemporal, type TestWorker } from '../harness/temporal.ts';

let workers: DyingWorkers;
let temporal: TestTemporal;
let worker: TestWorker;
let context: OperationContext;
let workerId: string;

const policy = { checkouts: { keep: 1 } };

beforeAll(async () => {
  workers = await dyingWorkers();
  ({ temporal } = workers);
});
afterAll(() => workers.stop());

async function start(standIns: StandIns = {}): Promise<void> {
  worker = await startWorker(temporal, { taskQueue: TASK_QUEUE, workerId, standIns, deps: { ...testDeps(temporal, workerId), retention: policy } });
  context = { ...operationContext(temporal, worker), retention: policy };
}

/** An archive of its own, with a worker that lives. */
beforeEach(async () => {
  workerId = unique('worker');
  await start();
});
afterEach(async () => {
  workers.killAll();
  await context.library.close();
  await worker.stop().catch(() => {});
});

const originOf = (name: string): string => join(temporal.folder, workerId, `${name}.git`);

/** `count` visits of a repository, each with a checkout. */
async function backUp(name: string, count = 3): Promise<void> {
  const archive = await openIngest(join(temporal.folder, workerId)); // that of the worker
  await initBare(originOf(name));
  let parent: string | undefined;
  for (let n = 0; n < count; n++) {
    [parent] = await importCommits(originOf(name), [{ ref: 'refs/heads/main', mark: 1, ...(parent === undefined ? {} : { onto: parent }), when: `${1_600_000_000 + n} +0000`, files: [{ path: 'same', content: 'same\n' }, { path: 'file', content: `${name} ${n}\n` }] }]);
    await archive.ingest(originOf(name), name);
  }
  await archive.close();
}

const checkouts = async (name: string): Promise<number> => (await context.store.list(repositoryPath(name))).filter((entry) => /^[0-9a-f]{40}$/.test(entry.name)).length;

async function hashOf(repository?: string): Promise<string> {
  const { hash } = await callOperation(retentionPlan, context, repository === undefined ? {} : { repository });
  return hash ?? 'none';
}

const apply = async (hash: string): Promise<RetentionSummary> => (await callOperation(retentionApply, context, { hash })) as RetentionSummary;

async function audited(): Promise<AuditEvent[]> {
  const records: AuditEvent[] = [];
  for await (const file of filesBelow(context.store, 'audit')) records.push(await readJson(context.store, file, AuditEvent));
  return records.filter(({ action }) => action === 'retain');
}

describe('a plan that a person applies', () => {
  test('is carried out for all repositories, audited for each, and listed', async () => {
    await backUp('one');
    await backUp('two');
    expect(await apply(await hashOf())).toMatchObject({ repositories: 2, removed: 4, failures: 0, failed: [] });
    expect([await checkouts('one'), await checkouts('two')]).toEqual([1, 1]);
    expect((await audited()).map(({ repository, outcome, actor, details }) => [repository, outcome, actor, details['removed']]).toSorted()).toEqual([['one', 'done', 'ada', 2], ['two', 'done', 'ada', 2]]);
    expect((await callOperation(retentions, context, {})).map(({ repository, by, checkouts: gone }) => [repository, by, gone.length]).toSorted()).toEqual([['one', 'ada', 2], ['two', 'ada', 2]]);
    for (const name of ['one', 'two']) expect((await verdictOf(worker.deps, name)).findings).toEqual([]);
    expect(await hashOf()).toBe('none');
  });

  test('may be of one repository only', async () => {
    await backUp('one');
    await backUp('two');
    expect(await apply(await hashOf('one'))).toMatchObject({ repositories: 1, removed: 2 });
    expect([await checkouts('one'), await checkouts('two')]).toEqual([1, 3]);
  });

  test('is refused when it is another one by now, from anybody but the owner, and while retention is off', async () => {
    await backUp('one', 2);
    const hash = await hashOf();
    await expect(apply('0'.repeat(64))).rejects.toMatchObject({ kind: 'PlanChanged' });
    await expect(callOperation(retentionApply, { ...context, caller: { user: 'eve', via: 'mcp', owner: false } }, { hash })).rejects.toMatchObject({ kind: 'InvalidInput' });
    await expect(callOperation(retentionApply, { ...context, retention: {} }, { hash })).rejects.toMatchObject({ kind: 'InvalidInput', message: 'retention is off' });
    await expect(callOperation(retentionApply, context, { hash: 'no hash' })).rejects.toMatchObject({ kind: 'InvalidInput' });
    await backUp('two', 2);
    await expect(apply(hash)).rejects.toMatchObject({ kind: 'PlanChanged' }); // of all, and there is one more
    expect([await checkouts('one'), await checkouts('two')]).toEqual([2, 2]);
  });

  test('waits for a backup that goes on, and leaves what that needs', async () => {
    await backUp('one');
    const hash = await hashOf();
    await worker.stop();
    const going = gate();
    await start({ fetchOrigin: async (deps, job, run) => {
      await going.pass(run.signal);
      return fetchOrigin(deps, job, run);
    } });
    const backup = callOperation(ingest, context, { url: originOf('one'), name: 'one', checkout: 'files' });
    await going.began;
    const waiting = Promise.withResolvers<void>();
    const applied = callOperation(retentionApply, context, { hash }, { onProgress: ({ phase }) => void (phase.startsWith('waiting') && waiting.resolve()) });
    await waiting.promise;
    expect(await checkouts('one')).toBe(3);
    going.open();
    await backup;
    expect(await applied).toMatchObject({ removed: 2, failures: 0 });
    expect((await verdictOf(worker.deps, 'one')).findings).toEqual([]);
  });

  test('goes on with the others where one repository fails, and says so', async () => {
    await backUp('bad');
    await backUp('good');
    await worker.stop();
    await start({ removeCheckouts: async (deps, input, run) => {
      if (input.repository === 'bad') throw new PivoError('StorageReadOnly', 'the archive cannot be written');
      return removeCheckouts(deps, input, run);
    } });
    expect(await apply(await hashOf())).toMatchObject({ repositories: 1, removed: 2, failures: 1, failed: [{ repository: 'bad', kind: 'StorageReadOnly' }] });
    expect([await checkouts('bad'), await checkouts('good')]).toEqual([3, 1]);
    expect((await audited()).map(({ repository, outcome }) => [repository, outcome]).toSorted()).toEqual([['bad', 'failed'], ['good', 'done']]);
  });
});

test.each([
  ['before the record', 'before:/retention/'],
  ['between record and removal', 'before:remove:'],
  ['in the middle of a checkout', 'mid-remove'],
  ['after the first checkout', 'removed'],
])('killed %s, the run finishes when a worker is back: one record, nothing half there', async (_when, dieAt) => {
  await backUp('one', 4);
  const hash = await hashOf();
  await worker.stop();
  const dying = await workers.startWorker(TASK_QUEUE, workerId, dieAt);
  const applied = apply(hash);
  expect(await once(dying, 'exit')).toEqual([null, 'SIGKILL']);
  expect((await verdictOf(worker.deps, 'one')).findings).toEqual([]);
  await start();
  expect(await applied).toMatchObject({ repositories: 1, removed: 3, failures: 0 });
  expect(await checkouts('one')).toBe(1);
  expect(await listRetentions(context.store, 'one')).toHaveLength(1);
  expect(await context.store.usage(repositoryPath('one'))).toMatchObject({ files: await filesOf('one') });
  expect((await verdictOf(worker.deps, 'one')).findings).toEqual([]);
  expect((await temporal.client.workflow.getHandle(RETAIN_WORKFLOW_ID).describe()).status.name).toBe('COMPLETED');
});

/** Files that have their names. */
async function filesOf(name: string): Promise<number> {
  let files = 0;
  for await (const _ of filesBelow(context.store, repositoryPath(name))) files += 1;
  return files;
}
