// Schedules of whole sources beside those of repositories, on a real Temporal.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TASK_QUEUE, scheduleId } from '../../contract/names.ts';
import type { OperationContext } from '../../operations/operation.ts';
import { scheduleAdd } from '../../operations/schedule-add.ts';
import { scheduleBackfill } from '../../operations/schedule-backfill.ts';
import { schedulePause, scheduleRemove, scheduleResume, scheduleRun } from '../../operations/schedule-control.ts';
import { scheduleList, scheduleShow } from '../../operations/schedule-list.ts';
import { callOperation } from '../harness/operations.ts';
import { startTemporal, unique, type TestTemporal } from '../harness/temporal.ts';
import { homeOn, instantFleets, sourceIn } from './home.ts';

let temporal: TestTemporal;
let context: OperationContext;

beforeAll(async () => {
  temporal = await startTemporal();
  context = homeOn(temporal);
});
afterAll(() => temporal.stop());

const show = (source: string): ReturnType<typeof callOperation<typeof scheduleShow.input, Awaited<ReturnType<typeof scheduleShow.run>>>> => callOperation(scheduleShow, context, { source });

describe('a schedule of a source', () => {
  it('starts the fleet of that source, in the home that knows it', async () => {
    const source = sourceIn(context);
    const view = await callOperation(scheduleAdd, context, { source, every: '1d', jitter: '20m', catchUp: '2h', checkout: 'auto' });
    expect(view).toMatchObject({ source, repository: null, what: 'fleet', when: ['every 86400 s'], origin: 'github acme', jitter: 1_200, catchUp: 7_200, overlap: 'skip', timeZone: null, missed: { beyondCatchUp: 0, overlap: 0 } });
    expect(view.upcoming).toHaveLength(10);
    const { action, policies } = await temporal.client.schedule.getHandle(scheduleId(source, 'fleet')).describe();
    expect(action).toMatchObject({ workflowType: 'fleet', workflowId: `fleet:${source}`, taskQueue: TASK_QUEUE, args: [{ source, worker: context.workerId, checkout: 'auto', discover: true, requestedBy: 'schedule of ada' }] });
    expect(policies).toMatchObject({ overlap: 'SKIP', catchupWindow: 7_200_000 });
  });

  it('is paused, resumed and removed by the source\'s name, and a repository of that name has another', async () => {
    const source = sourceIn(context);
    await callOperation(scheduleAdd, context, { source, cron: '30 3 * * *', timeZone: 'Europe/Paris' });
    expect(await callOperation(schedulePause, context, { source })).toMatchObject({ source, paused: true, next: null, upcoming: [], when: ['30 3 * * *'], timeZone: 'Europe/Paris' });
    expect(await callOperation(scheduleResume, context, { source })).toMatchObject({ paused: false });
    await expect(callOperation(schedulePause, context, { repository: source })).rejects.toMatchObject({ kind: 'NotFound', message: `${source} has no schedule` });
    expect(await callOperation(scheduleRemove, context, { source })).toEqual({ source, repository: null, what: 'fleet', removed: true });
    await expect(show(source)).rejects.toMatchObject({ kind: 'NotFound', message: `source ${source} has no schedule`, hint: expect.stringContaining(`--source ${source}`) as string });
  });

  it('counts the starts that were skipped while a run went on, and says which one goes on', async () => {
    const source = sourceIn(context);
    await callOperation(scheduleAdd, context, { source, every: '1d' });
    await callOperation(scheduleRun, context, { source });
    await expect.poll(async () => (await show(source)).running).toEqual([expect.stringMatching(`^fleet:${source}-`)]);
    await callOperation(scheduleRun, context, { source });
    await expect.poll(async () => (await show(source)).missed).toEqual({ beyondCatchUp: 0, overlap: 1 });
    expect(await show(source)).toMatchObject({ starts: 1, runs: [{ state: 'running', outcome: null, failure: null, ended: null }] });
    const listed = await callOperation(scheduleList, context, {});
    expect(listed.find((each) => each.source === source)).toMatchObject({ missed: { overlap: 1 }, starts: 1 });
  });

  it('shows what became of each of its last runs, the latest first', async () => {
    const stop = await instantFleets(temporal.server);
    const source = sourceIn(context);
    await callOperation(scheduleAdd, context, { source, every: '1d' });
    for (const runs of [1, 2]) {
      await callOperation(scheduleRun, context, { source });
      await expect.poll(async () => (await show(source)).runs.filter(({ state }) => state === 'completed').length).toBe(runs);
    }
    const { runs, last, running } = await show(source);
    expect(runs[0]).toMatchObject({ workflowId: expect.stringMatching(`^fleet:${source}-`) as string, outcome: '2 done, 40 unchanged', failure: null, ended: expect.any(String) as string });
    expect([last, running]).toEqual([runs[0]?.started, []]);
    expect(Date.parse(runs[0]?.due ?? '')).toBeGreaterThan(Date.parse(runs[1]?.due ?? ''));
    await stop();
  });

  it('says why a run failed', async () => {
    const source = sourceIn(context);
    await callOperation(scheduleAdd, context, { source, every: '1d' });
    await callOperation(scheduleRun, context, { source });
    await expect.poll(async () => (await show(source)).running).toHaveLength(1);
    await temporal.client.workflow.getHandle((await show(source)).running[0] ?? '').terminate('the plug was pulled');
    await expect.poll(async () => (await show(source)).runs[0]).toMatchObject({ state: 'terminated', failure: { message: expect.any(String) as string } });
  });
});

