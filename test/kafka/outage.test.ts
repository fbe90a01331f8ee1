// Backups and restores while Kafka is down: they are done all the same, and what there is to tell comes by itself.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { listVisitNumbers } from '../../archive/visits.ts';
import type { PivoEvent } from '../../contract/events.ts';
import type { IngestResult } from '../../contract/ingest.ts';
import { TOPIC, emitWorkflowId, ingestWorkflowId, restoreWorkflowId } from '../../contract/names.ts';
import type { EventLog } from '../../events/log.ts';
import { openEventLog } from '../../events/open.ts';
import { readUntil } from '../events/conformance.ts';
import { silentLog, startTemporal, startWorker, testDeps, unique, type TestTemporal, type TestWorker } from '../harness/temporal.ts';
import { projectBuildFolder, workflowBundle } from '../../workers/bundle.ts';
import { sdkLogger } from '../../stack/temporal-runtime.ts';
import { testBroker, type TestBroker } from './broker.ts';

const run = promisify(execFile);
let broker: TestBroker;
let temporal: TestTemporal;
let worker: TestWorker;
let events: EventLog;
let origin = '';
const taskQueue = unique('queue');

beforeAll(async () => {
  [broker, temporal, origin] = await Promise.all([testBroker(), startTemporal(), mkdtemp(join(tmpdir(), 'pivo-kafka-origin-'))]);
  events = openEventLog(broker.url);
  worker = await startWorker(temporal, { taskQueue, deps: { ...testDeps(temporal, 'outage'), events } });
  await run('git', ['init', '--quiet', '--initial-branch=main', origin]);
}, 300_000);

afterAll(async () => {
  await worker?.stop();
  await events?.close();
  await Promise.all([temporal?.stop(), rm(origin, { recursive: true, force: true })]);
});

async function commit(text: string): Promise<string> {
  await writeFile(join(origin, 'file'), text);
  await run('git', ['-C', origin, 'add', 'file']);
  await run('git', ['-C', origin, '-c', 'user.name=a', '-c', 'user.email=a@example.org', 'commit', '--quiet', '--message', text]);
  return (await run('git', ['-C', origin, 'rev-parse', 'HEAD'])).stdout.trim();
}

async function ingest(): Promise<{ result: IngestResult; runId: string }> {
  const handle = await temporal.client.workflow.start('ingest', { taskQueue, workflowId: ingestWorkflowId('outage'), args: [{ url: origin, name: 'outage' }] });
  return { result: (await handle.result()) as IngestResult, runId: handle.firstExecutionRunId };
}

const published = async (topic: string, enough: (events: PivoEvent[]) => boolean): Promise<PivoEvent[]> => {
  const parsed = (read: { message: { value: string } }[]): PivoEvent[] => read.map(({ message }) => JSON.parse(message.value) as PivoEvent);
  return parsed(await readUntil(events, topic, (read) => enough(parsed(read))));
};
const visitsIn = (all: PivoEvent[]): Set<number> => new Set(all.flatMap((event) => (event.type === 'SNAPSHOT' ? [event.visit] : [])));

it('a backup while the broker is down ends with its visit, and its events and audit record follow when the broker is back', async () => {
  await commit('first');
  const before = await ingest();
  expect(before.result).toMatchObject({ visit: 1, events: 2 });
  expect(before.result.eventsPending).toBeUndefined();

  await broker.killBroker();
  const second = await commit('second');
  const during = await ingest();
  expect(during.result).toMatchObject({ visit: 2, events: 0, eventsPending: true });
  const unchanged = await ingest();
  expect(unchanged.result).toMatchObject({ visit: 3, unchanged: true, eventsPending: true });
  expect(await listVisitNumbers(worker.deps.store, 'outage')).toEqual([1, 2, 3]);

  await broker.startBroker();
  const later = [during, unchanged].map(({ runId }) => temporal.client.workflow.getHandle(emitWorkflowId('outage', runId)).result());
  await Promise.all(later);
  const commits = await published(TOPIC.commits, (all) => visitsIn(all).size === 3);
  expect(commits.some((event) => event.type === 'COMMIT' && event.hash === second)).toBe(true);
  const audits = await published(TOPIC.audit, (all) => new Set(all.map(({ id }) => id)).size === 3);
  expect(new Set(audits.map(({ id }) => id))).toEqual(new Set([before, during, unchanged].map(({ runId }) => `audit:ingest:${runId}`)));

  const codePath = await workflowBundle([projectBuildFolder], sdkLogger(silentLog));
  for (const handle of [temporal.client.workflow.getHandle(emitWorkflowId('outage', during.runId)), temporal.client.workflow.getHandle(ingestWorkflowId('outage'), during.runId)]) {
    await Worker.runReplayHistory({ workflowBundle: { codePath } }, await handle.fetchHistory(), handle.workflowId); // both histories replay
  }
}, 300_000);

it('a restore while the broker is down ends with its receipt, and its audit record follows when the broker is back', async () => {
  await broker.killBroker();
  const target = join(temporal.folder, 'restored.git');
  const handle = await temporal.client.workflow.start('restore', { taskQueue, workflowId: restoreWorkflowId(unique('outage')), args: [{ repository: 'outage', target, requestedBy: 'ada', approval: 'waived' }] });
  expect(await handle.result()).toMatchObject({ outcome: 'done' });

  await broker.startBroker();
  const runId = handle.firstExecutionRunId;
  await temporal.client.workflow.getHandle(emitWorkflowId('outage', runId, 'restore')).result();
  const audits = await published(TOPIC.audit, (all) => all.some(({ id }) => id === `audit:restore:${runId}`));
  expect(audits.find(({ id }) => id === `audit:restore:${runId}`)).toMatchObject({ action: 'restore', outcome: 'done', actor: 'ada' });
}, 300_000);
