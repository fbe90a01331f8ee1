// Adapter of port RecordStore: PostgreSQL 14 or later, with pgvector where texts are to be found by meaning.
import type { PushPayload } from '../../contract/spool.ts';
import type { RecordSettings } from '../settings.ts';
import type { CollapsedPush, RecordStore } from '../store.ts';
import { Database } from './database.ts';
import { MILLISECONDS } from './instants.ts';
import { loadSegment } from './load.ts';
import { batchOf, closeBatch, failSegment, listBatches, listSegments, openBatch } from './manifest.ts';
import { prepareSchema } from './schema.ts';
import { claimTexts, putVectors, releaseTexts, topK } from './vectors.ts';

/** Connects when it is first asked. Fails with InvalidInput for an unknown sslmode and with Unavailable for an authorities' file that cannot be read. */
export function openPostgresRecords(settings: RecordSettings): RecordStore {
  const database = new Database(settings);
  return {
    url: database.url,
    prepare: () => prepareSchema(database),
    openBatch: (batch) => openBatch(database, batch),
    loadSegment: (tag, segment, frames) => loadSegment(database, tag, segment, frames),
    failSegment: (tag, segment, failure) => failSegment(database, tag, segment, failure),
    segmentsOf: (tag) => listSegments(database, tag),
    closeBatch: (tag, finished) => closeBatch(database, tag, finished),
    pushesOf: (tag) => pushesOf(database, tag),
    batches: (filter) => listBatches(database, filter),
    counts: () => counts(database),
    claimTexts: (embedder, limit, leaseMs) => claimTexts(database, embedder, limit, leaseMs),
    putVectors: (embedder, vectors) => putVectors(database, embedder, vectors),
    releaseTexts: (embedder, records) => releaseTexts(database, embedder, records),
    topK: (query) => topK(database, query),
    close: () => database.close(),
  };
}

async function pushesOf(database: Database, tag: string): Promise<CollapsedPush[]> {
  if ((await batchOf(database, tag)).kind !== 'push') return []; // an event of type `push` is no push
  return database.rows<{ push: PushPayload; count: number; first: number; last: number }>(
    `SELECT (array_agg(data ORDER BY time DESC, record DESC))[1] AS push, count(*), min(${MILLISECONDS}) AS first, max(${MILLISECONDS}) AS last
    FROM events WHERE batch = $1 AND type = 'push' GROUP BY source, subject ORDER BY first, source, subject`,
    [tag],
  );
}

async function counts(database: Database): Promise<Record<string, number>> {
  const [found] = await database.rows<Record<string, number>>('SELECT (SELECT count(*) FROM events) AS events, (SELECT count(*) FROM metrics) AS metrics, (SELECT count(*) FROM record_batches) AS ingestion_manifest');
  return found ?? {};
}
