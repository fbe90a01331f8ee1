// Opens the state database for results: what verifications and drills found, and documents, which nothing can rebuild.
import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { PivoError } from '../contract/failures.ts';
import { DELIVERY_TABLES } from './delivery-tables.ts';
import { DOCUMENT_TABLES } from './document-tables.ts';
import { DRILL_TABLES } from './drill-tables.ts';
import { FLEET_TABLES } from './fleet-tables.ts';
import { PIPELINE_TABLES } from './pipeline-tables.ts';
import { SOURCE_TABLES } from './source-tables.ts';
import { VERIFICATION_TABLES } from './verification-tables.ts';

/** Milliseconds that a writer waits for another process. */
const PATIENCE = 5_000;

/**
 * Does one thing with the state database at `path`, which is made where it is missing. Open for that moment only, so that
 * worker, server and command line share it. Fails with Unavailable when it cannot be opened or written.
 */
export function withState<T>(path: string, use: (db: Database.Database) => T): T {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  let db: Database.Database | null = null;
  try {
    db = new Database(path, { timeout: PATIENCE });
    chmodSync(path, 0o600);
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.exec(VERIFICATION_TABLES + DRILL_TABLES + DOCUMENT_TABLES + DELIVERY_TABLES + PIPELINE_TABLES + SOURCE_TABLES + FLEET_TABLES);
    return use(db);
  } catch (error) {
    if (!(error instanceof Database.SqliteError)) throw error;
    throw new PivoError('Unavailable', `the results could not be kept in ${path}: ${error.message}`, { hint: 'Look at the file and the disk that it is on; nothing in the archive was changed.', facts: { path }, cause: error });
  } finally {
    db?.close();
  }
}

/** As `withState`, or `none` where no state was kept yet. */
export const readState = <T>(path: string, none: T, use: (db: Database.Database) => T): T => (existsSync(path) ? withState(path, use) : none);
