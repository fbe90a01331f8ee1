// Operation `log-tail`: tells log entries as they come.
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { LogTail } from '../logs/search/tail.ts';
import { AskedFilter, filterOf, readLogs } from './log-index.ts';
import { defineOperation } from './operation.ts';

/** Milliseconds between two looks. */
const LOOK_EVERY = 500;

export const logTail = defineOperation({
  name: 'log-tail',
  description: 'Tells log entries as they come into the log index, with the same filters as a search; with a query those that have every word of it. It ends when nobody listens.',
  kind: 'reads',
  input: AskedFilter.safeExtend({ query: z.string().max(2_000).default('') }),
  async run({ paths }, { query, ...asked }, { signal, onProgress }): Promise<void> {
    const filter = filterOf(asked);
    let db = readLogs(paths.logIndex);
    let tail = db === null ? null : new LogTail(db, query, filter);
    onProgress({ phase: 'following', entries: [] });
    while (await delay(LOOK_EVERY, true, { signal }).catch(() => false)) {
      const now = readLogs(paths.logIndex);
      if (now !== db) tail = now === null ? null : new LogTail(now, query, filter);
      db = now;
      const entries = tail?.look() ?? [];
      if (entries.length > 0) onProgress({ phase: 'following', entries });
    }
    signal.throwIfAborted();
  },
});
