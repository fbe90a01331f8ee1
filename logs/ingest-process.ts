// Entry: reads logs into the index in a process of its own, so that whoever asked goes on meanwhile. Ends with the process that started it.
import { PivoError, isPivoError, type FailureReport } from '../contract/failures.ts';
import type { Progress } from '../contract/ingest.ts';
import type { IngestLogsRequest, IngestLogsSummary } from '../contract/logs.ts';
import { ingestLogs } from './ingest.ts';
import { openLogsForWriting } from './open.ts';

export interface IngestOrder {
  index: string;
  request: IngestLogsRequest;
  /** Whether entries are stored without addresses. */
  hideAddresses?: boolean;
}

export type IngestNews = { progress: Progress } | { result: IngestLogsSummary } | { failure: FailureReport };

/** Milliseconds between two tellings of progress. */
const TELL_EVERY = 200;

async function carryOut({ index, request, hideAddresses = false }: IngestOrder): Promise<IngestNews> {
  let told = 0;
  const onProgress = (progress: Progress): void => {
    if (performance.now() - told < TELL_EVERY) return;
    told = performance.now();
    process.send?.({ progress } satisfies IngestNews);
  };
  try {
    const db = openLogsForWriting(index);
    try {
      return { result: await ingestLogs(db, request, { signal: new AbortController().signal, onProgress, hideAddresses }) };
    } finally {
      db.close();
    }
  } catch (error) {
    return { failure: (isPivoError(error) ? error : asFailure(error as Error)).report() };
  }
}

/** A full disk will not be emptier the next moment. */
function asFailure(error: NodeJS.ErrnoException): PivoError {
  const full = error.code === 'ENOSPC' || error.code === 'SQLITE_FULL';
  return full ? new PivoError('StorageFull', 'the disk of the log index is full', { hint: 'Free some space and upload again; it goes on where it stopped.' }) : new PivoError('Unavailable', `the logs could not be stored: ${error.message}`);
}

process.once('disconnect', () => process.exit(1)); // rows and position are stored together: the next attempt goes on
process.once('message', (order: IngestOrder) => {
  void carryOut(order).then((news) => process.send?.(news, () => process.exit(0)));
});
