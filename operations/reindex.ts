// Operation `reindex`: the metadata service builds the index anew from the log or from the archive.
import { z } from 'zod';
import { askReindex, type ReindexAnswer } from '../metadata/ask.ts';
import { defineOperation } from './operation.ts';

export type { ReindexAnswer } from '../metadata/ask.ts';

export const reindex = defineOperation({
  name: 'reindex',
  description: 'Builds the index anew, from the event log or from the archive; the old one answers until the new one is complete.',
  kind: 'decides',
  input: z.strictObject({ from: z.enum(['log', 'kafka', 'archive']).default('log') }),
  run: (context, { from }, options): Promise<ReindexAnswer> => askReindex(context.paths.metadataSocket, from, options),
});
