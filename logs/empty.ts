// Empties the log index: what can be read again is read again.
import { mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { openLogsForReading, openLogsForWriting } from './open.ts';

/** True when a text of an entry in the index at `path` is one that `concerns` says yes to. */
export function anyEntry(path: string, concerns: (text: string) => boolean): boolean {
  const db = openLogsForReading(path);
  if (db === null) return false;
  try {
    for (const text of db.prepare<[], string>("SELECT text || char(10) || coalesce(exception, '') || char(10) || coalesce(component, '') FROM entries UNION ALL SELECT name FROM sources").pluck().iterate()) {
      if (concerns(text)) return true;
    }
    return false;
  } finally {
    db.close();
  }
}

/** Puts an index without entries in the place of what the file at `path` has; whoever has it open goes on with that one. */
export async function emptyLogs(path: string): Promise<void> {
  const folder = mkdtempSync(join(dirname(path), 'logs-empty-'));
  try {
    const fresh = openLogsForWriting(join(folder, 'logs.db'));
    try {
      await fresh.backup(path);
    } finally {
      fresh.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const db = openLogsForWriting(path);
  try {
    db.exec('VACUUM');
    db.pragma('wal_checkpoint(TRUNCATE)');
  } finally {
    db.close();
  }
}
