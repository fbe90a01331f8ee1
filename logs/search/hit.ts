// Entries as they are told: with their link, their source and what stands around them.
import type Database from 'better-sqlite3';
import type { LogContext, LogLine } from '../../contract/log-search.ts';
import { PivoError } from '../../contract/failures.ts';
import { formatLogLink, levelOf, type LogHit, type LogLink, type LogSystem } from '../../contract/logs.ts';
import { entryId, lineOf, sourceKeyOf } from '../schema.ts';
import { statement } from './statement.ts';

interface Row {
  id: number;
  lines: number;
  time: number | null;
  level: number | null;
  template: number;
  run: string | null;
  component: string | null;
  text: string;
  exception: string | null;
  source: string;
  name: string;
  system: LogSystem;
  sourceRun: string | null;
}

const SELECT = `SELECT e.id, e.lines, e.time, e.level, e.template, e.run, e.component, e.text, e.exception, s.id AS source, s.name, s.system, s.run AS sourceRun
  FROM entries e JOIN sources s ON s.key = e.id >> 32`;

/** The entries of those ids, in their order; those that are gone are left out. */
export function entriesOf(db: Database.Database, ids: readonly number[]): LogLine[] {
  const select = statement(db, `${SELECT} WHERE e.id = ?`);
  return ids.flatMap((id) => {
    const row = select.get(id) as Row | undefined;
    return row === undefined ? [] : [entryOf(row)];
  });
}

function entryOf({ id, lines, time, level, template, run, component, text, exception, source, name, system, sourceRun }: Row): LogLine {
  const line = lineOf(id);
  return { link: formatLogLink({ source, line }), source, sourceName: name, line, lines, time: time === null ? null : new Date(time).toISOString(), level: levelOf(level), component, system, run: run ?? sourceRun, text, ...(exception === null ? {} : { exception }), template };
}

/**
 * The entry that a link leads to, or the one that its line belongs to, with those around it. Fails with NotFound for a log
 * that is not in the index and for a line that it does not have.
 */
export function contextAt(db: Database.Database, { source, line }: LogLink, before: number, after: number): LogContext {
  const log = statement(db, 'SELECT key, lines FROM sources WHERE id = ?').get(source) as { key: number; lines: number } | undefined;
  if (log === undefined) throw new PivoError('NotFound', `there is no log ${source} in the log index`, { hint: 'It may have been read by another home; `GET /log-sources` lists those that are here.' });
  const id = statement(db, 'SELECT id FROM entries WHERE id <= ? AND id > ? ORDER BY id DESC LIMIT 1').pluck().get(entryId(log.key, line), entryId(log.key, 0)) as number | undefined;
  const [entry] = id === undefined || line > log.lines ? [] : entriesOf(db, [id]);
  if (id === undefined || entry === undefined) throw new PivoError('NotFound', `the log ${source} has no entry at line ${line}`, { facts: { lines: log.lines } });
  const near = around(db, id, before, after);
  return { entry, before: entriesOf(db, near.before), after: entriesOf(db, near.after) };
}

/** Ids of the entries of a log before and after one, in order. */
function around(db: Database.Database, id: number, before: number, after: number): { before: number[]; after: number[] } {
  const key = sourceKeyOf(id);
  const first = statement(db, 'SELECT id FROM entries WHERE id < ? AND id > ? ORDER BY id DESC LIMIT ?').pluck();
  const last = statement(db, 'SELECT id FROM entries WHERE id > ? AND id < ? ORDER BY id LIMIT ?').pluck();
  return { before: (first.all(id, entryId(key, 0), before) as number[]).reverse(), after: last.all(id, entryId(key + 1, 0), after) as number[] };
}

/** Texts of the entries before and after one. */
export function contextOf(db: Database.Database, id: number, entries: number): Pick<LogHit, 'before' | 'after'> {
  if (entries === 0) return { before: [], after: [] };
  const text = statement(db, 'SELECT text FROM entries WHERE id = ?').pluck();
  const texts = (ids: readonly number[]): string[] => ids.map((each) => text.get(each) as string);
  const { before, after } = around(db, id, entries, entries);
  return { before: texts(before), after: texts(after) };
}
