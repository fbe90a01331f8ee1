// Vectors of events: leasing the texts that have none, keeping them with sqlite-vec, and finding the nearest.
import type Database from 'better-sqlite3';
import { load } from 'sqlite-vec';
import { PivoError } from '../../contract/failures.ts';
import type { RecordHit, RecordText, TopKQuery } from '../store.ts';

interface StoredEmbedder {
  id: number;
  name: string;
  /** Null until the first vector came. */
  dimensions: number | null;
  /** The last text that was leased. */
  looked: number;
}

/** Most neighbours that sqlite-vec gives. */
const MOST_NEIGHBOURS = 4_096;

const loaded = new WeakSet<Database.Database>();

/** Lets a connection know vectors. */
function withVectors(db: Database.Database): Database.Database {
  if (!loaded.has(db)) load(db);
  loaded.add(db);
  return db;
}

const find = (db: Database.Database, name: string): StoredEmbedder | undefined => db.prepare('SELECT id, name, dimensions, looked FROM embedders WHERE name = ?').get(name) as StoredEmbedder | undefined;

function embedderOf(db: Database.Database, name: string): StoredEmbedder {
  db.prepare('INSERT INTO embedders (name) VALUES (?) ON CONFLICT (name) DO NOTHING').run(name);
  return find(db, name) as StoredEmbedder;
}

interface Leased {
  record: number;
  part: string;
}

/** Leases texts until `now + leaseMs`: those whose lease ran out, then those that were never leased. Every text up to the embedder's `looked` has a lease, or is done. */
export function claimTexts(db: Database.Database, name: string, limit: number, leaseMs: number, now: number): RecordText[] {
  const { id, looked } = embedderOf(db, name);
  const late = db.prepare('SELECT record, part FROM leases JOIN texts USING (record) WHERE embedder = ? AND until <= ? ORDER BY record LIMIT ?').all(id, now, limit) as Leased[];
  const fresh = db.prepare('SELECT record, part FROM texts WHERE record > ? ORDER BY record LIMIT ?').all(looked, limit - late.length) as Leased[];
  const lease = db.prepare('INSERT INTO leases (embedder, record, until) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET until = excluded.until');
  for (const { record } of [...late, ...fresh]) lease.run(id, record, now + leaseMs);
  const last = fresh.at(-1);
  if (last !== undefined) db.prepare('UPDATE embedders SET looked = ? WHERE id = ?').run(last.record, id);
  return [...late, ...fresh].map(({ record, part }) => ({ record, text: db.prepare(`SELECT text FROM events_${part} WHERE record = ?`).pluck().get(record) as string }));
}

/** Keeps vectors and ends their leases. Fails with InvalidInput for a vector of another length than the embedder's first. */
export function putVectors(db: Database.Database, name: string, vectors: readonly { record: number; vector: Float32Array }[]): void {
  const [first] = vectors;
  if (first === undefined) return;
  const { id, dimensions } = withTable(withVectors(db), embedderOf(db, name), first.vector.length);
  const isThere = db.prepare(`SELECT 1 FROM vectors_${id}_rowids WHERE rowid = ?`);
  const done = db.prepare('DELETE FROM leases WHERE embedder = ? AND record = ?');
  for (const { record, vector } of vectors) {
    if (vector.length !== dimensions) throw new PivoError('InvalidInput', `the embedder ${name} makes vectors of ${dimensions} numbers, and one of ${vector.length} came`);
    if (isThere.get(record) === undefined) put(db, id, record, vector);
    done.run(id, record);
  }
}

/** Has leases run out at once: the texts are behind the embedder's `looked`, and only a lease brings them back. */
export function releaseTexts(db: Database.Database, name: string, records: readonly number[]): void {
  const release = db.prepare('UPDATE leases SET until = 0 WHERE embedder = ? AND record = ?');
  const id = find(db, name)?.id;
  if (id !== undefined) for (const record of records) release.run(id, record);
}

function withTable(db: Database.Database, { id, dimensions }: StoredEmbedder, wanted: number): { id: number; dimensions: number } {
  if (dimensions !== null) return { id, dimensions };
  db.exec(`CREATE VIRTUAL TABLE vectors_${id} USING vec0 (record INTEGER PRIMARY KEY, vector INT8[${wanted}] distance_metric=cosine, key TEXT, type TEXT, time INTEGER)`);
  db.prepare('UPDATE embedders SET dimensions = ? WHERE id = ?').run(wanted, id);
  return { id, dimensions: wanted };
}

/** A vector of zeros points nowhere: it is near nothing, and not kept. */
function put(db: Database.Database, id: number, record: number, vector: Float32Array): void {
  const row = rowOf(db, record);
  if (row === undefined || vector.every((each) => each === 0)) return;
  db.prepare(`INSERT INTO vectors_${id} (record, vector, key, type, time) VALUES (?, vec_int8(?), ?, ?, ?)`).run(BigInt(record), bytesOf(vector), row.key, row.type, BigInt(row.time));
}

type Row = Omit<RecordHit, 'distance' | 'data'> & { data: string | null };

function rowOf(db: Database.Database, record: number): Row | undefined {
  const part = db.prepare('SELECT part FROM texts WHERE record = ?').pluck().get(record) as string | undefined;
  return part === undefined ? undefined : (db.prepare(`SELECT record, id, key, time, type, text, data FROM events_${part} WHERE record = ?`).get(record) as Row | undefined);
}

/** The nearest events, of equally near ones the first stored. Fails with InvalidInput for a vector of another length than the embedder's. */
export function topK(db: Database.Database, query: TopKQuery): RecordHit[] {
  const embedder = find(db, query.embedder);
  if (embedder?.dimensions == null || query.vector.every((each) => each === 0)) return [];
  if (embedder.dimensions !== query.vector.length) throw new PivoError('InvalidInput', `the embedder ${embedder.name} makes vectors of ${embedder.dimensions} numbers, and one of ${query.vector.length} was asked for`);
  const { where, values } = filtersOf(query);
  const sql = `SELECT record, distance FROM vectors_${embedder.id} WHERE vector MATCH vec_int8(?) AND k = ?${where}`;
  const near = withVectors(db).prepare(sql).all(bytesOf(query.vector), Math.min(query.k, MOST_NEIGHBOURS), ...values) as { record: number; distance: number }[];
  return near.toSorted((a, b) => a.distance - b.distance || a.record - b.record).flatMap(({ record, distance }) => {
    const row = rowOf(db, record);
    return row === undefined ? [] : [{ ...row, data: row.data === null ? null : (JSON.parse(row.data) as Record<string, unknown>), distance }];
  });
}

function filtersOf({ key, type, since, until }: TopKQuery): { where: string; values: (string | bigint)[] } {
  const filters: [string, string | bigint | undefined][] = [
    ['key = ?', key],
    ['type = ?', type],
    ['time >= ?', since === undefined ? undefined : BigInt(since)],
    ['time < ?', until === undefined ? undefined : BigInt(until)],
  ];
  const chosen = filters.filter((filter): filter is [string, string | bigint] => filter[1] !== undefined);
  return { where: chosen.map(([sql]) => ` AND ${sql}`).join(''), values: chosen.map(([, value]) => value) };
}

/** A vector in bytes: the cosine does not know lengths, so that the largest number takes the whole of their range. */
function bytesOf(vector: Float32Array): Buffer {
  const largest = vector.reduce((most, each) => Math.max(most, Math.abs(each)), 0);
  return Buffer.from(Int8Array.from(vector, (each) => Math.round((each / largest) * 127)).buffer);
}
