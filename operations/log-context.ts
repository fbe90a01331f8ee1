// Operation `log-context`: the entry that a link leads to, and those around it.
import { PivoError } from '../contract/failures.ts';
import type { LogContext } from '../contract/log-search.ts';
import { LogContextInput, parseLogLink } from '../contract/logs.ts';
import { contextAt } from '../logs/search/hit.ts';
import { readLogs } from './log-index.ts';
import { defineOperation } from './operation.ts';

export const logContext = defineOperation({
  name: 'log-context',
  description: 'Shows the log entry that a link (log:{source}:{line}) leads to, with the entries before and after it.',
  kind: 'reads',
  input: LogContextInput,
  async run({ paths }, { link, before, after }): Promise<LogContext> {
    const db = readLogs(paths.logIndex);
    if (db === null) throw new PivoError('NotFound', 'no log was read yet', { hint: 'Bring some with `pivo upload`.' });
    return contextAt(db, parseLogLink(link), before, after);
  },
});
