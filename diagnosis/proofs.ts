// Finds the lines that prove causes: the index names entries that hold the words, the patterns decide.
import type Database from 'better-sqlite3';
import type { LogSystem } from '../contract/logs.ts';
import { WORD, entryId, lineOf, sourceKeyOf } from '../logs/schema.ts';
import { CAUSES, causesOf } from './causes/index.ts';
import type { Cause, Proof } from './cause.ts';

export interface ProofSource {
  key: number;
  id: string;
  name: string;
  system: LogSystem;
  run: string | null;
}

/** A line that proves a cause. */
export interface Finding {
  cause: Cause;
  source: ProofSource;
  /** Number of the line, from 1. */
  line: number;
  /** First line of its entry. */
  entry: number;
  time: number | null;
  level: number | null;
  run: string | null;
  text: string;
}

/** Entries that are looked at in all logs together; where there are more, so many of one log. */
const LOOKED_AT = 4_000;
const LOOKED_AT_IN_ONE = 400;

const wordsIn = (text: string): string[] => text.match(WORD) ?? [];
const phrase = (words: string): string => `"${wordsIn(words).join(' ')}"`;

/** One FTS5 expression for all that proves anything. */
const ANY_PROOF = [...new Set(CAUSES.flatMap(({ proofs }) => proofs.map(({ words }) => phrase(words))))].join(' OR ');

interface Row {
  id: number;
  lines: number;
  time: number | null;
  level: number | null;
  run: string | null;
  text: string;
  exception: string | null;
}

export interface Between {
  /** Milliseconds since 1970 UTC; entries without a time are always in. */
  from: number | null;
  to: number | null;
}

/**
 * The proofs in logs, in the order of their lines. Where the logs hold very many, only `nearest` are read, each from its
 * beginning and its end: what repeats a thousand times is the same proof.
 */
export function proofsIn(db: Database.Database, sources: readonly ProofSource[], nearest: readonly ProofSource[], between: Between): Finding[] {
  const byKey = new Map(sources.map((source) => [source.key, source]));
  const keys = [...byKey.keys()];
  const all = keys.length === 0 ? [] : rowsIn(db, Math.min(...keys), Math.max(...keys), between, 'ASC', LOOKED_AT);
  const rows = all.length < LOOKED_AT ? all : nearest.flatMap(({ key }) => [...rowsIn(db, key, key, between, 'ASC', LOOKED_AT_IN_ONE), ...rowsIn(db, key, key, between, 'DESC', LOOKED_AT_IN_ONE)]);
  const distinct = [...new Map(rows.map((row) => [row.id, row])).values()].toSorted((a, b) => a.id - b.id);
  return distinct.flatMap((row) => {
    const source = byKey.get(sourceKeyOf(row.id));
    return source === undefined ? [] : findingsIn(row, source);
  });
}

function rowsIn(db: Database.Database, first: number, last: number, { from, to }: Between, order: 'ASC' | 'DESC', limit: number): Row[] {
  const sql = `SELECT e.id, e.lines, e.time, e.level, e.run, e.text, e.exception FROM entry_words JOIN entries e ON e.id = entry_words.rowid
    WHERE entry_words MATCH @match AND entry_words.rowid >= @first AND entry_words.rowid < @last
      AND (e.time IS NULL OR ((@from IS NULL OR e.time >= @from) AND (@to IS NULL OR e.time < @to)))
    ORDER BY entry_words.rowid ${order} LIMIT ${limit}`;
  return db.prepare(sql).all({ match: ANY_PROOF, first: entryId(first, 0), last: entryId(last + 1, 0), from, to }) as Row[];
}

function findingsIn(row: Row, source: ProofSource): Finding[] {
  const lines = (row.exception === null ? row.text : `${row.text}\n${row.exception}`).split('\n');
  const entry = lineOf(row.id);
  return causesOf(source.system).flatMap((cause) => {
    const at = proofLine(lines, cause.proofs);
    if (at === null) return [];
    return [{ cause, source, line: entry + Math.min(at, row.lines - 1), entry, time: row.time, level: row.level, run: row.run ?? source.run, text: lines[at] ?? '' }];
  });
}

/** The line of an entry that proves a cause: the innermost `Caused by` that does, else the first line; null where none does. */
export function proofLine(lines: readonly string[], proofs: readonly Proof[]): number | null {
  const possible = proofs.filter(({ unless }) => unless === undefined || !lines.some((line) => unless.test(line)));
  const proving = lines.flatMap((line, at) => (possible.some((each) => proves(each, line)) ? [at] : []));
  return proving.findLast((at) => lines[at]?.startsWith('Caused by') === true) ?? proving[0] ?? null;
}

const PATTERNS = new Map<string, RegExp>();

/** The words, whatever stands between them. */
function patternOf(words: string): RegExp {
  const known = PATTERNS.get(words) ?? new RegExp(`(?<![\\p{L}\\p{N}])${wordsIn(words).join('[^\\p{L}\\p{N}]+')}(?![\\p{L}\\p{N}])`, 'iu');
  PATTERNS.set(words, known);
  return known;
}

const proves = ({ words, line }: Proof, text: string): boolean => (line ?? patternOf(words)).test(text);
