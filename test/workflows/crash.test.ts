// A crash costs time, never data: the worker is killed between any two writes, started again, and the run finishes once.
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { repositoryPath } from '../../archive/layout.ts';
import { listVisitNumbers, readVisit } from '../../archive/visits.ts';
import type { IngestResult } from '../../contract/ingest.ts';
import { TOPIC, ingestWorkflowId } from '../../contract/names.ts';
import type { EventLog } from '../../events/log.ts';
import { compareRepositories, describeDifference } from '../harness/compare.ts';
import { dyingWorkers, type DyingWorkers } from '../harness/dying-workers.ts';
import { testDeps, unique, type TestTemporal } from '../harness/temporal.ts';

let workers: DyingWorkers;
let temporal: TestTemporal;
let origin: string;

beforeAll(async () => {
  workers = await dyingWorkers();
  ({ temporal, origin } = workers);
});
afterEach(() => workers.killAll());
afterAll(() => workers.stop());

/** Ids of all events in the log, repetitions included. */
async function eventIds(events: EventLog): Promise<string[]> {
  const ids: string[] = [];
  const stop = new AbortController();
  const waiting = new Map((await events.offsets([TOPIC.commits])).filter(({ high }) => high > 0).map(({ partition, high }) => [partition, high]));
  if (waiting.size === 0) return ids;
  await events.subscribe({
    group: 'test',
    topics: [TOPIC.commits],
    position: () => 0,
    signal: stop.signal,
    async handle({ partition, messages }) {
      ids.push(...messages.map((message) => message.id));
      if ((messages.at(-1)?.offset ?? 0) + 1 >= (waiting.get(partition) ?? Infinity)) waiting.delete(partition);
      if (waiting.size === 0) stop.abort();
    },
  });
  return ids;
}

it.each([
  ['before the pack', 'before:.pack', []],
  ['between a pack and its index', 'before:.idx', []],
  ['before the checkout', 'before:layout:', []],
  ['between pack and snapshot', 'before:/HEAD', []],
  ['half-way through a snapshot', 'before:/packed-refs', []],
  ['between snapshot and visit', 'before:visits/', []],
  ['between visit and events', 'publish', [1]],
  ['after events were published, before it could say so', 'published', [1]],
] as const)('killed %s, the run finishes once when a worker is back', async (_when, dieAt, visitsThen) => {
  const [taskQueue, workerId, name] = [unique('queue'), unique('worker'), unique('repository')];
  const deps = testDeps(temporal, workerId);
  const dying = await workers.startWorker(taskQueue, workerId, dieAt);
  const handle = await temporal.client.workflow.start('ingest', { workflowId: ingestWorkflowId(name), taskQueue, args: [{ url: origin, name }] });
  expect(await once(dying, 'exit')).toEqual([null, 'SIGKILL']);
  expect(await listVisitNumbers(deps.store, name)).toEqual(visitsThen);

  await workers.startWorker(taskQueue, workerId, '');
  const result = (await handle.result()) as IngestResult;

  expect(result).toMatchObject({ repository: name, visit: 1, unchanged: false, holes: 0 });
  expect(await listVisitNumbers(deps.store, name)).toEqual([1]);
  const visit = await readVisit(deps.store, name, 1);
  const archived = join(temporal.folder, workerId, 'archive', repositoryPath(name), visit.snapshotPath);
  expect(describeDifference(await compareRepositories(origin, archived))).toBe('');
  const stored = (await deps.store.list(`${repositoryPath(name)}/objects/pack`)).map((file) => file.name).sort();
  expect(stored).toEqual(visit.packs.flatMap((pack) => [`${pack.name}.idx`, `${pack.name}.pack`]).sort());
  const ids = await eventIds(deps.events);
  expect(new Set(ids).size).toBe(result.events);
  expect(ids.some((id) => id.startsWith(`snapshot:${name}:1:`))).toBe(true);
  await deps.events.close();
}, 120_000);
