// Another embedder: its vectors are made by a durable run, in batches, and search goes on with the old ones until all are there.
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { EmbedLogsSummary } from '../../contract/log-search.ts';
import { EMBED_LOGS_WORKFLOW_ID, TASK_QUEUE, WORKFLOW } from '../../contract/names.ts';
import { ingestLogs } from '../../logs/ingest.ts';
import { openLogsForWriting } from '../../logs/open.ts';
import { EmbeddingsTable, HASHED_SETTINGS, embeddingSettings, type EmbeddingSettings } from '../../logs/vectors/settings.ts';
import { logEmbedder } from '../../operations/log-embedder.ts';
import type { OperationContext } from '../../operations/operation.ts';
import { searchLogsOperation } from '../../operations/search-logs.ts';
import { callOperation, operationContext } from '../harness/operations.ts';
import { startTemporal, startWorker, testDeps, type TestTemporal, type TestWorker } from '../harness/temporal.ts';
import { startEmbeddings, type EmbeddingServer } from './embedding-server.ts';

let temporal: TestTemporal;
let service: EmbeddingServer;
let settings: EmbeddingSettings;
const workers: TestWorker[] = [];

beforeAll(async () => {
  service = await startEmbeddings(64);
  settings = embeddingSettings(EmbeddingsTable.parse({ provider: 'openai', model: 'm', dimensions: 64, baseUrl: `${service.url}/v1` }), {});
  temporal = await startTemporal();
  const deps = testDeps(temporal, 'embedding');
  const db = openLogsForWriting(deps.logIndex ?? '');
  await ingestLogs(db, { paths: [join(import.meta.dirname, 'corpus')], spooled: false }, { signal: new AbortController().signal, onProgress: () => {} });
  db.close();
  for (const [taskQueue, embeddings] of [[TASK_QUEUE, settings], ['hashed', HASHED_SETTINGS]] as const) workers.push(await startWorker(temporal, { taskQueue, deps: { ...deps, embeddings }, workerId: `embedding-${taskQueue}` }));
});

afterAll(async () => {
  for (const worker of workers) await worker.stop();
  await workers[0]?.deps.events.close();
  await temporal.stop();
  await service.close();
});

const contextOf = (embeddings: EmbeddingSettings): OperationContext => ({ ...operationContext(temporal, workers[0] as TestWorker), paths: { ...operationContext(temporal, workers[0] as TestWorker).paths, logIndex: workers[0]?.deps.logIndex ?? '' }, embeddings });
const embedder = (embeddings = settings) => callOperation(logEmbedder, contextOf(embeddings), {});
const search = (query: string, embeddings = settings) => callOperation(searchLogsOperation, contextOf(embeddings), { query });
const start = (taskQueue: string) => temporal.client.workflow.start(WORKFLOW.embedLogs, { workflowId: EMBED_LOGS_WORKFLOW_ID, taskQueue, args: [{}], workflowIdConflictPolicy: 'USE_EXISTING' });

it('goes on behind the last batch after a failure, is joined, and search says whose vectors it compares all the while', async () => {
  expect(await embedder()).toMatchObject({ active: 'hashed 384', configured: 'openai m 64', state: 'embedding' });
  const waiting = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  service.before = async () => {
    if (service.calls.length === 1) service.status = 503; // the second batch fails once
    if (service.calls.length === 2) {
      asked.resolve();
      await waiting.promise;
    }
  };
  const run = await start(TASK_QUEUE);
  expect((await start(TASK_QUEUE)).firstExecutionRunId).toBe(run.firstExecutionRunId);
  await expect.poll(() => service.status).toBe(503);
  service.before = async () => {
    service.status = 200;
    if (service.calls.length < 2) return;
    asked.resolve();
    await waiting.promise;
  };
  await asked.promise;
  const during = await search('dead datanode');
  expect(during.embedder.name).toBe('hashed 384');
  expect(during.hits.length).toBeGreaterThan(0);
  waiting.resolve();
  const summary = (await run.result()) as EmbedLogsSummary;
  expect(summary).toMatchObject({ embedder: 'openai m 64' });
  service.before = () => Promise.resolve();
  const texts = service.calls.filter((call) => call.length > 1).flat();
  expect(texts).toHaveLength(summary.vectors);
  expect(await embedder()).toEqual({ active: 'openai m 64', configured: 'openai m 64', vectors: summary.vectors, state: 'ready' });
});

it('is asked for the vector of each question; where it does not answer, or is not configured any more, search goes on by words and says why', async () => {
  const found = await search('no such file or directory');
  expect(found.embedder).toEqual({ name: 'openai m 64' });
  expect(service.calls.at(-1)).toEqual(['no such file or directory']);
  service.status = 503;
  const without = await search('no such file or directory');
  service.status = 200;
  expect(without.embedder).toEqual({ name: 'openai m 64', problem: 'the embeddings provider openai answered 503' });
  expect(without.hits[0]?.exception).toContain('No such file');
  expect((await search('file', HASHED_SETTINGS)).embedder.problem).toBe('the vectors are of openai m 64, which is not configured');
  expect(service.wrong).toEqual([]);
});

it('and back to hashed ones', async () => {
  const run = await start('hashed');
  expect(await run.result()).toMatchObject({ embedder: 'hashed 384' });
  expect(await embedder(HASHED_SETTINGS)).toMatchObject({ active: 'hashed 384', state: 'ready' });
  expect((await search('file', HASHED_SETTINGS)).embedder).toEqual({ name: 'hashed 384' });
});
