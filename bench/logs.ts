// The log index: lines read a second on one core, beside grep and a plain FTS5 table of the same lines.
import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import Database from 'better-sqlite3';
import { ingestLogs } from '../logs/ingest.ts';
import { openLogsForWriting } from '../logs/open.ts';
import type { Bench, Row } from './bench.ts';
import { engineLogLines } from './log-lines.ts';

const LINES = 300_000;
const LINES_A_BATCH = 8_192;

export const logsBench: Bench = { name: 'logs', title: `Logs: ${LINES.toLocaleString('en')} lines of HDFS, YARN and Spark into the index, by processor seconds`, run: ({ scratch }) => measure(scratch) };

async function measure(scratch: string): Promise<Row[]> {
  const [file, index, table] = ['engines.log', 'bench-logs.db', 'plain-fts.db'].map((name) => join(scratch, name)) as [string, string, string];
  await write(file);
  const grep = await grepSeconds(file);
  const fts = await processorSeconds(() => plainFts(table, file));
  const pivo = await processorSeconds(() => ingest(index, file));
  const again = await processorSeconds(() => ingest(index, file));
  const [{ size: text }, { size: stored }, { size: plain }] = await Promise.all([stat(file), stat(index), stat(table)]);
  const rate = (seconds: number): number => LINES / seconds;
  return [
    { what: 'lines with entries, templates, terms, redaction and default vectors', unit: 'per second', pivo: rate(pivo), beside: { name: 'rows and a plain FTS5 table', value: rate(fts) }, allowed: 30_000 },
    { what: 'the same', unit: 'per second', pivo: rate(pivo), beside: { name: 'grep -c', value: rate(grep) } },
    { what: 'the same file again: nothing is added', unit: 's', pivo: again, beside: { name: 'the first time', value: pivo } },
    { what: `index of ${(text / 1e6).toFixed(0)} MB of text`, unit: 'MB', pivo: stored / 1e6, beside: { name: 'rows and a plain FTS5 table', value: plain / 1e6 } },
  ];
}

async function write(file: string): Promise<void> {
  const out = await open(file, 'w');
  for (const piece of engineLogLines(LINES)) await out.write(piece);
  await out.close();
}

/** Seconds that processors worked on `act` in this process: others on the machine do not count. */
async function processorSeconds(act: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await act();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** A regular expression, so that grep must look at each line. */
async function grepSeconds(file: string): Promise<number> {
  const { stderr } = await promisify(execFile)('bash', ['-c', 'TIMEFORMAT="%U %S"; time grep -c "Exception.*timeout" "$1"', 'bash', file]);
  return stderr.trim().split(' ').reduce((sum, seconds) => sum + Number(seconds), 0) || 0.001;
}

async function ingest(index: string, file: string): Promise<void> {
  const db = openLogsForWriting(index);
  await ingestLogs(db, { paths: [file], spooled: false }, { signal: new AbortController().signal, onProgress: () => {} });
  db.pragma('wal_checkpoint(TRUNCATE)');
  db.close();
}

/** What one would write in an afternoon: each line a row, and an FTS5 table over them. */
async function plainFts(path: string, file: string): Promise<void> {
  const db = new Database(path);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = NORMAL');
  db.exec("CREATE TABLE lines (id INTEGER PRIMARY KEY, text TEXT NOT NULL); CREATE VIRTUAL TABLE words USING fts5 (text, content = 'lines', content_rowid = 'id', tokenize = 'porter unicode61')");
  const [row, word] = [db.prepare('INSERT INTO lines VALUES (?, ?)'), db.prepare('INSERT INTO words (rowid, text) VALUES (?, ?)')];
  let at = 0;
  db.exec('BEGIN');
  for await (const line of createInterface({ input: createReadStream(file) })) {
    row.run(++at, line);
    word.run(at, line);
    if (at % LINES_A_BATCH === 0) db.exec('COMMIT; BEGIN');
  }
  db.exec('COMMIT');
  db.pragma('wal_checkpoint(TRUNCATE)');
  db.close();
}
