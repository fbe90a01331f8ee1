// Making the vectors of records: a durable run that ends when every text has one, whatever service or worker fails meanwhile.
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { EmbeddingPass } from '../../activities/embed-records.ts';
import { TASK_QUEUE, WORKFLOW, embedRecordsWorkflowId } from '../../contract/names.ts';
import { TEXTS_SIGNAL, type EmbedRecordsSummary } from '../../contract/record-search.ts';
import type { Frame } from '../../contract/spool.ts';
import { EmbeddingsTable, HASHED_SETTINGS, embeddingSettings, type EmbeddingSettings } from '../../logs/vectors/settings.ts';
import { openRecordStore } from '../../records/open.ts';
import type { RecordSettings } from '../../records/settings.ts';
import type { RecordStore } from '../../records/store.ts';
import { startPostgres, vectorPostgres, type Postgres } from '../harness/postgres.ts';
import { startTemporal, startWorker, testDeps, unique, type StandIns, type TestTemporal, type TestWorker } from '../harness/temporal.ts';
import { startEmbeddings, type EmbeddingServer } from '../search/embedding-server.ts';

const programs = await vectorPostgres();

let temporal: TestTemporal;
let postgres: Postgres | undefined;
let service: EmbeddingServer;
let remote: EmbeddingSettings;
const workers: TestWorker[] = [];
const stores: RecordStore[] = [];

beforeAll(async () => {
  temporal = await startTemporal();
  service = await startEmbeddings(64);
  remote = embeddingSettings(EmbeddingsTable.parse({ provider: 'openai', model: 'm', dimensions: 64, baseUrl: `${service.url}/v1`, timeout: 1 }), {});
  if (programs !== null) postgres = await startPostgres(programs);
});
afterEach(async () => {
  for (const worker of workers.splice(0)) await worker.stop();
  for (const store of stores.splice(0)) await store.close();
  Object.assign(service, { status: 200, before: () => Promise.resolve(), calls: [] });
});
afterAll(async () => {
  await temporal.stop();
  await service.close();
  await postgres?.close();
});

const text = (id: string, words = `said ${id}`): Frame => ({ kind: 'event', key: 'k', time: 1_790_000_000_000, id, payload: { type: 'note', text: words } });
const texts = (from: number, count: number): Frame[] => Array.from({ length: count }, (_, at) => text(`t${from + at}`, `event number ${'i'.repeat(from + at + 1)}`));

async function load(store: RecordStore, frames: readonly Frame[]): Promise<void> {
  await store.openBatch({ tag: 'b', kind: 'event', reason: 'seconds', opened: '2026-11-21T00:00:00.000Z' });
  await store.loadSegment('b', { name: unique('s'), bytes: 1 }, (async function* () {
    yield frames;
  })());
}

/** Records of their own, with a worker of their own. */
async function begin(records: RecordSettings, embeddings: EmbeddingSettings, standIns: StandIns = {}) {
  const store = await openRecordStore(records);
  stores.push(store);
  await store.prepare();
  const worker = unique('worker');
  workers.push(await startWorker(temporal, { taskQueue: TASK_QUEUE, workerId: worker, deps: { ...testDeps(temporal, worker), records, embeddings }, standIns }));
  const start = () => temporal.client.workflow.start(WORKFLOW.embedRecords, { workflowId: embedRecordsWorkflowId(worker), taskQueue: TASK_QUEUE, args: [{ worker }], workflowIdConflictPolicy: 'USE_EXISTING' });
  const run = async (): Promise<EmbedRecordsSummary> => (await start()).result() as Promise<EmbedRecordsSummary>;
  return { store, start, run };
}

const found = async (store: RecordStore, embedder: string, dimensions: number): Promise<number> => (await store.topK({ embedder, vector: new Float32Array(dimensions).fill(1), k: 1_000 })).length;

const sqlite = async (): Promise<RecordSettings> => {
  const file = join(temporal.folder, `${unique('records')}.db`);
  return { url: `sqlite:${file}`, password: () => undefined };
};

