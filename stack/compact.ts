// Writes the embedded Temporal's database anew, when somebody asked for it, so that no free page holds what was removed.
import { existsSync, rmSync, writeFileSync } from 'node:fs';

const mark = (dbFile: string): string => `${dbFile}.compact`;

/** Asks for it: done when the server is started next, for it must not run meanwhile. */
export const askToCompact = (dbFile: string): void => {
  if (existsSync(dbFile)) writeFileSync(mark(dbFile), '', { mode: 0o600 });
};

/**
 * Before the server is started; does nothing unless it was asked for. By Node's own SQLite: Temporal's tables have texts in
 * double quotes, with which better-sqlite3 cannot write them anew.
 */
export async function compactIfAsked(dbFile: string): Promise<void> {
  if (!existsSync(mark(dbFile))) return;
  const { DatabaseSync } = await import('node:sqlite');
  const db = new DatabaseSync(dbFile, { enableDoubleQuotedStringLiterals: true });
  try {
    db.exec('VACUUM; PRAGMA wal_checkpoint(TRUNCATE)');
  } finally {
    db.close();
  }
  rmSync(mark(dbFile), { force: true });
}
