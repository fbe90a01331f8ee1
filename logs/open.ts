// Opens the log index: for writing, made where it is missing; or read-only.
import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { PivoError } from '../contract/failures.ts';
import { LOGS_SCHEMA, LOGS_SCHEMA_VERSION } from './schema.ts';

/** Milliseconds that a writer waits for another: each holds the file for one batch only. */
const PATIENCE = 60_000;
const CACHE_KIB = 64 * 1024;
/** Pages of the write-ahead log before a checkpoint: few, large ones are faster. */
const CHECKPOINT_PAGES = 8_192;
/** Bytes of words that FTS5 gathers before it writes a segment. */
const GATHERED = 16 * 2 ** 20;

/** Opens the log index at `path` for writing. Fails with Unavailable when the file cannot be opened, or a newer PIVO made it. */
export function openLogsForWriting(path: string): Database.Database {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  return opening(path, () => {
    const db = new Database(path, { timeout: PATIENCE });
    chmodSync(path, 0o600);
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = NORMAL'); // rows and offset go together: a commit lost with the power is read again
    db.pragma(`cache_size = -${CACHE_KIB}`);
    db.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    db.pragma('journal_size_limit = 67108864');
    db.pragma('foreign_keys = OFF'); // rows are made by the writer alone, parents first
    db.pragma('temp_store = MEMORY');
    db.transaction(() => {
      if (versionOf(db) === 0) db.exec(`${LOGS_SCHEMA} INSERT INTO entry_words (entry_words, rank) VALUES ('hashsize', ${GATHERED}); PRAGMA user_version = ${LOGS_SCHEMA_VERSION};`);
    }).immediate();
    return checked(db, path);
  });
}

/** Opens the log index at `path` read-only; null where nothing was indexed yet. Fails as `openLogsForWriting` does. */
export function openLogsForReading(path: string): Database.Database | null {
  if (!existsSync(path)) return null;
  return opening(path, () => {
    const db = new Database(path, { readonly: true, timeout: PATIENCE });
    db.pragma(`cache_size = -${CACHE_KIB}`);
    db.pragma('mmap_size = 1073741824');
    return versionOf(db) === 0 ? closed(db) : checked(db, path);
  });
}

const versionOf = (db: Database.Database): number => db.pragma('user_version', { simple: true }) as number;

function closed(db: Database.Database): null {
  db.close();
  return null;
}

function checked(db: Database.Database, path: string): Database.Database {
  const version = versionOf(db);
  if (version === LOGS_SCHEMA_VERSION) return db;
  db.close();
  throw new PivoError('Unavailable', `the log index ${path} has version ${version}, and this PIVO reads version ${LOGS_SCHEMA_VERSION}`, { hint: 'Use the PIVO that wrote it, or move the file away and upload the logs again.', facts: { path, version } });
}

function opening<T>(path: string, open: () => T): T {
  try {
    return open();
  } catch (error) {
    if (!(error instanceof Database.SqliteError)) throw error;
    throw new PivoError('Unavailable', `the log index ${path} cannot be opened: ${error.message}`, { hint: 'Look at the file and the disk that it is on.', facts: { path }, cause: error });
  }
}
