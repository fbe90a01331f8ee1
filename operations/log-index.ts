// The log index as operations read it: kept open while it is the same file, and filters as people write them.
import { statSync } from 'node:fs';
import type Database from 'better-sqlite3';
import { z } from 'zod';
import { parseInstant } from '../archive/reading/instants.ts';
import { PivoError } from '../contract/failures.ts';
import { LogFilter } from '../contract/logs.ts';
import { openLogsForReading } from '../logs/open.ts';

const open = new Map<string, { db: Database.Database; file: number }>();

/** The index at `path`, opened again where another file took its place; null where nothing was read yet. Fails with Unavailable when it cannot be opened. */
export function readLogs(path: string): Database.Database | null {
  const file = statSync(path, { throwIfNoEntry: false })?.ino;
  const known = open.get(path);
  if (known !== undefined && known.file === file) return known.db;
  known?.db.close();
  open.delete(path);
  const db = file === undefined ? null : openLogsForReading(path);
  if (db !== null && file !== undefined) open.set(path, { db, file });
  return db;
}

const Instant = z.string().min(1).max(60);

/** What narrows a search, with instants as people write them. */
export const AskedFilter = LogFilter.safeExtend({
  /** ISO 8601, UTC without a zone; a date alone is its first instant. */
  from: Instant.optional(),
  /** Exclusive; a date alone is the end of that day. */
  to: Instant.optional(),
});

/** The filter of an input that has more than the filter. Fails with InvalidInput for what is no instant. */
export function filterOf({ from, to, level, system, source, run, component, template }: z.output<typeof AskedFilter>): LogFilter {
  const given = { from: from === undefined ? undefined : instant('from', from), to: to === undefined ? undefined : instant('to', to), level, system, source, run, component, template };
  return LogFilter.parse(Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)));
}

function instant(name: 'from' | 'to', text: string): string {
  const isDate = /^\d{4}-\d{2}-\d{2}$/.test(text);
  const found = parseInstant(isDate && name === 'from' ? `${text}T00:00Z` : text);
  if (found === null) throw new PivoError('InvalidInput', `${name}: "${text}" is no instant`, { hint: 'Write ISO 8601, such as 2026-11-21T06:00Z or 2026-11-21.' });
  return new Date(found.getTime() + (isDate && name === 'to' ? 1 : 0)).toISOString();
}
