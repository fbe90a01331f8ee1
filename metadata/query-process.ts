// Entry of a query's process: answers one statement at a time over IPC; its parent or its watchdog kills it when it costs too much.
import { existsSync, statSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import Database from 'better-sqlite3';
import { PivoError, isPivoError } from '../contract/failures.ts';
import { QUERY_MEMORY_BYTES, type QueryRequest, type QueryResult, type Value } from './query-limits.ts';
import type { Beside } from './read-only.ts';
import { checkReader } from './reader-statement.ts';
import { SCHEMA_VERSION } from './schema.ts';

/**
 * SQLite blocks this thread, so another one watches: it ends the process when it is too big, or when its parent is gone.
 * better-sqlite3 is built without memory statistics: SQLite's own heap limit has no effect.
 */
const WATCHDOG = `
setInterval(() => {
  if (process.memoryUsage.rss() > ${QUERY_MEMORY_BYTES}) process.kill(process.pid, 'SIGUSR2');
  try {
    process.kill(${process.ppid}, 0);
  } catch {
    process.kill(process.pid, 'SIGKILL');
  }
}, 20);
`;

function openIndex(): Database.Database {
  try {
    const main = [path, ...Object.values(beside)].find((file) => existsSync(file)) ?? path; // what lies beside is readable before there is an index
    const db = new Database(main, { readonly: true, fileMustExist: true });
    db.pragma('query_only = ON');
    db.pragma('trusted_schema = OFF');
    db.pragma('temp_store = MEMORY');
    db.defaultSafeIntegers(true);
    if (main === path && db.pragma('user_version', { simple: true }) !== BigInt(SCHEMA_VERSION)) throw new Error('it is not an index of this version of PIVO');
    for (const [schema, file] of Object.entries(beside)) attach(db, schema, file);
    return db;
  } catch (error) {
    throw new PivoError('Unavailable', `the index ${path} cannot be read: ${(error as Error).message}`, { hint: 'Start PIVO with `pivo up`; the index is made when it runs.', cause: error });
  }
}

/** A database beside the index, as read-only as the index. One that cannot be read is left out: the index goes on answering. */
function attach(db: Database.Database, schema: string, file: string): void {
  if (!existsSync(file)) return;
  try {
    db.prepare(`ATTACH ? AS ${schema}`).run(file);
  } catch {
    // a statement that asks for its tables is told that they are not there
  }
}

function answer(db: Database.Database, { sql, rows, bytes }: QueryRequest): QueryResult {
  checkReader(sql);
  const started = performance.now();
  const statement = prepare(db, sql);
  const result: QueryResult = { columns: statement.columns().map((column) => column.name), rows: [], truncated: false, ms: 0 };
  let size = 0;
  for (const row of iterate(statement)) {
    size += row.reduce<number>((sum, value) => sum + sizeOf(value), 0);
    if (result.rows.length >= rows || size > bytes) {
      result.truncated = true;
      break;
    }
    result.rows.push(row.map(toJson));
  }
  result.ms = Math.round((performance.now() - started) * 1000) / 1000;
  return result;
}

function prepare(db: Database.Database, sql: string): Database.Statement {
  const statement = sqlite(() => db.prepare(sql));
  if (!statement.readonly || !statement.reader) throw new PivoError('InvalidInput', 'the statement writes: the index is for reading only');
  return statement.raw();
}

function* iterate(statement: Database.Statement): Generator<unknown[]> {
  const rows = sqlite(() => statement.iterate());
  for (;;) {
    const next = sqlite(() => rows.next());
    if (next.done === true) return;
    yield next.value as unknown[];
  }
}

/** Codes that speak of the file, not of the statement (sqlite.org/rescode.html). */
const BROKEN = ['SQLITE_CORRUPT', 'SQLITE_CORRUPT_VTAB', 'SQLITE_CORRUPT_INDEX', 'SQLITE_NOTADB', 'SQLITE_IOERR_SHORT_READ'];

/** SQLite's own words are what the person who wrote the statement needs. */
function sqlite<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (BROKEN.includes((error as { code?: string }).code ?? '')) throw new PivoError('Damaged', `the index ${path} is damaged: ${(error as Error).message}`, { hint: 'Run `pivo reindex`: the index is built anew.', facts: { path }, cause: error });
    throw new PivoError('InvalidInput', `SQL: ${(error as Error).message}`, { hint: existsSync(path) ? 'docs/schema.md describes the tables.' : 'There is no index yet: start PIVO with `pivo up`, the index is made when it runs.', cause: error });
  }
}

const sizeOf = (value: unknown): number => (typeof value === 'string' || Buffer.isBuffer(value) ? value.length : 8);

function toJson(value: unknown): Value {
  if (typeof value === 'bigint') return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value.toString();
  if (Buffer.isBuffer(value)) return `x'${value.toString('hex')}'`;
  return value as Value;
}

const [, , path = '', given = '{}'] = process.argv;
const beside = JSON.parse(given) as Beside;
let open: { db: Database.Database; files: string } | undefined;

/** The index, opened again when another file has taken its place, or that of one beside it. */
function currentIndex(): Database.Database {
  const files = [path, ...Object.values(beside)].map((file) => statSync(file, { throwIfNoEntry: false })?.ino ?? 0).join();
  if (open?.files === files) return open.db;
  open?.db.close();
  open = undefined;
  open = { db: openIndex(), files };
  return open.db;
}

const watchdog = new Worker(WATCHDOG, { eval: true });
watchdog.unref();

process.on('disconnect', () => process.exit(0));
process.on('message', (request: QueryRequest) => {
  try {
    process.send?.({ result: answer(currentIndex(), request) });
  } catch (error) {
    process.send?.({ error: isPivoError(error) ? error.report() : { kind: 'Internal', message: (error as Error).message } });
  }
});
process.send?.('ready');
