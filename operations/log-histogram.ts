// Operation `log-histogram`: how many entries there are over time, by level.
import type { LogHistogram } from '../contract/log-search.ts';
import { LogHistogramInput } from '../contract/logs.ts';
import { histogramOf } from '../logs/search/histogram.ts';
import { AskedFilter, filterOf, readLogs } from './log-index.ts';
import { defineOperation } from './operation.ts';

export const logHistogram = defineOperation({
  name: 'log-histogram',
  description: 'Counts log entries over time by level; with a query those that have every word of it.',
  kind: 'reads',
  input: LogHistogramInput.safeExtend(AskedFilter.shape),
  async run({ paths }, { query, buckets, ...filter }): Promise<LogHistogram> {
    const wanted = filterOf(filter);
    const db = readLogs(paths.logIndex);
    return db === null ? { from: null, to: null, width: 0, buckets: [] } : histogramOf(db, query, wanted, buckets);
  },
});
