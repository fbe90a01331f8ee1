// The activities of a forge export: all on one worker, whose working file holds what was fetched.
import { ActivityCancellationType, proxyActivities, type ActivityOptions, type RetryPolicy } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';

type Steps = Pick<Activities, 'beginForgeData' | 'fetchForgeStep' | 'fetchForgeAssets' | 'putForgeExport' | 'emitForgeExports'>;

/** A forge that cannot be had now is the workflow's to wait for: see patiently.ts. */
const FETCHING: RetryPolicy = { initialInterval: '500 milliseconds', backoffCoefficient: 2, maximumInterval: '30 seconds', maximumAttempts: 6, nonRetryableErrorTypes: ['Unavailable', 'WorkerLost', 'VisitConflict'] };
/** What is archived is told, however long the event log is down. */
const UNTIL_DONE: RetryPolicy = { initialInterval: '500 milliseconds', backoffCoefficient: 2, maximumInterval: '1 minute', nonRetryableErrorTypes: ['WorkerLost'] };

function onQueue(taskQueue: string): ActivityOptions {
  return {
    taskQueue,
    scheduleToStartTimeout: '10 seconds',
    startToCloseTimeout: '24 hours',
    heartbeatTimeout: '5 seconds',
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  };
}

export const forgeDataSteps = (queue: string): Omit<Steps, 'emitForgeExports'> => proxyActivities<Steps>({ ...onQueue(queue), retry: FETCHING });

export const emitForgeStep = (queue: string): Pick<Steps, 'emitForgeExports'> => proxyActivities<Steps>({ ...onQueue(queue), retry: UNTIL_DONE });
