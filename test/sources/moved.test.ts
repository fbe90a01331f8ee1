// A repository that moved on its forge goes on under its name in the archive, and only where its source knows it.
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ActivityDeps } from '../../activities/act.ts';
import { knownOrigins } from '../../activities/push/known-origins.ts';
import { latestVisit } from '../../archive/visits.ts';
import { TASK_QUEUE } from '../../contract/names.ts';
import { sameOrigin } from '../../webhooks/same-origin.ts';
import { importCommits } from '../fixtures/fast-import.ts';
import { initBare } from '../fixtures/plumbing.ts';
import { fleetDeps } from '../fleet/deps.ts';
import { startTemporal, startWorker, unique, type TestTemporal, type TestWorker } from '../harness/temporal.ts';

let temporal: TestTemporal;
let worker: TestWorker;
let deps: ActivityDeps;
let before: string;
let after: string;

beforeAll(async () => {
  temporal = await startTemporal();
  const workerId = unique('worker');
  deps = fleetDeps(temporal, workerId);
  worker = await startWorker(temporal, { taskQueue: TASK_QUEUE, deps, workerId });
  [before, after] = [join(temporal.folder, 'acme/shop.git'), join(temporal.folder, 'acme/store.git')];
  await mkdir(join(temporal.folder, 'acme'));
  await initBare(before);
  await importCommits(before, [{ ref: 'refs/heads/main', mark: 1, files: [{ path: 'a', content: 'a\n' }] }]);
});
afterAll(async () => {
  await worker?.stop();
  await deps?.events.close();
  await temporal?.stop();
});

const ingest = (url: string, more: { formerUrl?: string } = {}): Promise<unknown> => temporal.client.workflow.execute('ingest', { taskQueue: TASK_QUEUE, workflowId: 'ingest:acme.shop', args: [{ url, name: 'acme.shop', checkout: 'none', ...more }] });

test('the name stays, its visits go on, and pushes find it at its new place', async () => {
  await ingest(before);
  expect((await knownOrigins(deps.store, new AbortController().signal)).get(sameOrigin(before))).toMatchObject({ repository: 'acme.shop' });
  await rename(before, after);
  await expect(ingest(after)).rejects.toMatchObject({ cause: { type: 'NameConflict' } });
  await expect(ingest(after, { formerUrl: '/somewhere/else.git' })).rejects.toMatchObject({ cause: { type: 'NameConflict' } });
  expect(await ingest(after, { formerUrl: before })).toMatchObject({ repository: 'acme.shop', visit: 2, unchanged: true });
  expect(await latestVisit(deps.store, 'acme.shop')).toMatchObject({ seq: 2, origin: after });
  expect((await knownOrigins(deps.store, new AbortController().signal)).get(sameOrigin(after))).toMatchObject({ repository: 'acme.shop' });
  expect(await ingest(after)).toMatchObject({ visit: 3 });
});
