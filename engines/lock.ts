// One at a time across processes: a lock that the operating system gives back when its holder ends, however it ends.
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';

const LOOK_AGAIN = 50;

/** Runs `act` while holding SQLite's exclusive lock on `file`; waits for another holder as long as it takes, or until `signal`. */
export async function withLock<T>(file: string, signal: AbortSignal | undefined, act: () => Promise<T>): Promise<T> {
  await mkdir(dirname(file), { recursive: true });
  const lock = await take(file, signal);
  try {
    return await act();
  } finally {
    lock.close();
  }
}

async function take(file: string, signal: AbortSignal | undefined): Promise<Database.Database> {
  for (;;) {
    signal?.throwIfAborted();
    const lock = new Database(file, { timeout: 0 });
    try {
      lock.exec('BEGIN EXCLUSIVE');
      return lock;
    } catch (error) {
      lock.close();
      if ((error as { code?: string }).code !== 'SQLITE_BUSY') throw error;
    }
    await sleep(LOOK_AGAIN);
  }
}