describe.each([['SQLite', sqlite], ['PostgreSQL', async () => (postgres as Postgres).database()]] as const)('the vectors of records in %s', (database, settings) => {
  describe.skipIf(database === 'PostgreSQL' && programs === null)('are made', () => {
    it('for every text, once, and for those of a new embedder again', async () => {
      const records = await settings();
      const { store, run } = await begin(records, HASHED_SETTINGS);
      await load(store, [...texts(0, 300), { ...text('silent'), payload: { type: 'note' } }, text('blank', '   ')] as Frame[]);
      expect(await run()).toEqual({ embedder: 'hashed 384', vectors: 301 });
      expect(await found(store, 'hashed 384', 384)).toBe(300);
      expect(await run()).toMatchObject({ vectors: 0 });
      await load(store, texts(300, 5));
      expect(await run()).toMatchObject({ vectors: 5 });
      for (const worker of workers.splice(0)) await worker.stop();
      const other = await begin(records, remote);
      expect(await other.run()).toEqual({ embedder: 'openai m 64', vectors: 306 });
      expect(service.calls.flat().toSorted()).toEqual(texts(0, 305).map(({ payload }) => ('text' in payload ? payload.text : '')).toSorted());
      expect(await found(store, 'openai m 64', 64)).toBe(305);
      expect(await found(store, 'hashed 384', 384)).toBe(305);
    });

    it('when a service that failed answers again, and loads go on all the while', async () => {
      const { store, start } = await begin(await settings(), remote);
      await load(store, texts(0, 200));
      service.status = 503;
      const refused = Promise.withResolvers<void>();
      service.before = () => Promise.resolve(refused.resolve());
      const run = await start();
      await refused.promise;
      await load(store, texts(200, 100));
      expect((await start()).firstExecutionRunId).toBe(run.firstExecutionRunId);
      expect(await store.counts()).toMatchObject({ events: 300 });
      service.status = 200;
      await expect.poll(() => found(store, 'openai m 64', 64)).toBe(300);
      await run.cancel(); // it waits for what a killed attempt might hold
      await expect(run.result()).rejects.toThrow('cancelled');
      expect(service.calls.flat()).toHaveLength(300);
    });

    it('without secrets that stand in the texts', async () => {
      const { store, run } = await begin(await settings(), remote);
      await load(store, [text('secret', 'the token is ghp_0123456789abcdefghijABCDEFGHIJ012345 of the forge')]);
      await run();
      expect(service.calls.flat().join()).toContain('of the forge');
      expect(service.calls.flat().join()).not.toContain('ghp_0123456789');
    });
  });
});

describe('the run', () => {
  it('ends at once, with what to do, where the key is refused', async () => {
    const { store, run } = await begin(await sqlite(), remote);
    await load(store, texts(0, 3));
    service.status = 401;
    await expect(run()).rejects.toMatchObject({ cause: { type: 'CredentialMissing' } });
    service.status = 200;
    expect(await run()).toMatchObject({ vectors: 3 });
  });

  it('waits for texts that a killed attempt holds, and takes them when they come back', async () => {
    const passes: EmbeddingPass[] = [{ embedder: 'e', vectors: 2, held: 300 }, { embedder: 'e', vectors: 3, held: 0 }];
    const { run } = await begin(await sqlite(), HASHED_SETTINGS, { embedRecords: async () => passes.shift() ?? { embedder: 'e', vectors: 100, held: 0 } });
    expect(await run()).toEqual({ embedder: 'e', vectors: 5 });
    expect(passes).toEqual([]);
  });

  it('that is told of texts looks once more before it ends', async () => {
    const [looking, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let looks = 0;
    const { start } = await begin(await sqlite(), HASHED_SETTINGS, {
      embedRecords: async () => {
        looks += 1;
        looking.resolve();
        await go.promise;
        return { embedder: 'e', vectors: 1, held: 0 };
      },
    });
    const run = await start();
    await looking.promise;
    await run.signal(TEXTS_SIGNAL);
    go.resolve();
    expect(await run.result()).toEqual({ embedder: 'e', vectors: 2 });
    expect(looks).toBe(2);
  });

  it('several workers of one database share the texts', async () => {
    const records = await sqlite();
    const { store } = await begin(records, HASHED_SETTINGS);
    await load(store, texts(0, 50));
    const [one, two] = await Promise.all([store.claimTexts('e', 30, 60_000), store.claimTexts('e', 30, 60_000)]);
    expect(new Set([...one, ...two].map(({ record }) => record)).size).toBe(50);
    await store.releaseTexts('e', one.map(({ record }) => record));
    expect(await store.claimTexts('e', 100, 60_000)).toEqual(one);
  });
});
