// Vectors in the log index: one table of sqlite-vec for each embedder, by shape.
import type Database from 'better-sqlite3';
import { load } from 'sqlite-vec';

/** An embedder whose vectors are in the index. */
export interface StoredEmbedder {
  id: number;
  name: string;
  dimensions: number;
  state: 'active' | 'next';
  /** The last shape that was looked at. */
  shape: number;
}

/** The nearest of more would take too long to find: each is compared. */
const MOST_VECTORS = 20_000;

const loaded = new WeakSet<Database.Database>();

/** Lets a connection know vectors. */
function withVectors(db: Database.Database): Database.Database {
  if (!loaded.has(db)) load(db);
  loaded.add(db);
  return db;
}

const tableOf = ({ id }: Pick<StoredEmbedder, 'id'>): string => `vectors_${id}`;

const COLUMNS = 'id, name, dimensions, state, shape';

const isThere = (db: Database.Database): boolean => db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'embedders'").get() !== undefined;

/** The embedder whose vectors are searched; undefined where there are none yet. */
export const activeEmbedder = (db: Database.Database): StoredEmbedder | undefined => (isThere(db) ? (db.prepare(`SELECT ${COLUMNS} FROM embedders WHERE state = 'active'`).get() as StoredEmbedder | undefined) : undefined);

/** The embedder of that name, made as the next one where it is new; the first of all is active at once. An unfinished other one is given up. */
export function beginEmbedder(db: Database.Database, { name, dimensions }: Pick<StoredEmbedder, 'name' | 'dimensions'>): StoredEmbedder {
  return withVectors(db).transaction((): StoredEmbedder => {
    const find = db.prepare(`SELECT ${COLUMNS} FROM embedders WHERE name = ?`);
    for (const other of db.prepare(`SELECT ${COLUMNS} FROM embedders WHERE state = 'next' AND name <> ?`).all(name) as StoredEmbedder[]) drop(db, other);
    if (find.get(name) === undefined) {
      const { lastInsertRowid } = db.prepare('INSERT INTO embedders (name, dimensions, state) VALUES (?, ?, ?)').run(name, dimensions, activeEmbedder(db) === undefined ? 'active' : 'next');
      db.exec(`CREATE VIRTUAL TABLE ${tableOf({ id: Number(lastInsertRowid) })} USING vec0 (shape INTEGER PRIMARY KEY, vector INT8[${dimensions}])`);
    }
    return find.get(name) as StoredEmbedder;
  }).immediate();
}

/** Makes an embedder the one that is searched, and removes the vectors of the others. */
export function activate(db: Database.Database, embedder: StoredEmbedder): void {
  withVectors(db).transaction(() => {
    for (const other of db.prepare(`SELECT ${COLUMNS} FROM embedders WHERE id <> ?`).all(embedder.id) as StoredEmbedder[]) drop(db, other);
    db.prepare("UPDATE embedders SET state = 'active' WHERE id = ?").run(embedder.id);
  }).immediate();
}

function drop(db: Database.Database, embedder: StoredEmbedder): void {
  db.exec(`DROP TABLE ${tableOf(embedder)}`);
  db.prepare('DELETE FROM embedders WHERE id = ?').run(embedder.id);
}

/** Keeps vectors of shapes, and that all up to the shape `upTo` were looked at. False where another process did so meanwhile. */
export function storeVectors(db: Database.Database, embedder: StoredEmbedder, vectors: readonly { shape: number; vector: Float32Array }[], upTo: number): boolean {
  return withVectors(db).transaction((): boolean => {
    const advanced = db.prepare('UPDATE embedders SET shape = ? WHERE id = ? AND shape = ?').run(upTo, embedder.id, embedder.shape);
    if (advanced.changes === 0) return false;
    const put = db.prepare(`INSERT INTO ${tableOf(embedder)} (shape, vector) VALUES (?, vec_int8(?))`);
    for (const { shape, vector } of vectors) put.run(BigInt(shape), bytesOf(vector));
    embedder.shape = upTo;
    return true;
  }).immediate();
}

/** Vectors that an embedder has made. */
export const vectorCount = (db: Database.Database, embedder: StoredEmbedder): number => db.prepare(`SELECT count(*) FROM ${tableOf(embedder)}_rowids`).pluck().get() as number;

/** True while vectors may be added. */
export const hasRoom = (db: Database.Database, embedder: StoredEmbedder): boolean => vectorCount(db, embedder) < MOST_VECTORS;

/** Shapes with a vector among `shapes`. */
export function withVector(db: Database.Database, embedder: StoredEmbedder, shapes: readonly number[]): Set<number> {
  return new Set(withVectors(db).prepare(`SELECT rowid FROM ${tableOf(embedder)}_rowids WHERE rowid IN (SELECT value FROM json_each(?))`).pluck().all(JSON.stringify(shapes)) as number[]);
}

/** The shapes nearest to a vector, the nearest first, with their distance. */
export function nearest(db: Database.Database, embedder: StoredEmbedder, vector: Float32Array, count: number): { shape: number; distance: number }[] {
  return withVectors(db).prepare(`SELECT shape, distance FROM ${tableOf(embedder)} WHERE vector MATCH vec_int8(?) AND k = ?`).all(bytesOf(vector), count) as { shape: number; distance: number }[];
}

/** A vector of length 1 in bytes: a number of the usual size takes an eighth of their range, so that large ones fit. */
function bytesOf(vector: Float32Array): Buffer {
  const scale = (127 * Math.sqrt(vector.length)) / 8;
  return Buffer.from(Int8Array.from(vector, (each) => Math.max(-127, Math.min(127, Math.round(each * scale)))).buffer);
}
