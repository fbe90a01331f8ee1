// Embeds the shapes that have no vector yet: a few of each template, so that a busy one does not fill the table.
import type Database from 'better-sqlite3';
import { hasRoom, storeVectors, withVector, type StoredEmbedder } from './table.ts';

/** Shapes of one batch. */
const BATCH = 256;
/** Shapes of one template that get vectors. */
const OF_TEMPLATE = 4;
/** Characters of an entry that are embedded. */
const MOST_CHARACTERS = 1_000;

/** Shapes that are next, and those of them that get vectors. */
export interface Due {
  upTo: number;
  shapes: { shape: number; text: string }[];
}

/** The shapes after the last that was looked at; null where there are none. */
export function dueShapes(db: Database.Database, embedder: StoredEmbedder): Due | null {
  const rows = db.prepare('SELECT id, template FROM shapes WHERE id > ? ORDER BY id LIMIT ?').all(embedder.shape, BATCH) as { id: number; template: number }[];
  const last = rows.at(-1);
  if (last === undefined) return null;
  const chosen = hasRoom(db, embedder) ? chosenOf(db, embedder, rows) : [];
  return { upTo: last.id, shapes: chosen.flatMap((shape) => textOf(db, shape)) };
}

function chosenOf(db: Database.Database, embedder: StoredEmbedder, rows: readonly { id: number; template: number }[]): number[] {
  const before = db.prepare('SELECT id FROM shapes WHERE template = ? AND id <= ? LIMIT 100').pluck();
  const taken = new Map<number, number>();
  return rows.flatMap(({ id, template }) => {
    const count = taken.get(template) ?? withVector(db, embedder, before.all(template, embedder.shape) as number[]).size;
    taken.set(template, count + 1);
    return count < OF_TEMPLATE ? [id] : [];
  });
}

/** The beginning of a shape's first entry; none where it was removed. */
function textOf(db: Database.Database, shape: number): { shape: number; text: string }[] {
  const sql = 'SELECT component, text, exception FROM entries WHERE id = (SELECT min(entry) FROM entry_shapes WHERE shape = ?)';
  const row = db.prepare(sql).get(shape) as { component: string | null; text: string; exception: string | null } | undefined;
  return row === undefined ? [] : [{ shape, text: `${row.component ?? ''} ${row.text} ${row.exception ?? ''}`.trim().slice(0, MOST_CHARACTERS) }];
}

/** Keeps the vectors of a batch, in its order. False where another process did so meanwhile. */
export const storeDue = (db: Database.Database, embedder: StoredEmbedder, { upTo, shapes }: Due, vectors: readonly Float32Array[]): boolean =>
  storeVectors(db, embedder, shapes.flatMap(({ shape }, at) => (vectors[at] === undefined ? [] : [{ shape, vector: vectors[at] }])), upTo);
