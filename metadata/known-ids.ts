// Row ids of values that repeat (repositories, people, paths), remembered while they are in use.
import type Database from 'better-sqlite3';

/** Most values remembered; then all are forgotten and looked up again. */
const REMEMBERED = 200_000;

/** The id of a value, found or made. */
export type KnownIds = (...values: string[]) => number;

/** Ids in `table`, whose `columns` together are unique. */
export function knownIds(db: Database.Database, table: string, columns: readonly string[]): KnownIds {
  const find = db.prepare(`SELECT id FROM ${table} WHERE ${columns.map((column) => `${column} = ?`).join(' AND ')}`).pluck();
  const insert = db.prepare(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`);
  const known = new Map<string, number>();
  return (...values) => {
    const key = values.length === 1 ? (values[0] ?? '') : values.join('\0');
    const remembered = known.get(key);
    if (remembered !== undefined) return remembered;
    const id = (find.get(...values) as number | undefined) ?? Number(insert.run(...values).lastInsertRowid);
    if (known.size >= REMEMBERED) known.clear();
    known.set(key, id);
    return id;
  };
}
