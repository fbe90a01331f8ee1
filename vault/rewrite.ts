// Hides people in what was stored before: every text of a SQLite database, and every line of a log file.
import { closeSync, existsSync, openSync, readSync, fstatSync, writeSync } from 'node:fs';
import Database from 'better-sqlite3';
import { PivoError } from '../contract/failures.ts';

/** Milliseconds that it waits for another process. */
const PATIENCE = 60_000;
/** Bytes of a file that are looked at together. */
const WINDOW = 1 << 20;

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/**
 * Replaces texts in every ordinary table of the database at `path`; 0 where there is none. What was replaced is overwritten,
 * and the file is written anew where anything was. Returns how many texts differed. Fails with Unavailable while others read.
 */
export function rewriteTexts(path: string, replace: (text: string) => string): number {
  if (!existsSync(path)) return 0;
  const db = new Database(path, { timeout: PATIENCE });
  try {
    db.pragma('secure_delete = ON');
    const tables = db.prepare<[], string>("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name").pluck().all();
    const differed = tables.reduce((sum, table) => sum + rewriteTable(db, table, replace), 0);
    db.exec('VACUUM');
    const [checkpoint] = db.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[];
    if ((checkpoint?.busy ?? 0) !== 0) throw new PivoError('Unavailable', `somebody reads ${path}: old texts are still in its write-ahead log`, { hint: 'It is tried again by itself.' });
    return differed;
  } finally {
    db.close();
  }
}

function rewriteTable(db: Database.Database, table: string, replace: (text: string) => string): number {
  const columns = db.prepare<[string], { name: string; pk: number }>('SELECT name, pk FROM pragma_table_info(?)').all(table);
  const keys = columns.filter(({ pk }) => pk > 0).map(({ name }) => quoted(name));
  const where = keys.length === 0 ? ['rowid'] : keys;
  const update = (column: string): Database.Statement => db.prepare(`UPDATE OR IGNORE ${quoted(table)} SET ${column} = ? WHERE ${where.map((key) => `${key} IS ?`).join(' AND ')}`);
  let differed = 0;
  for (const column of columns.filter(({ pk }) => pk === 0).map(({ name }) => quoted(name))) {
    const changed: unknown[][] = [];
    for (const [text, ...key] of db.prepare(`SELECT ${column}, ${where.join(', ')} FROM ${quoted(table)} WHERE typeof(${column}) = 'text'`).raw().iterate() as IterableIterator<[string, ...unknown[]]>) {
      const now = replace(text);
      if (now !== text) changed.push([now, ...key]);
    }
    const statement = update(column);
    db.transaction(() => changed.forEach((values) => statement.run(...values))).immediate();
    differed += changed.length;
  }
  return differed;
}

/**
 * Blanks each line in which `replace` would replace something, byte for byte: the file keeps its length, so that whoever
 * appends to it or follows it goes on. Returns how many lines it blanked.
 */
export function blankLines(path: string, replace: (text: string) => string): number {
  const file = openSync(path, 'r+');
  try {
    const { size } = fstatSync(file);
    const buffer = Buffer.alloc(WINDOW);
    let [at, blanked] = [0, 0];
    while (at < size) {
      const read = readSync(file, buffer, 0, Math.min(WINDOW, size - at), at);
      const end = buffer.subarray(0, read).lastIndexOf('\n') + 1 || read; // a line that is longer is looked at in pieces
      const lines = buffer.subarray(0, end).toString('latin1').split('\n');
      const clean = lines.map((line) => (isNamed(line, replace) ? line.replace(/\S/g, '*') : line));
      const changed = clean.filter((line, i) => line !== lines[i]).length;
      if (changed > 0) writeSync(file, Buffer.from(clean.join('\n'), 'latin1'), 0, end, at);
      blanked += changed;
      at += end;
    }
    return blanked;
  } finally {
    closeSync(file);
  }
}

/** Takes a character for each byte. */
function isNamed(line: string, replace: (text: string) => string): boolean {
  const text = Buffer.from(line, 'latin1').toString('utf8');
  return replace(text) !== text;
}
