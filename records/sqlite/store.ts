// RecordStore in one SQLite file: records of a month in a table of their own, one writer at a time.
import type Database from 'better-sqlite3';
import { PivoError } from '../../contract/failures.ts';
import type { Frame, SegmentEnd } from '../../contract/spool.ts';
import type { RecordStore } from '../store.ts';
import { batches, batchOf, closeBatch, keepSegment, openBatch, pushesOf, segmentOf, segmentsOf } from './batches.ts';
import { Connection } from './connection.ts';
import { makeTables, RECORDS_SCHEMA_VERSION } from './schema.ts';
import { SegmentRows } from './segment-rows.ts';
import { claimTexts, putVectors, releaseTexts, topK } from './vectors.ts';

/** Opens the records database at `path`; its file is made where it is missing. Fails with Unavailable. */
export function openSqliteRecords(path: string): RecordStore {
  const connection = new Connection(path);
  return {
    url: `sqlite:${path}`,
    prepare: () => prepare(connection),
    openBatch: (batch) => connection.write((db) => openBatch(db, batch)),
    loadSegment: (tag, segment, frames) => connection.write((db) => loadSegment(db, tag, segment, frames)),
    failSegment: (tag, segment, failure) => connection.write((db) => once(db, tag, segment.name, (batch) => keepSegment(db, batch, { ...segment, records: 0, duplicates: 0, failure }))),
    segmentsOf: (tag) => connection.read((db) => segmentsOf(db, tag)),
    closeBatch: (tag, finished) => connection.write((db) => closeBatch(db, tag, finished)),
    pushesOf: (tag) => connection.read((db) => pushesOf(db, tag)),
    batches: (filter) => connection.read((db) => batches(db, filter)),
    counts: () => connection.read(counts),
    claimTexts: (embedder, limit, leaseMs) => connection.write((db) => claimTexts(db, embedder, limit, leaseMs, Date.now())),
    putVectors: (embedder, vectors) => connection.write((db) => putVectors(db, embedder, vectors)),
    releaseTexts: (embedder, records) => connection.write((db) => releaseTexts(db, embedder, records)),
    topK: (query) => connection.read((db) => topK(db, query)),
    close: () => connection.close(),
  };
}

const versionOf = (db: Database.Database): number => db.pragma('user_version', { simple: true }) as number;

async function prepare(connection: Connection): Promise<void> {
  if ((await connection.read(versionOf)) === RECORDS_SCHEMA_VERSION) return;
  await connection.write((db) => {
    const version = versionOf(db);
    if (version === 0) makeTables(db);
    else if (version !== RECORDS_SCHEMA_VERSION) throw new PivoError('InvalidInput', `the records database ${connection.path} has version ${version}, and this PIVO knows version ${RECORDS_SCHEMA_VERSION}`, { hint: 'Use the PIVO that wrote it, or name another database in [records] url.' });
  });
}

/** What the batch has of a segment already, or what `act` makes of it. */
function once<T extends SegmentEnd | Promise<SegmentEnd>>(db: Database.Database, tag: string, name: string, act: (batch: number) => T): T | SegmentEnd {
  const { number } = batchOf(db, tag);
  return segmentOf(db, number, name) ?? act(number);
}

function loadSegment(db: Database.Database, tag: string, { name, bytes }: { name: string; bytes: number }, frames: AsyncIterable<readonly Frame[]>): Promise<SegmentEnd> | SegmentEnd {
  return once(db, tag, name, async (batch) => {
    const rows = new SegmentRows(db, batch);
    for await (const some of frames) rows.add(some);
    rows.end();
    return keepSegment(db, batch, { name, records: rows.records, duplicates: rows.duplicates, bytes, failure: null });
  });
}

function counts(db: Database.Database): Record<string, number> {
  return db.prepare('SELECT (SELECT count(*) FROM events) AS events, (SELECT count(*) FROM metrics) AS metrics, (SELECT count(*) FROM ingestion_manifest) AS ingestion_manifest').get() as Record<string, number>;
}
