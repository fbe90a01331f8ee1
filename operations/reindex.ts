// Operation `reindex`: the metadata service builds the index anew from the log or from the archive.
import { z } from 'zod';
import { PivoError, fromReport, type FailureReport } from '../contract/failures.ts';
import type { Progress } from '../contract/ingest.ts';
import { askMetadata, jsonLines } from './index-status.ts';
import { defineOperation } from './operation.ts';

export interface ReindexAnswer {
  from: 'log' | 'kafka' | 'archive';
  /** SHA-256 over the logical rows of the new index: the same from the log and from the archive. */
  digest: string;
  rows: Record<string, number>;
}

type Line = { progress: Progress } | { result: ReindexAnswer } | { error: FailureReport };

export const reindex = defineOperation({
  name: 'reindex',
  description: 'Builds the index anew, from the event log or from the archive; the old one answers until the new one is complete.',
  kind: 'decides',
  input: z.strictObject({ from: z.enum(['log', 'kafka', 'archive']).default('log') }),
  async run(context, { from }, options): Promise<ReindexAnswer> {
    const response = await askMetadata(context.paths.metadataSocket, 'POST', '/reindex', { from }, options.signal);
    try {
      for await (const line of jsonLines<Line>(response)) {
        if ('result' in line) return line.result;
        if ('error' in line) throw fromReport(line.error);
        options.onProgress(line.progress);
      }
    } catch (error) {
      if (options.signal.aborted) throw new PivoError('Cancelled', 'the reindex was cancelled; the index is as it was', { cause: error });
      throw error;
    }
    throw new PivoError('Unavailable', 'the metadata service ended before the index was rebuilt; the index is as it was', { hint: 'Run `pivo reindex` again.' });
  },
});
