// Workflow `ingestLogs`: reads log files into the log index.
import { ActivityCancellationType, defineQuery, proxyActivities, setCurrentDetails, setHandler } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import type { Progress } from '../contract/ingest.ts';
import { IngestLogsInput, type IngestLogsSummary } from '../contract/logs.ts';
import { QUERY, workerQueue } from '../contract/names.ts';
import { endingOf, parseWorkflowInput } from './failure.ts';

/** Beats several times a second with bytes and file; an attempt that follows goes on where the one before stopped. */
const readingOn = (taskQueue?: string): Pick<Activities, 'ingestLogs'> => proxyActivities<Pick<Activities, 'ingestLogs'>>({
  ...(taskQueue === undefined ? {} : { taskQueue }),
  startToCloseTimeout: '1 day',
  heartbeatTimeout: '30 seconds',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute', maximumAttempts: 10 },
});

const statusQuery = defineQuery<Progress>(QUERY.status);

/** A file that cannot be read among others is told in the result, not a failure. Fails with the report of the act that failed. */
export async function ingestLogs(input: unknown): Promise<IngestLogsSummary> {
  const progress: Progress = { phase: 'reading' };
  setHandler(statusQuery, () => progress);
  const request = parseWorkflowInput(IngestLogsInput, input, 'ingestLogs input');
  try {
    const summary = await readingOn(request.worker === undefined ? undefined : workerQueue(request.worker)).ingestLogs(request);
    setCurrentDetails(`${summary.entries} entries of ${summary.added} files; ${summary.known} files were known, ${summary.refused.length} refused`);
    return summary;
  } catch (error) {
    throw endingOf(error);
  }
}
