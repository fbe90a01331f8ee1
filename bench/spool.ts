// The spool's way into the records: frames a second from segment to rows on one core, beside loaders that one would use instead.
import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import Database from 'better-sqlite3';
import type { EventPayload, Frame } from '../contract/spool.ts';
import { loadSegments, type SegmentFile } from '../records/load.ts';
import { openSqliteRecords } from '../records/sqlite/store.ts';
import { encodeFrame } from '../spool/frame.ts';
import { newSegmentName } from '../spool/names.ts';
import { median, type Bench, type Row } from './bench.ts';

const FRAMES = 200_000;
const FRAMES_A_SEGMENT = 50_000;
const ROUNDS = 3;
const ROWS_A_COMMIT = 10_000;

type BenchKind = 'event' | 'metric';

export const spoolBench: Bench = { name: 'spool', title: `Spool: ${FRAMES.toLocaleString('en')} frames from segments to rows in SQLite, by processor seconds, median of ${ROUNDS}`, run: ({ scratch }) => measure(scratch) };

async function measure(scratch: string): Promise<Row[]> {
  const importer = await promisify(execFile)('sqlite3', ['--version']).then(() => true, () => false);
  const rows: Row[] = [];
  for (const kind of ['event', 'metric'] as const) {
    const given = await write(scratch, kind);
    const times = { pivo: [] as number[], again: [] as number[], plain: [] as number[], imported: [] as number[] };
    for (let round = 0; round < ROUNDS; round++) {
      times.pivo.push(await processorSeconds(() => load(scratch, kind, given.segments, `first-${round}`)));
      times.again.push(await processorSeconds(() => load(scratch, kind, given.segments, `again-${round}`)));
      times.plain.push(await processorSeconds(() => plainLoader(scratch, given.lines)));
      if (importer) times.imported.push(await importSeconds(scratch, given.csv));
      await removeDatabases(scratch);
    }
    rows.push(...rowsOf(kind, times));
    for (const path of [given.lines, given.csv, ...given.segments.map((segment) => segment.path)]) await rm(path);
  }
  return rows;
}

function rowsOf(kind: BenchKind, { pivo, again, plain, imported }: Record<'pivo' | 'again' | 'plain' | 'imported', number[]>): Row[] {
  const rate = (seconds: readonly number[]): number => FRAMES / median(seconds);
  const what = `${kind}s: checked, each once by its id, by month`;
  return [
    { what, unit: 'per second', pivo: rate(pivo), beside: { name: 'lines of JSON into one table with the same two indexes', value: rate(plain) }, allowed: 50_000 },
    ...(imported.length === 0 ? [] : [{ what, unit: 'per second' as const, pivo: rate(pivo), beside: { name: 'sqlite3 .import of CSV into the same table', value: rate(imported) } }]),
    { what: `the same ${kind}s again: all are known`, unit: 'per second', pivo: rate(again), beside: { name: 'the first time', value: rate(pivo) } },
  ];
}

const DATABASES = ['records.db', 'plain.db', 'imported.db'];

async function removeDatabases(scratch: string): Promise<void> {
  for (const name of DATABASES) for (const suffix of ['', '-wal', '-shm']) await rm(join(scratch, `${name}${suffix}`), { force: true });
}

/** Frames whose ids follow no order, as random ones do not. */
function frameOf(kind: BenchKind, n: number): Frame {
  const id = `${(Math.imul(n, 2_654_435_761) >>> 0).toString(16).padStart(8, '0')}-${n}`;
  const time = Date.UTC(2026, 10, 1) + n * 5_000;
  if (kind === 'metric') return { kind, key: `host-${n % 50}`, time, id, payload: { name: 'cpu.seconds', value: n / 7, unit: 's', labels: { core: String(n % 4), zone: 'a' } } };
  return { kind, key: `owner/repository-${n % 200}`, time, id, payload: { type: 'build.finished', source: 'ci', subject: `job ${n}`, text: `Build ${n} of branch main has ended after ${n % 900} seconds`, data: { status: 'ok', seconds: n % 900, attempt: 1 } } };
}