describe('no schedule is made', () => {
  it('of a source that nobody added', async () => {
    await expect(callOperation(scheduleAdd, context, { source: 'nobody', every: '1d' })).rejects.toMatchObject({ kind: 'NotFound', message: 'there is no source "nobody"' });
  });

  it('twice of a source', async () => {
    const source = sourceIn(context);
    await callOperation(scheduleAdd, context, { source, every: '1d' });
    await expect(callOperation(scheduleAdd, context, { source, every: '2d' })).rejects.toMatchObject({ kind: 'Exists' });
  });

  it.each<[string, object, string]>([
    ['neither a repository nor a source', {}, 'either a repository or a source'],
    ['both', { repository: 'execa', source: 'acme' }, 'either a repository or a source'],
    ['drills of a source', { source: 'acme', what: 'drill' }, 'always `fleet`'],
    ['a fleet of a repository', { repository: 'execa', what: 'fleet' }, 'not for a repository'],
    ['all repositories, to be backed up', { repository: '*' }, 'name the repository'],
    ['a credential beside the source\'s own', { source: 'acme', credential: 'gh' }, 'credential itself'],
    ['a source by a path', { source: 'acme/x' }, 'small letters'],
    ['a time zone that is none', { source: 'acme', every: undefined, cron: '@daily', timeZone: 'Paris' }, 'is Europe/Paris meant?'],
    ['an offset as a time zone', { source: 'acme', every: undefined, cron: '@daily', timeZone: '+02:00' }, 'IANA'],
    ['a time zone beside `every`', { source: 'acme', timeZone: 'Europe/Paris' }, 'goes with `cron`'],
    ['two time zones', { source: 'acme', every: undefined, cron: 'CRON_TZ=UTC 0 3 * * *', timeZone: 'Europe/Paris' }, 'give it once'],
    ['runs side by side', { source: 'acme', overlap: 'allow-all' }, 'only one run goes on at a time'],
    ['runs that are killed', { source: 'acme', overlap: 'terminate-other' }, 'leaves its backups running'],
    ['an overlap policy that is none', { source: 'acme', overlap: 'queue' }, 'one of skip, buffer-one, buffer-all, cancel-other'],
    ['a catch-up window of no use', { source: 'acme', catchUp: '5s' }, 'at least 10s'],
    ['a second line in a cron expression', { source: 'acme', every: undefined, cron: '0 3 * * *\n0 4 * * *' }, 'one line'],
  ])('of %s', async (_what, input, message) => {
    await expect(callOperation(scheduleAdd, context, { every: '1d', ...input })).rejects.toMatchObject({ kind: 'InvalidInput', message: expect.stringContaining(message) as string });
  });
});

describe('a backfill', () => {
  it('starts one run for all starts that were due, unless it is asked for each', async () => {
    const source = sourceIn(context);
    await callOperation(scheduleAdd, context, { source, cron: '0 3 * * *', jitter: '0s' });
    const filled = await callOperation(scheduleBackfill, context, { source, from: '2026-10-01', to: '2026-10-07T03:00Z' });
    expect(filled).toMatchObject({ from: '2026-10-01T00:00:00.000Z', to: '2026-10-07T03:00:00.000Z', runs: 1 });
    expect(filled.due).toEqual([1, 2, 3, 4, 5, 6, 7].map((day) => `2026-10-0${day}T03:00:00.000Z`));
    await expect.poll(async () => (await show(source)).starts).toBe(1);
  });

  it.each<[string, { from: string; to: string }, string, string]>([
    ['a span in which nothing was due', { from: '2026-10-01T04:00Z', to: '2026-10-02T02:00Z' }, 'NotFound', 'was due in this span'],
    ['a span that is not over', { from: '2026-10-01', to: '2999-01-01' }, 'InvalidInput', 'in the future'],
    ['a span that ends before it begins', { from: '2026-10-02', to: '2026-10-01' }, 'InvalidInput', 'after `to`'],
    ['no instant', { from: 'monday', to: '2026-10-01' }, 'InvalidInput', 'from: "monday"'],
    ['too many starts', { from: '2020-01-01', to: '2026-01-01' }, 'LimitExceeded', 'more than 500 starts'],
  ])('refuses %s', async (_what, span, kind, message) => {
    const source = sourceIn(context, unique('fill'));
    await callOperation(scheduleAdd, context, { source, cron: '0 3 * * *', jitter: '0s' });
    await expect(callOperation(scheduleBackfill, context, { source, ...span })).rejects.toMatchObject({ kind, message: expect.stringContaining(message) as string });
  });
});
