// The vault's database: people, their tokens, and where each was seen.
import { chmodSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { PivoError, isPivoError } from '../contract/failures.ts';

const SCHEMA_VERSION = 1;
/** Milliseconds that one process waits for another. */
const PATIENCE = 15_000;

const SCHEMA = `
CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE people (
  id INTEGER PRIMARY KEY,
  first TEXT NOT NULL UNIQUE,     -- the token of generation 1: what the same address always leads to
  generation INTEGER NOT NULL,    -- of the token that is minted now
  wrapped BLOB,                   -- the person's key, sealed by the master key; NULL: destroyed
  sealed BLOB,                    -- address and names, sealed by the person's key
  erased_at TEXT,                 -- ISO 8601 UTC
  erased_by TEXT
) STRICT;
CREATE TABLE tokens (token TEXT PRIMARY KEY, person INTEGER NOT NULL REFERENCES people) STRICT, WITHOUT ROWID;
CREATE TABLE seen (person INTEGER NOT NULL REFERENCES people, repository TEXT NOT NULL, PRIMARY KEY (person, repository)) STRICT, WITHOUT ROWID;
PRAGMA user_version = ${SCHEMA_VERSION};
`;

/**
 * Opens the vault's file and makes it where it is missing. What is deleted is overwritten, and there is no write-ahead log,
 * in which old pages would live on. Fails with Unavailable or Damaged.
 */
export function openVaultFile(path: string): Database.Database {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const db = new Database(path, { timeout: PATIENCE });
    chmodSync(path, 0o600);
    db.pragma('journal_mode = TRUNCATE');
    db.pragma('synchronous = FULL');
    db.pragma('secure_delete = ON');
    db.transaction(() => {
      if (versionOf(db) === 0) db.exec(SCHEMA);
    }).immediate();
    const version = versionOf(db);
    if (version === SCHEMA_VERSION) return db;
    db.close();
    throw new PivoError('Damaged', `${path} is no vault that this PIVO knows: its version is ${version}`, { hint: 'Use the PIVO that wrote it.', facts: { path } });
  } catch (error) {
    if (isPivoError(error)) throw error;
    throw new PivoError('Unavailable', `the vault ${path} cannot be opened: ${(error as Error).message}`, { hint: 'Look at the file and the disk that it is on; nothing is stored in its place.', facts: { path }, cause: error });
  }
}

const versionOf = (db: Database.Database): number => db.pragma('user_version', { simple: true }) as number;
