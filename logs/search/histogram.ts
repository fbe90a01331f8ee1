// Entries over time by level: of the whole index, or of what a question and filters leave.
import type Database from 'better-sqlite3';
import type { LogBucket, LogHistogram } from '../../contract/log-search.ts';
import { levelOf, type LogFilter } from '../../contract/logs.ts';
import { conditionsOf } from './filter.ts';
import { everyWord } from './newest.ts';
import { questionOf } from './question.ts';

const NONE: LogHistogram = { from: null, to: null, width: 0, buckets: [] };

/** Widths of a bucket in milliseconds, so that its edges are round. */
const WIDTHS = [1, 10, 100, 1e3, 5e3, 15e3, 30e3, 60e3, 300e3, 900e3, 1_800e3, 3_600e3, 10_800e3, 21_600e3, 43_200e3, 86_400e3, 604_800e3];
const LARGEST = WIDTHS.at(-1) ?? 1;

/** At most `buckets` buckets between the edges of the filter, or the first and the last entry's times; with a question, entries that have every word of it. */
export function histogramOf(db: Database.Database, query: string, filter: LogFilter, buckets: number): LogHistogram {
  const match = everyWord(questionOf(query));
  const { sql, values } = conditionsOf(filter);
  const from = match === null ? `FROM entries e WHERE e.time IS NOT NULL${sql}` : `FROM entry_words w CROSS JOIN entries e ON e.id = w.rowid WHERE entry_words MATCH @match AND e.time IS NOT NULL${sql}`;
  const given = { ...values, ...(match === null ? {} : { match }) };
  const edges = edgesOf(db, from, given, filter);
  if (edges === null) return NONE;
  const width = widthOf(edges.to - edges.from, buckets);
  const start = Math.floor(edges.from / width) * width;
  const rows = db.prepare(`SELECT (e.time - @start) / @width AS bucket, e.level, count(*) AS entries ${from} GROUP BY 1, 2 ORDER BY 1`).all({ ...given, start: BigInt(start), width: BigInt(width) }) as { bucket: number; level: number | null; entries: number }[];
  return { from: iso(edges.from), to: iso(edges.to), width, buckets: bucketsOf(rows, start, width) };
}

/** Of the filter where it says both; the last instant is exclusive. */
function edgesOf(db: Database.Database, from: string, given: Record<string, unknown>, filter: LogFilter): { from: number; to: number } | null {
  const first = db.prepare(`SELECT min(e.time) AS first, max(e.time) AS last ${from}`);
  const { first: least, last } = first.get(given) as { first: number | null; last: number | null };
  if (least === null || last === null) return null;
  return { from: filter.from === undefined ? least : Date.parse(filter.from), to: filter.to === undefined ? last + 1 : Date.parse(filter.to) };
}

/** The smallest round width with which the buckets suffice, one more for the edges that are rounded. */
const widthOf = (span: number, buckets: number): number => WIDTHS.find((width) => span / width <= Math.max(1, buckets - 1)) ?? Math.ceil(span / Math.max(1, buckets - 1) / LARGEST) * LARGEST;

function bucketsOf(rows: readonly { bucket: number; level: number | null; entries: number }[], start: number, width: number): LogBucket[] {
  return [...Map.groupBy(rows, ({ bucket }) => bucket)].map(([bucket, parts]) => ({
    from: iso(start + bucket * width),
    entries: parts.reduce((sum, { entries }) => sum + entries, 0),
    levels: Object.fromEntries(parts.flatMap(({ level, entries }) => (levelOf(level) === null ? [] : [[levelOf(level), entries]]))),
  }));
}

const iso = (time: number): string => new Date(time).toISOString();
