// One connection to the SQLite records database: opens it, takes turns, and says what failed.
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { PivoError } from '../../contract/failures.ts';

/** Milliseconds that one waits for another process that writes: each holds the file for one segment only. */
const PATIENCE = 60_000;
/** Milliseconds between two tries. */
const TRY_EVERY = 3;
/** Who held the file for longer than this lets another one in first: milliseconds, and how long it waits. */
const LONG = 50;
const COURTESY = 2 * TRY_EVERY;
const CACHE_KIB = 64 * 1024;
/** Pages of the write-ahead log before a checkpoint: few, large ones are faster. */
const CHECKPOINT_PAGES = 8_192;

export class Connection {
  readonly path: string;
  readonly #db: Database.Database;
  #turn: Promise<unknown> = Promise.resolve();

  /** Opens the database, which is made where it is missing, readable by its owner only. Fails with Unavailable. */
  constructor(path: string) {
    this.path = path;
    this.#db = this.#translating(() => {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      closeSync(openSync(path, 'a', 0o600));
      return tuned(new Database(path, { timeout: 0 }));
    });
  }

  /** Reads what is stored; never while `write` of this connection is at work, for it would see half of it. */
  read<T>(act: (db: Database.Database) => T): Promise<T> {
    return this.#inTurn(() => this.#patiently(() => act(this.#db)));
  }

  /** One transaction: all of it is stored, or nothing when `act` or the end of it fails. */
  write<T>(act: (db: Database.Database) => T | Promise<T>): Promise<T> {
    return this.#inTurn(async () => {
      await this.#patiently(() => this.#db.exec('BEGIN IMMEDIATE'));
      const begun = performance.now();
      try {
        const result = await act(this.#db);
        this.#db.exec('COMMIT');
        return result;
      } catch (error) {
        if (this.#db.inTransaction) this.#db.exec('ROLLBACK');
        throw this.#failure(error);
      } finally {
        if (performance.now() - begun > LONG) await after(COURTESY);
      }
    });
  }

  async close(): Promise<void> {
    await this.#inTurn(() => Promise.resolve(this.#db.close()));
  }

  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(act);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  /** Tries again while another process writes, without blocking this one. */
  async #patiently<T>(act: () => T): Promise<T> {
    const begun = performance.now();
    for (;;) {
      try {
        return act();
      } catch (error) {
        const busy = error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY');
        if (!busy || performance.now() - begun > PATIENCE) throw this.#failure(error);
      }
      await after(TRY_EVERY);
    }
  }

  #translating<T>(act: () => T): T {
    try {
      return act();
    } catch (error) {
      throw this.#failure(error);
    }
  }

  /** What SQLite or the file system refused is no fault of the caller. */
  #failure(error: unknown): unknown {
    const { path } = this;
    const code = (error as { code?: unknown } | null)?.code;
    if (error instanceof PivoError || typeof code !== 'string') return error;
    if (BROKEN.includes(code)) return new PivoError('Damaged', `the records database ${path} is damaged: ${(error as Error).message}`, { hint: 'Stop PIVO, move the file away together with those that end in -wal and -shm, start it and run `pivo spool replay --all`: the archived segments fill it again.', facts: { path }, cause: error });
    if (!(error instanceof Database.SqliteError) && (error as NodeJS.ErrnoException).syscall === undefined) return error;
    return new PivoError('Unavailable', `the records database ${path} cannot be had now: ${(error as Error).message}`, { hint: 'Look at the file and the disk that it is on; nothing was stored in part.', facts: { path, code }, cause: error });
  }
}

/** Codes that speak of a broken file (sqlite.org/rescode.html). */
const BROKEN = ['SQLITE_CORRUPT', 'SQLITE_CORRUPT_VTAB', 'SQLITE_CORRUPT_INDEX', 'SQLITE_NOTADB'];

function tuned(db: Database.Database): Database.Database {
  db.pragma('busy_timeout = 1000');
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL'); // the spool moves a segment on once it is stored
  db.pragma(`cache_size = -${CACHE_KIB}`);
  db.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
  db.pragma('journal_size_limit = 67108864');
  db.pragma('temp_store = MEMORY');
  db.pragma('busy_timeout = 0');
  return db;
}
