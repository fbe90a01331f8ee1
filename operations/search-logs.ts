// Operation `search-logs`: the entries of the log index that a question means.
import { z } from 'zod';
import { isPivoError } from '../contract/failures.ts';
import type { LogSearch } from '../contract/log-search.ts';
import { SearchLogsInput } from '../contract/logs.ts';
import { searchLogs, type QuestionVector } from '../logs/search/search.ts';
import { openEmbedder } from '../logs/vectors/open.ts';
import { AskedFilter, filterOf, readLogs } from './log-index.ts';
import { defineOperation, type OperationContext } from './operation.ts';

export type { LogSearch };

const NO_LOGS: LogSearch = { hits: [], more: false, understood: [], embedder: { name: null } };

/** Milliseconds that a service has for the vector of a question: without one search goes on by words. */
const PATIENCE = 3_000;

export const searchLogsOperation = defineOperation({
  name: 'search-logs',
  description: 'Searches the logs that were read: by words, parts of words, a "quoted phrase" or meaning; filters by time, level, system, source, run and component. Each hit has a link, log:{source}:{line}, and the entries around it.',
  kind: 'reads',
  input: SearchLogsInput.safeExtend(AskedFilter.shape).safeExtend({
    /** Hits to pass over: those of the pages before. */
    skip: z.number().int().nonnegative().max(10_000).default(0),
  }),
  async run(context, { query, limit, skip, context: around, order, ...filter }, { signal }): Promise<LogSearch> {
    const asked = { query, limit, skip, context: around, order, filter: filterOf(filter) };
    const vector = await vectorOf(context, query, signal);
    const db = readLogs(context.paths.logIndex);
    return db === null ? NO_LOGS : searchLogs(db, asked, vector);
  },
});

/** The question's vector by a service; none is needed for hashed ones. */
async function vectorOf({ embeddings }: OperationContext, query: string, signal: AbortSignal): Promise<QuestionVector | undefined> {
  if (embeddings === undefined || embeddings.provider === 'hashed' || query.trim() === '') return undefined;
  const embedder = await openEmbedder(embeddings);
  try {
    const [vector = null] = await embedder.embed([query], AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]));
    return { embedder: embedder.name, vector };
  } catch (error) {
    signal.throwIfAborted();
    return { embedder: embedder.name, vector: null, problem: isPivoError(error) ? error.message : `${embeddings.provider} did not answer in ${PATIENCE / 1000} s` };
  }
}
