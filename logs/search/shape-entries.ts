// Finds the shapes of entries that are new in the log index, so that search knows them.
import type Database from 'better-sqlite3';
import { entryId } from '../schema.ts';
import { SEARCH_TABLES } from './schema.ts';
import { shapeHash, shapeWords, type ShapedEntry } from './shape.ts';

/** Entries of one transaction: another writer waits for moments only. */
const BATCH = 8_192;
/** Shapes that a connection remembers. */
const REMEMBERED = 500_000;

interface EntryRow extends ShapedEntry {
  id: number;
  template: number;
}

/** Shapes by hash, for each connection. */
const remembered = new WeakMap<Database.Database, Map<number, number>>();

/**
 * Shapes the entries that have no shape yet, in batches of one transaction each, at most about `most`; answers how many.
 * What is left, or what a crash interrupts, the next call does.
 */
export function shapeEntries(db: Database.Database, most: number): number {
  db.exec(SEARCH_TABLES);
  const behind = db.prepare('SELECT key, coalesce(entry, 0) AS last FROM sources LEFT JOIN shaped ON source = key WHERE lines > 0 AND coalesce(entry, 0) < key * 4294967296 + lines').all() as { key: number; last: number }[];
  let total = 0;
  for (const { key, last } of behind) if (total < most) total += shapeSource(db, key, last, most - total);
  return total;
}

function shapeSource(db: Database.Database, key: number, last: number, most: number): number {
  const size = Math.min(BATCH, most);
  const select = db.prepare('SELECT e.id, e.template, s.system, e.level, e.component, e.text, e.exception FROM sources s CROSS JOIN entries e WHERE s.key = ? AND e.id > ? AND e.id < ? ORDER BY e.id LIMIT ?');
  const lines = db.prepare('SELECT lines FROM sources WHERE key = ?').pluck();
  const keep = db.prepare('INSERT INTO shaped (source, entry) VALUES (?, ?) ON CONFLICT (source) DO UPDATE SET entry = max(entry, excluded.entry)');
  const batch = db.transaction((from: number): { end: number; count: number } => {
    const rows = select.all(key, from, entryId(key + 1, 0), size) as EntryRow[];
    const end = rows.length < size ? entryId(key, lines.get(key) as number) : (rows.at(-1)?.id ?? from);
    writeShapes(db, rows);
    keep.run(key, end);
    return { end, count: rows.length };
  });
  let [from, total] = [Math.max(last, entryId(key, 0)), 0];
  for (;;) {
    const { end, count } = shapedOrForgotten(db, () => batch.immediate(from));
    total += count;
    from = end;
    if (count < size || total >= most) return total;
  }
}

/** What was remembered of rows that were not stored is forgotten. */
function shapedOrForgotten<T>(db: Database.Database, act: () => T): T {
  try {
    return act();
  } catch (error) {
    remembered.delete(db);
    throw error;
  }
}

function writeShapes(db: Database.Database, rows: readonly EntryRow[]): void {
  const put = db.prepare('INSERT OR IGNORE INTO entry_shapes (entry, shape) VALUES (?, ?)');
  const ids = idsOf(db);
  const counts = new Map<number, number>();
  for (const row of rows) {
    const shape = ids(row);
    if (put.run(row.id, shape).changes === 1) counts.set(shape, (counts.get(shape) ?? 0) + 1);
  }
  const add = db.prepare('UPDATE shapes SET entries = entries + ? WHERE id = ?');
  for (const [shape, count] of counts) add.run(count, shape);
}

/** The id of an entry's shape, which is made where it is new. */
function idsOf(db: Database.Database): (row: EntryRow) => number {
  const known = remembered.get(db) ?? new Map<number, number>();
  remembered.set(db, known);
  if (known.size > REMEMBERED) known.clear();
  const find = db.prepare('SELECT id FROM shapes WHERE hash = ?').pluck();
  const make = db.prepare('INSERT INTO shapes (hash, template, system, level) VALUES (?, ?, ?, ?)');
  const words = db.prepare('INSERT INTO shape_words (rowid, words) VALUES (?, ?)');
  return (row) => {
    const hash = shapeHash(row);
    const seen = known.get(hash) ?? (find.get(hash) as number | undefined);
    const id = seen ?? Number(make.run(hash, row.template, row.system, row.level).lastInsertRowid);
    if (seen === undefined) words.run(id, shapeWords(row).join(' '));
    known.set(hash, id);
    return id;
  };
}
