// What narrows a search, as conditions on entries; and the entries themselves where they are few.
import type Database from 'better-sqlite3';
import { LEVEL_NUMBERS, type LogFilter } from '../../contract/logs.ts';
import { ftsPhrase } from './question.ts';
import { statement } from './statement.ts';

/** Conditions on `entries e`, with their values. */
export interface Conditions {
  /** Begins with AND where there is one. */
  sql: string;
  values: Record<string, unknown>;
}

/** Entries up to which a filter is taken for narrow. */
const FEW = 10_000;

const CONDITIONS: Record<keyof LogFilter, string> = {
  from: 'e.time >= @from',
  to: 'e.time < @to',
  level: 'e.level >= @level',
  system: 'e.id >> 32 IN (SELECT key FROM sources WHERE system = @system)',
  source: 'e.id >= (SELECT key FROM sources WHERE id = @source) << 32 AND e.id < (SELECT key + 1 FROM sources WHERE id = @source) << 32',
  run: '(e.run = @run OR (e.run IS NULL AND e.id >> 32 IN (SELECT key FROM sources WHERE run = @run)))',
  component: "(e.component = @component OR e.component LIKE '%.' || @component)",
  template: 'e.template = @template',
};

export function conditionsOf(filter: LogFilter): Conditions {
  const given = (Object.keys(CONDITIONS) as (keyof LogFilter)[]).filter((name) => filter[name] !== undefined);
  const { from, to, level } = filter;
  const values = { ...filter, ...(from === undefined ? {} : { from: Date.parse(from) }), ...(to === undefined ? {} : { to: Date.parse(to) }), ...(level === undefined ? {} : { level: LEVEL_NUMBERS[level] }) };
  return { sql: given.map((name) => ` AND ${CONDITIONS[name]}`).join(''), values: Object.fromEntries(given.map((name) => [name, values[name]])) };
}

/** Conditions for entries that have each phrase, word for word: their shapes have lost numbers. */
function conditionsWith(phrases: readonly string[][], filter: LogFilter): Conditions {
  const { sql, values } = conditionsOf(filter);
  if (phrases.length === 0) return { sql, values };
  return { sql: `${sql} AND e.id IN (${WITH_PHRASES})`, values: { ...values, phrases: phrases.map(ftsPhrase).join(' AND ') } };
}

const WITH_PHRASES = 'SELECT rowid AS id FROM entry_words WHERE entry_words MATCH @phrases';

/** The shapes of what the filter and the phrases leave, with its entries, the last first; undefined where nothing narrows, or too much is left to be gathered. */
export function fewEntries(db: Database.Database, filter: LogFilter, phrases: readonly string[][]): Map<number, number[]> | undefined {
  const { sql, values } = conditionsWith(phrases, filter);
  const way = narrowWay(db, filter, values);
  if (way === undefined) return undefined;
  const rows = statement(db, `SELECT e.id, x.shape FROM (${way}) few CROSS JOIN entries e ON e.id = few.id CROSS JOIN entry_shapes x ON x.entry = e.id WHERE true${sql} ORDER BY e.id DESC`).all(values) as { id: number; shape: number }[];
  const found = new Map<number, number[]>();
  for (const { id, shape } of rows) {
    const before = found.get(shape);
    if (before === undefined) found.set(shape, [id]);
    else before.push(id);
  }
  return found;
}

/** A query for at least the entries that the filter leaves, over an index; undefined where each such way leads through many. */
function narrowWay(db: Database.Database, filter: LogFilter, values: Conditions['values']): string | undefined {
  const ways = [
    ...(filter.from === undefined && filter.to === undefined ? [] : [`SELECT id FROM entries WHERE time >= ${filter.from === undefined ? '-9e15' : '@from'} AND time < ${filter.to === undefined ? '9e15' : '@to'}`]),
    ...(filter.source === undefined ? [] : ['SELECT id FROM entries WHERE id >= (SELECT key FROM sources WHERE id = @source) << 32 AND id < (SELECT key + 1 FROM sources WHERE id = @source) << 32']),
    ...(filter.run === undefined ? [] : ['SELECT id FROM entries WHERE run = @run UNION ALL SELECT e.id FROM sources s JOIN entries e ON e.id >= s.key << 32 AND e.id < (s.key + 1) << 32 WHERE s.run = @run AND e.run IS NULL']),
    ...(values['phrases'] === undefined ? [] : [WITH_PHRASES]),
    ...(filter.template === undefined ? [] : ['SELECT id FROM entries WHERE template = @template']),
  ];
  return ways.find((way) => (statement(db, `SELECT count(*) FROM (SELECT 1 FROM (${way}) LIMIT ${FEW + 1})`).pluck().get(used(way, values)) as number) <= FEW);
}

/** The values that a statement names: SQLite refuses others. */
const used = (sql: string, values: Record<string, unknown>): Record<string, unknown> => Object.fromEntries(Object.entries(values).filter(([name]) => sql.includes(`@${name}`)));