interface Given {
  segments: SegmentFile[];
  /** The same as a line of JSON each, and as CSV of the columns. */
  lines: string;
  csv: string;
}

async function write(scratch: string, kind: BenchKind): Promise<Given> {
  const given: Given = { segments: [], lines: join(scratch, 'frames.jsonl'), csv: join(scratch, 'frames.csv') };
  await using lines = await open(given.lines, 'w');
  await using csv = await open(given.csv, 'w');
  for (let from = 0; from < FRAMES; from += FRAMES_A_SEGMENT) {
    const frames = Array.from({ length: FRAMES_A_SEGMENT }, (_, at) => frameOf(kind, from + at));
    const name = newSegmentName(kind);
    const path = join(scratch, name);
    await using segment = await open(path, 'w');
    await segment.write(Buffer.concat(frames.map(encodeFrame)));
    await lines.write(frames.map((frame) => `${JSON.stringify(frame)}\n`).join(''));
    await csv.write(frames.map((frame) => `${columnsOf(frame).map(quoted).join()}\n`).join(''));
    given.segments.push({ name, path });
  }
  return given;
}

const quoted = (value: string | number): string => (typeof value === 'number' ? String(value) : `"${value.replaceAll('"', '""')}"`);

function columnsOf({ kind, id, key, time, payload }: Frame): (string | number)[] {
  if (kind === 'metric') {
    const { name, value, unit = '', labels } = payload;
    return [id, key, time, name, value, unit, JSON.stringify(labels), ''];
  }
  const { type, source = '', subject = '', text = '', data } = payload as EventPayload;
  return [id, key, time, type, source, subject, text, JSON.stringify(data)];
}

/** Seconds that processors worked on `act` in this process: others on the machine do not count. */
async function processorSeconds(act: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await act();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

async function load(scratch: string, kind: BenchKind, segments: readonly SegmentFile[], tag: string): Promise<void> {
  const store = openSqliteRecords(join(scratch, 'records.db'));
  await store.prepare();
  await store.openBatch({ tag, kind, reason: 'records', opened: new Date().toISOString() });
  const ends = await loadSegments(store, { tag, kind, segments }, { signal: new AbortController().signal, onProgress: () => {} });
  await store.close();
  const frames = ends.reduce((sum, { records, duplicates }) => sum + records + duplicates, 0);
  if (frames !== FRAMES) throw new Error(`${frames} frames were loaded, not ${FRAMES}`);
}

const PLAIN = 'CREATE TABLE rows (id TEXT PRIMARY KEY, key TEXT, time INTEGER, a TEXT, b TEXT, c TEXT, d TEXT, e TEXT); CREATE INDEX rows_by_key ON rows (key, time)';

/** What one would write in an afternoon: a row for each line, and the database keeps ids unique. */
async function plainLoader(scratch: string, lines: string): Promise<void> {
  const db = new Database(join(scratch, 'plain.db'));
  db.pragma('journal_mode = WAL');
  db.exec(PLAIN);
  const insert = db.prepare('INSERT OR IGNORE INTO rows VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
  let at = 0;
  db.exec('BEGIN');
  for await (const line of createInterface({ input: createReadStream(lines) })) {
    insert.run(columnsOf(JSON.parse(line) as Frame));
    if (++at % ROWS_A_COMMIT === 0) db.exec('COMMIT; BEGIN');
  }
  db.exec('COMMIT');
  db.close();
}

async function importSeconds(scratch: string, csv: string): Promise<number> {
  const database = join(scratch, 'imported.db');
  const command = 'TIMEFORMAT="%U %S"; time sqlite3 "$1" "$2" "PRAGMA journal_mode = WAL" ".mode csv" ".import $3 rows" > /dev/null';
  const { stderr } = await promisify(execFile)('bash', ['-c', command, 'bash', database, PLAIN, csv]);
  if ((await stat(database)).size === 0) throw new Error('sqlite3 imported nothing');
  return stderr.trim().split(' ').reduce((sum, seconds) => sum + Number(seconds), 0);
}
