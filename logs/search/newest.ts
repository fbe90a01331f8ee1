// The newest entries that have every word of a question; without words the newest of all.
import type Database from 'better-sqlite3';
import type { LogFilter } from '../../contract/logs.ts';
import { conditionsOf } from './filter.ts';
import { ftsPhrase, type Question } from './question.ts';
import { statement } from './statement.ts';

/** Entries with the words up to which all are gathered and sorted; past that the entries are gone through from the newest on. */
const FEW = 5_000;

interface Page {
  limit: number;
  skip: number;
}

/** An FTS5 expression for entries with every word and phrase; null where there is none. */
export function everyWord({ words, phrases }: Question): string | null {
  const all = [...words.map((word) => ftsPhrase([word])), ...phrases.map(ftsPhrase)];
  return all.length === 0 ? null : all.join(' AND ');
}

/** Ids, the newest first; entries without a time stand last. */
export function newestEntries(db: Database.Database, question: Question, filter: LogFilter, { limit, skip }: Page): { ids: number[]; more: boolean } {
  const { sql, values } = conditionsOf(filter);
  const match = everyWord(question);
  const page = { limit: limit + 1, skip };
  const ids = statement(db, `${selection(db, match, sql)} ORDER BY e.time DESC, e.id DESC LIMIT @limit OFFSET @skip`).pluck().all({ ...values, ...page, ...(match === null ? {} : { match }) }) as number[];
  return { ids: ids.slice(0, limit), more: ids.length > limit };
}

function selection(db: Database.Database, match: string | null, sql: string): string {
  if (match === null) return `SELECT e.id FROM entries e WHERE true${sql}`;
  const count = statement(db, `SELECT count(*) FROM (SELECT 1 FROM entry_words WHERE entry_words MATCH ? LIMIT ${FEW + 1})`).pluck().get(match) as number;
  if (count <= FEW) return `SELECT e.id FROM entry_words w CROSS JOIN entries e ON e.id = w.rowid WHERE entry_words MATCH @match${sql}`;
  return `SELECT e.id FROM entries e WHERE EXISTS (SELECT 1 FROM entry_words WHERE entry_words MATCH @match AND rowid = e.id)${sql}`;
}
