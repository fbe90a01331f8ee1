// Opens the index file: the one writer with its lock, or a fresh file that is built aside.
import { chmodSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { PivoError } from '../contract/failures.ts';
import { SCHEMA, SCHEMA_VERSION } from './schema.ts';

/** Page cache in KiB: the upper levels of the B-trees of a large index. */
const CACHE_KIB = 128 * 1024;
/** Pages of the write-ahead log before a checkpoint: few, large ones are faster. */
const CHECKPOINT_PAGES = 8_192;

/** Deletes an index file with all that belongs to it. */
export function removeIndexFile(path: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(`${path}${suffix}`, { force: true });
}

/**
 * Opens the index for writing; makes it where it is missing or of another schema version (it is disposable).
 * The log's positions are in it, so a new one is filled from the log's start.
 */
export function openForWriting(path: string): Database.Database {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  if (existsSync(path) && !isCurrent(path)) removeIndexFile(path);
  const db = new Database(path);
  chmodSync(path, 0o600);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = NORMAL'); // rows and positions go together: a commit lost with the power is consumed again
  db.pragma(`cache_size = -${CACHE_KIB}`);
  db.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
  db.pragma('journal_size_limit = 67108864');
  tune(db);
  if (db.pragma('user_version', { simple: true }) === 0) db.transaction(() => db.exec(SCHEMA.tables + SCHEMA.rest)).exclusive();
  return db;
}

/**
 * Opens a new index that only this process knows and that is thrown away when it is not finished: no journal,
 * one transaction for all rows, its indexes and views made by `finishAside`.
 */
export function openAside(path: string): Database.Database {
  removeIndexFile(path);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const db = new Database(path);
  chmodSync(path, 0o600);
  db.pragma('journal_mode = OFF');
  db.pragma('synchronous = OFF');
  db.pragma('locking_mode = EXCLUSIVE');
  db.pragma(`cache_size = -${2 * CACHE_KIB}`);
  tune(db);
  db.exec(SCHEMA.tables);
  return db;
}

/** Rows are made by the writer alone, parents first: no checks of foreign keys, and no copies of pages for single statements on disk. */
function tune(db: Database.Database): void {
  db.pragma('foreign_keys = OFF');
  db.pragma('temp_store = MEMORY');
}

/** Makes the indexes and views of a file that `openAside` opened, and merges its full-text segments. */
export function finishAside(db: Database.Database): void {
  db.exec(SCHEMA.rest);
  for (const table of ['message_text', 'path_text']) db.exec(`INSERT INTO ${table} (${table}) VALUES ('optimize')`);
  db.exec('PRAGMA analysis_limit = 1000; ANALYZE');
}

function isCurrent(path: string): boolean {
  try {
    using db = openReadOnly(path);
    db.prepare('SELECT 1 FROM sqlite_schema').get(); // reads the whole schema: the version alone is in the file's first bytes
    const version = db.pragma('user_version', { simple: true });
    return version === SCHEMA_VERSION || version === 0;
  } catch {
    return false; // not a database, or a broken one: built anew
  }
}

/** Fails as SQLite does. */
export function openReadOnly(path: string): Database.Database & Disposable {
  const db = new Database(path, { readonly: true, fileMustExist: true });
  return Object.assign(db, { [Symbol.dispose]: () => db.close() });
}

/** Holds the right to write one index, until it is released or the process ends. */
export interface IndexLock {
  release(): void;
}

/**
 * Takes the lock beside the index: an exclusive SQLite lock on a file of its own, which the system drops when
 * the process dies. Fails with Unavailable when another process holds it.
 */
export function lockIndex(path: string): IndexLock {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const db = new Database(`${path}.lock`, { timeout: 0 });
  try {
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    throw new PivoError('Unavailable', `another metadata service already writes ${path}`, { hint: 'One runs for each PIVO_HOME: end the other with `pivo down`, or use it.', facts: { path }, cause: error });
  }
  return { release: () => void db.close() };
}
