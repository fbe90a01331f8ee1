// The entries that come, as they come: of all logs, or of what a question and filters leave.
import type Database from 'better-sqlite3';
import type { LogLine } from '../../contract/log-search.ts';
import type { LogFilter } from '../../contract/logs.ts';
import { entryId } from '../schema.ts';
import { conditionsOf } from './filter.ts';
import { entriesOf } from './hit.ts';
import { everyWord } from './newest.ts';
import { questionOf } from './question.ts';

/** Entries told at once; more are told by the next look. */
const AT_ONCE = 200;

/** Remembers how far each log was told. Logs that come later are told from their beginning. */
export class LogTail {
  readonly #db: Database.Database;
  readonly #next: Database.Statement;
  readonly #values: Record<string, unknown>;
  /** Last line of each source that was told, by key. */
  readonly #told: Map<number, number>;

  constructor(db: Database.Database, query: string, filter: LogFilter) {
    this.#db = db;
    const match = everyWord(questionOf(query));
    const { sql, values } = conditionsOf(filter);
    const from = match === null ? 'entries e' : 'entry_words w CROSS JOIN entries e ON e.id = w.rowid';
    const words = match === null ? '' : ' AND entry_words MATCH @match AND w.rowid > @after AND w.rowid <= @last';
    this.#values = { ...values, ...(match === null ? {} : { match }) };
    this.#next = db.prepare(`SELECT e.id FROM ${from} WHERE e.id > @after AND e.id <= @last${words}${sql} ORDER BY e.id LIMIT ${AT_ONCE}`).pluck();
    this.#told = new Map(this.#logs().map(({ key, lines }) => [key, lines]));
  }

  /** What came since the last look, in the order of the logs and their lines. */
  look(): LogLine[] {
    const lines: LogLine[] = [];
    for (const { key, lines: last } of this.#logs()) {
      const after = this.#told.get(key) ?? 0;
      if (last <= after || lines.length >= AT_ONCE) continue;
      const ids = this.#next.all({ ...this.#values, after: entryId(key, after), last: entryId(key, last) }) as number[];
      const isAll = ids.length < AT_ONCE;
      this.#told.set(key, isAll ? last : (ids.at(-1) ?? 0) - entryId(key, 0));
      lines.push(...entriesOf(this.#db, ids));
    }
    return lines;
  }

  #logs(): { key: number; lines: number }[] {
    return this.#db.prepare('SELECT key, lines FROM sources').all() as { key: number; lines: number }[];
  }
}
