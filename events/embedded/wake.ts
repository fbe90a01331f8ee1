// Tells other processes that the log grew: one byte written to a small file that they watch.
import { closeSync, constants, openSync, watch, writeSync, type FSWatcher } from 'node:fs';

/** How long a waiter sleeps at most when no wake-up reaches it, in milliseconds. */
const FALLBACK_MS = 1_000;

export interface Wake {
  /** Call after a commit: wakes the waiters of every process. */
  ring(): void;
  /** How often the bell rang or the fallback passed, as seen here; take it before looking for work. */
  count(): number;
  /** Returns when the count is past `seen` or the signal aborts. */
  wait(seen: number, signal: AbortSignal): Promise<void>;
  close(): void;
}

/** Opens the wake-up file beside the log and creates it where it is missing. */
export function openWake(path: string): Wake {
  const file = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
  const waiters = new Set<() => void>();
  let rung = 0;
  let watcher: FSWatcher | undefined;
  const wakeAll = (): void => {
    rung += 1;
    for (const wake of waiters) wake();
  };
  const startWatching = (): void => {
    if (watcher !== undefined) return;
    watcher = watch(path, { persistent: false }, wakeAll);
    watcher.on('error', () => {}); // a file system that cannot watch: the fallback serves
  };
  return {
    ring: () => {
      writeSync(file, '.', 0);
    },
    count: () => rung,
    wait: async (seen, signal) => {
      startWatching();
      if (rung !== seen || signal.aborted) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(wakeAll, FALLBACK_MS);
        const done = (): void => {
          clearTimeout(timer);
          waiters.delete(done);
          signal.removeEventListener('abort', done);
          resolve();
        };
        waiters.add(done);
        signal.addEventListener('abort', done, { once: true });
      });
    },
    close: () => {
      watcher?.close();
      wakeAll();
      closeSync(file);
    },
  };
}
