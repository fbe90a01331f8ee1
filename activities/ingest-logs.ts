// Act: reads logs into the index of this worker's home; an attempt that follows goes on where the one before stopped.
import { PivoError, isPivoError } from '../contract/failures.ts';
import type { IngestLogsRequest, IngestLogsSummary } from '../contract/logs.ts';
import { ingestApart } from '../logs/ingest-apart.ts';
import { dropUploaded } from '../logs/uploads.ts';
import type { ActRun, ActivityDeps } from './act.ts';

/** Fails with NotFound and InvalidInput for what cannot be read, with Unavailable where this worker has no log index. */
export async function ingestLogs({ logIndex, vault }: ActivityDeps, request: IngestLogsRequest, run: ActRun): Promise<IngestLogsSummary> {
  if (logIndex === undefined) throw new PivoError('Unavailable', 'this worker keeps no log index');
  const drop = async (): Promise<void> => {
    if (request.spooled) await dropUploaded(logIndex, request.paths);
  };
  try {
    const summary = await ingestApart({ index: logIndex, request, hideAddresses: vault !== undefined }, run);
    await drop();
    return summary;
  } catch (error) {
    if (run.signal.aborted || (isPivoError(error) && error.permanent)) await drop(); // no attempt follows
    throw error;
  }
}
