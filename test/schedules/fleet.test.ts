// A schedule of a source with a real worker: its starts back the repositories up.
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { listRepositories, listVisitNumbers } from '../../archive/visits.ts';
import { TASK_QUEUE } from '../../contract/names.ts';
import { SourceSpec } from '../../contract/source.ts';
import type { OperationContext } from '../../operations/operation.ts';
import { scheduleAdd } from '../../operations/schedule-add.ts';
import { scheduleRun } from '../../operations/schedule-control.ts';
import { scheduleShow } from '../../operations/schedule-list.ts';
import { addSource } from '../../state/sources.ts';
import { fleetDeps, statePath } from '../fleet/deps.ts';
import { callOperation, operationContext } from '../harness/operations.ts';
import { startTemporal, startWorker, unique, type TestTemporal, type TestWorker } from '../harness/temporal.ts';

let temporal: TestTemporal;
let worker: TestWorker;
let context: OperationContext;

beforeAll(async () => {
  temporal = await startTemporal();
  const workerId = unique('worker');
  worker = await startWorker(temporal, { taskQueue: TASK_QUEUE, workerId, deps: fleetDeps(temporal, workerId) });
  const operations = operationContext(temporal, worker);
  context = { ...operations, paths: { ...operations.paths, state: statePath(temporal, workerId) } };
});
afterAll(async () => {
  await worker.stop();
  await worker.deps.events.close();
  await temporal.stop();
});

it('each start backs every repository of the source up, and the schedule tells what came of it', async () => {
  const origins = ['one', 'two'].map((name) => join(temporal.folder, 'acme', `${name}.git`));
  for (const origin of origins) execFileSync('git', ['init', '--quiet', '--bare', origin]);
  const list = join(temporal.folder, 'list.txt');
  await writeFile(list, origins.map((origin) => `file://${origin}\n`).join(''));
  const source = unique('acme');
  addSource(context.paths.state, SourceSpec.parse({ name: source, kind: 'list', owner: list }));
  await callOperation(scheduleAdd, context, { source, cron: '30 3 * * *', timeZone: 'Europe/Paris' });
  for (const [runs, outcome] of [[1, '2 done'], [2, '2 unchanged']] as const) {
    await callOperation(scheduleRun, context, { source });
    await expect.poll(async () => (await callOperation(scheduleShow, context, { source })).runs.filter(({ state }) => state !== 'running').length, { timeout: 90_000 }).toBe(runs);
    const { runs: [last] } = await callOperation(scheduleShow, context, { source });
    expect(last).toMatchObject({ state: 'completed', outcome, failure: null });
  }
  const repositories = await listRepositories(context.store);
  expect(repositories).toHaveLength(2);
  for (const repository of repositories) expect(await listVisitNumbers(context.store, repository)).toEqual([1, 2]);
}, 240_000);
