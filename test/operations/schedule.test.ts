// Schedules, as Temporal keeps them.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { latestVisit } from '../../archive/visits.ts';
import { TASK_QUEUE, scheduleId } from '../../contract/names.ts';
import { ingest } from '../../operations/ingest.ts';
import type { OperationContext } from '../../operations/operation.ts';
import { scheduleAdd } from '../../operations/schedule-add.ts';
import { schedulePause, scheduleRemove, scheduleResume, scheduleRun } from '../../operations/schedule-control.ts';
import { scheduleList } from '../../operations/schedule-list.ts';
import { callOperation, operationContext } from '../harness/operations.ts';
import { startTemporal, startWorker, unique, type TestTemporal, type TestWorker } from '../harness/temporal.ts';

let temporal: TestTemporal;
let worker: TestWorker;
let context: OperationContext;

beforeAll(async () => {
  temporal = await startTemporal();
  worker = await startWorker(temporal, { taskQueue: TASK_QUEUE });
  context = operationContext(temporal, worker);
});
afterAll(async () => {
  await worker.stop();
  await temporal.stop();
});

/** A repository that was backed up once. */
async function backedUp(): Promise<string> {
  const repository = unique('repo');
  const folder = join(temporal.folder, repository);
  execFileSync('git', ['init', '--quiet', '--bare', folder]);
  await callOperation(ingest, context, { url: folder });
  return repository;
}

describe('a schedule', () => {
  it('starts an ingest of the repository\'s origin, skips when one is going on, and is listed', async () => {
    const repository = await backedUp();
    const view = await callOperation(scheduleAdd, context, { repository, every: '6h' });
    expect(view).toMatchObject({ repository, when: ['every 21600 s'], paused: false, last: null, origin: join(temporal.folder, repository) });
    const { policies, action, spec } = await temporal.client.schedule.getHandle(scheduleId(repository)).describe();
    expect(policies).toMatchObject({ overlap: 'SKIP', catchupWindow: 86_400_000 });
    expect(spec.jitter).toBe(60_000);
    expect(action).toMatchObject({ workflowType: 'ingest', taskQueue: TASK_QUEUE });
    await expect.poll(async () => (await callOperation(scheduleList, context, {})).map((each) => each.repository)).toContain(repository);
  });

  it('run now writes a visit, through the one door of its repository', async () => {
    const repository = await backedUp();
    await callOperation(scheduleAdd, context, { repository, every: '1d' });
    await callOperation(scheduleRun, context, { repository });
    await expect.poll(async () => (await latestVisit(context.store, repository))?.seq, { timeout: 20_000 }).toBe(2);
    expect((await latestVisit(context.store, repository))?.workflow.id).toBe(`ingest:${repository}`);
  });

  it('takes a cron expression', async () => {
    const repository = await backedUp();
    const view = await callOperation(scheduleAdd, context, { repository, cron: '30 4 * * 1' });
    expect(view.next).toMatch(/T04:3[01]:/);
  });

  it('is paused and resumed', async () => {
    const repository = await backedUp();
    await callOperation(scheduleAdd, context, { repository, every: '1h' });
    expect(await callOperation(schedulePause, context, { repository })).toMatchObject({ paused: true, note: 'paused by ada', next: null });
    expect(await callOperation(scheduleResume, context, { repository })).toMatchObject({ paused: false, next: expect.any(String) as string });
  });

  it('is removed, after which the repository has none', async () => {
    const repository = await backedUp();
    await callOperation(scheduleAdd, context, { repository, every: '1h' });
    await callOperation(scheduleRemove, context, { repository });
    await expect(callOperation(schedulePause, context, { repository })).rejects.toMatchObject({ kind: 'NotFound', message: `${repository} has no schedule` });
  });
});

describe('no schedule is made', () => {
  it('of a repository that was never backed up', async () => {
    await expect(callOperation(scheduleAdd, context, { repository: unique('never'), every: '1h' })).rejects.toMatchObject({ kind: 'NotFound' });
  });

  it('where there is one already', async () => {
    const repository = await backedUp();
    await callOperation(scheduleAdd, context, { repository, every: '1h' });
    await expect(callOperation(scheduleAdd, context, { repository, every: '2h' })).rejects.toMatchObject({ kind: 'Exists' });
  });

  it.each([
    ['neither a span nor a cron expression', {}, 'every'],
    ['both', { every: '1h', cron: '@daily' }, 'every'],
    ['a span without a unit', { every: '6' }, 'every'],
    ['a span that is too short', { every: '1s' }, 'every'],
  ])('of %s', async (_what, input, named) => {
    await expect(callOperation(scheduleAdd, context, { repository: 'any', ...input })).rejects.toMatchObject({ kind: 'InvalidInput', message: expect.stringContaining(named) as string });
  });

  it('of a cron expression that Temporal cannot read', async () => {
    const repository = await backedUp();
    await expect(callOperation(scheduleAdd, context, { repository, cron: 'every monday' })).rejects.toMatchObject({ kind: 'InvalidInput', message: expect.stringContaining(repository) as string });
  });
});
