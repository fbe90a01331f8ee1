// Workflow `embedLogs`: makes the vectors of the configured embedder; search goes on with the old ones until all are there.
import { ActivityCancellationType, defineQuery, proxyActivities, setCurrentDetails, setHandler } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import type { Progress } from '../contract/ingest.ts';
import type { EmbedLogsSummary } from '../contract/log-search.ts';
import { QUERY } from '../contract/names.ts';
import { endingOf } from './failure.ts';

/** Tried until the service answers: an attempt that follows goes on behind the last batch. */
const embedding = proxyActivities<Pick<Activities, 'embedLogs'>>({
  startToCloseTimeout: '7 days',
  heartbeatTimeout: '2 minutes',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '5 minutes' },
});

const statusQuery = defineQuery<Progress>(QUERY.status);

/** Fails with the report of the act where trying again cannot help: a key that is refused, a model that is not there. */
export async function embedLogs(): Promise<EmbedLogsSummary> {
  const progress: Progress = { phase: 'embedding' };
  setHandler(statusQuery, () => progress);
  try {
    const summary = await embedding.embedLogs({});
    setCurrentDetails(`${summary.vectors} vectors of ${summary.embedder}`);
    return summary;
  } catch (error) {
    throw endingOf(error);
  }
}
