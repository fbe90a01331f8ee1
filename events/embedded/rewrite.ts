// Puts other values into messages that an embedded log has already; ids, keys and offsets stay.
import type Database from 'better-sqlite3';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { PivoError } from '../../contract/failures.ts';
import { openLogFile } from './schema.ts';

/** Messages of one transaction: keeps other writers' waits short. */
const MESSAGES_A_BATCH = 1_000;

/** A log that is being rewritten; the old values are nowhere in its file after `compact`. */
export interface LogRewrite extends Disposable {
  /** Puts values in the place of those that messages of these ids have; returns how many differed. */
  replace(values: readonly { id: string; value: string }[]): number;
  /** Asks for the value of each message of every topic; returns how many differed. */
  each(valueOf: (message: { id: string; value: string }) => string, tell: (done: number) => void): Promise<number>;
  /** Writes the file anew, so that no free page and no write-ahead log has what was replaced. Fails with Unavailable while somebody reads. */
  compact(): void;
}

/** Opens the log of a URL `sqlite:{path}`; null for any other. Fails with Unavailable. */
export function openRewrite(url: string): LogRewrite | null {
  if (!url.startsWith('sqlite:')) return null;
  const db = openLogFile(url.slice('sqlite:'.length));
  db.pragma('secure_delete = ON');
  db.exec('CREATE INDEX IF NOT EXISTS messages_by_id ON messages (id)'); // dropped when it is compacted
  const update = db.prepare<[string, string, string]>('UPDATE messages SET value = ? WHERE id = ? AND value <> ?');
  const page = db.prepare<[number, number], { row: number; id: string; value: string }>('SELECT row, id, value FROM messages WHERE row > ? ORDER BY row LIMIT ?');
  const updateRow = db.prepare<[string, number]>('UPDATE messages SET value = ? WHERE row = ?');
  return {
    replace: (values) => db.transaction(() => values.reduce((sum, { id, value }) => sum + update.run(value, id, value).changes, 0)).immediate(),
    each: (valueOf, tell) => eachMessage((after) => page.all(after, MESSAGES_A_BATCH), (changed) => db.transaction(() => changed.forEach(({ row, value }) => updateRow.run(value, row))).immediate(), valueOf, tell),
    compact: () => compacted(db),
    [Symbol.dispose]: () => void db.close(),
  };
}

interface Row {
  row: number;
  id: string;
  value: string;
}

async function eachMessage(read: (after: number) => Row[], write: (changed: Row[]) => void, valueOf: (message: Row) => string, tell: (done: number) => void): Promise<number> {
  let [after, done, differed] = [-1, 0, 0];
  for (let rows = read(after); rows.length > 0; rows = read(after)) {
    const changed = rows.map((row) => ({ ...row, value: valueOf(row) })).filter(({ value }, i) => value !== rows[i]?.value);
    if (changed.length > 0) write(changed);
    differed += changed.length;
    after = rows.at(-1)?.row ?? after;
    tell((done += rows.length));
    await nextTurn();
  }
  return differed;
}

function compacted(db: Database.Database): void {
  db.exec('DROP INDEX IF EXISTS messages_by_id');
  db.exec('VACUUM');
  const [{ busy }] = db.pragma('wal_checkpoint(TRUNCATE)') as [{ busy: number }];
  if (busy !== 0) throw new PivoError('Unavailable', 'somebody reads the event log: its old values are still in the write-ahead log', { hint: 'It is tried again by itself.' });
}
