// One stack and one worker a home: locks that the operating system gives back when their holder ends, however it ends.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { PivoError } from '../contract/failures.ts';
import { runningRecord } from './record.ts';

export interface HomeLock {
  release(): void;
}

/**
 * Takes the lock of a home until `release` or the end of this process.
 * It is SQLite's exclusive lock on `run/stack.lock`, a POSIX record lock: a killed holder leaves nothing stale behind.
 * Fails with Exists when another process holds it.
 */
export function lockHome(home: string, run: string): HomeLock {
  return take(run, 'stack.lock', (cause) => alreadyUp(home, run, cause));
}

/** The same for the worker of a home, by `run/worker.lock`: two would take each other for a dead predecessor. */
export function lockWorker(home: string, run: string): HomeLock {
  return take(run, 'worker.lock', (cause) => new PivoError('Exists', `a worker already runs for ${home}`, { hint: 'Choose another home with PIVO_HOME: several workers of one machine have several homes.', facts: { home }, cause }));
}

function take(run: string, name: string, failure: (cause: unknown) => PivoError): HomeLock {
  mkdirSync(run, { recursive: true, mode: 0o700 });
  const lock = new Database(join(run, name), { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if ((error as { code?: string }).code !== 'SQLITE_BUSY') throw error;
    throw failure(error);
  }
  return { release: () => lock.close() };
}

function alreadyUp(home: string, run: string, cause: unknown): PivoError {
  const record = runningRecord(run);
  return new PivoError('Exists', `PIVO already runs for ${home}${record?.supervisor == null ? '' : ` (process ${record.supervisor.pid})`}`, {
    hint: 'See `pivo status`; end it with `pivo down`, or choose another home with PIVO_HOME.',
    facts: { home, pid: record?.supervisor?.pid ?? null },
    cause,
  });
}
