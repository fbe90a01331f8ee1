// Operation `log-embedder`: which embedder makes the vectors that search compares.
import { z } from 'zod';
import type { LogEmbedder } from '../contract/log-search.ts';
import { embedderState } from '../logs/vectors/state.ts';
import { openEmbedder } from '../logs/vectors/open.ts';
import { HASHED_SETTINGS } from '../logs/vectors/settings.ts';
import { readLogs } from './log-index.ts';
import { defineOperation } from './operation.ts';

export const logEmbedder = defineOperation({
  name: 'log-embedder',
  description: 'Tells which embedder makes the vectors that log search compares, and whether the configured one does so yet.',
  kind: 'reads',
  input: z.strictObject({}),
  run: async ({ paths, embeddings = HASHED_SETTINGS }): Promise<LogEmbedder> => embedderState(readLogs(paths.logIndex), await openEmbedder(embeddings)),
});
