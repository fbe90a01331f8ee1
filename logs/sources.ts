// Tells which logs the index has.
import type { LogFormat, LogSource, LogSourceState, LogSystem } from '../contract/logs.ts';
import { openLogsForReading } from './open.ts';

export interface SourcesQuestion {
  system?: LogSystem | undefined;
  run?: string | undefined;
  limit: number;
}

interface Row {
  id: string;
  name: string;
  format: LogFormat;
  system: LogSystem;
  run: string | null;
  bytes: number;
  lines: number;
  entries: number;
  first_time: number | null;
  last_time: number | null;
  added_at: number;
  state: LogSourceState;
}

/** The logs of the index at `path`, those with the newest entries first. A run is the source's own, or of one of its entries. */
export function listSources(path: string, { system, run, limit }: SourcesQuestion): LogSource[] {
  const db = openLogsForReading(path);
  if (db === null) return [];
  try {
    const rows = db
      .prepare(
        `SELECT id, name, format, system, run, bytes, lines, entries, first_time, last_time, added_at, state FROM sources
         WHERE (@system IS NULL OR system = @system) AND (@run IS NULL OR run = @run OR key IN (SELECT DISTINCT id / 4294967296 FROM entries WHERE run = @run))
         ORDER BY coalesce(last_time, added_at) DESC, key DESC LIMIT @limit`,
      )
      .all({ system: system ?? null, run: run ?? null, limit }) as Row[];
    return rows.map(({ first_time: first, last_time: last, added_at: added, ...rest }) => ({ ...rest, firstTime: instant(first), lastTime: instant(last), addedAt: new Date(added).toISOString() }));
  } finally {
    db.close();
  }
}

const instant = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
