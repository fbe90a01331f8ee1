// Picks entries of the ranked shapes: those that the filter leaves, one log after the other, repeats further down.
import type Database from 'better-sqlite3';
import type { LogFilter } from '../../contract/logs.ts';
import { entryId, sourceKeyOf } from '../schema.ts';
import { conditionsOf } from './filter.ts';
import type { Question } from './question.ts';
import type { RankedShape } from './rank-shapes.ts';
import { statement } from './statement.ts';
import type { Weights } from './weights.ts';

export interface Picking {
  shapes: readonly RankedShape[];
  /** What the filter leaves, by shape, where it is little. */
  few: ReadonlyMap<number, number[]> | undefined;
  filter: LogFilter;
  question: Question;
  /** Entries that are enough. */
  wanted: number;
  weights: Weights;
}

export interface Picked {
  id: number;
  score: number;
}

/** Entries of one shape that are looked at, and of its entries in one log. */
const OF_SHAPE = 8;
/** Shapes whose entries are looked at, for each entry that is wanted. */
const SHAPES_FOR_ONE = 2;
/** Pages are cut out of so many hits, so that each is of the same order. */
const TOGETHER = 50;
/** Entries of a shape that are passed over before its next one in the filter is given up. */
const PATIENCE = 5_000;

/** The entries, the best first: as many as are wanted, or all there are. */
export function pickEntries(db: Database.Database, picking: Picking): Picked[] {
  const { shapes, weights, question } = picking;
  const wanted = Math.ceil(picking.wanted / TOGETHER) * TOGETHER;
  const entries = entriesFor(db, picking);
  const named = namedSources(db, question, weights.named);
  const picked: Picked[] = [];
  let looked = 0;
  for (const shape of shapes) {
    if (picked.length >= wanted && looked >= wanted * SHAPES_FOR_ONE) break;
    const ids = entries(shape, Math.max(OF_SHAPE, Math.ceil(wanted / 4)));
    if (ids.length === 0) continue;
    looked += 1;
    const scored = ids.map((id) => ({ id, score: shape.score * (named.get(sourceKeyOf(id)) ?? 1) })).toSorted((a, b) => b.score - a.score);
    picked.push(...scored.map(({ id, score }, at) => ({ id, score: score * weights.repeated ** at })));
  }
  return picked.toSorted((a, b) => b.score - a.score || b.id - a.id).slice(0, picking.wanted);
}

/** Finds entries of a shape: those with rare words, then the last one of each log, then the last ones. */
function entriesFor(db: Database.Database, { few, filter: { level: _level, system: _system, ...filter } }: Picking): (shape: RankedShape, most: number) => number[] {
  const { sql, values } = conditionsOf(filter); // entries of one shape have one level and one system: the shapes were chosen by them
  const isLeft = statement(db, `SELECT 1 FROM entries e WHERE e.id = @id${sql}`);
  const recent = '(SELECT entry FROM entry_shapes WHERE shape = @shape AND entry < @below ORDER BY entry DESC LIMIT @patience)';
  const next = statement(db, sql === '' ? 'SELECT entry FROM entry_shapes WHERE shape = @shape AND entry < @below ORDER BY entry DESC LIMIT @most' : `SELECT e.id FROM ${recent} CROSS JOIN entries e ON e.id = entry WHERE true${sql} ORDER BY e.id DESC LIMIT @most`).pluck();
  const below = (shape: number, from: number, most: number): number[] => next.all({ ...values, shape, below: from, most, ...(sql === '' ? {} : { patience: PATIENCE }) }) as number[];
  return ({ shape, entries }, most) => {
    const rare = few === undefined ? entries.filter((id) => isLeft.get({ ...values, id }) !== undefined).slice(0, most) : entries.filter((id) => few.get(shape)?.includes(id) === true).slice(0, most);
    const others = few !== undefined ? (few.get(shape) ?? []).slice(0, most) : sql === '' ? spread((from, count) => below(shape, from, count), most) : below(shape, Number.MAX_SAFE_INTEGER, most);
    return [...new Set([...rare, ...others])].slice(0, most);
  };
}

/** The last entry of each log, then the others of the last log. */
function spread(below: (from: number, count: number) => number[], most: number): number[] {
  const newest = below(Number.MAX_SAFE_INTEGER, most);
  const firsts = new Map<number, number>();
  for (const id of newest) if (!firsts.has(sourceKeyOf(id))) firsts.set(sourceKeyOf(id), id);
  let last = newest.at(-1);
  while (newest.length === most && last !== undefined && firsts.size < most) {
    [last] = below(entryId(sourceKeyOf(last), 0), 1);
    if (last !== undefined) firsts.set(sourceKeyOf(last), last);
  }
  return [...firsts.values(), ...newest].slice(0, most * 2);
}

/** Factors for logs whose name or system the question names, by how much of it they cover. */
function namedSources(db: Database.Database, { words }: Question, weight: number): Map<number, number> {
  const factors = new Map<number, number>();
  for (const { key, name } of statement(db, "SELECT key, lower(system || ' ' || name || ' ' || coalesce(run, '')) AS name FROM sources ORDER BY key DESC LIMIT 2000").all() as { key: number; name: string }[]) {
    const count = words.filter((word) => word.length > 2 && name.includes(word)).length;
    if (count > 0) factors.set(key, 1 + (weight * count) / words.length);
  }
  return factors;
}
