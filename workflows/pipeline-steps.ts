// The activities of a pipeline: how long each may take, and how often it is tried.
import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import { workerQueue } from '../contract/names.ts';

type Steps = Pick<Activities, 'proposePipeline' | 'findCommitPlace' | 'commitPipeline' | 'requestPipelineMerge' | 'lookAtPipeline' | 'readJobLog' | 'keepPipeline'>;

/** On the queue of the worker that keeps the proposal. A forge that cannot be had now is the workflow's to wait for: see patiently.ts. */
export function stepsOf(worker: string | undefined): Steps {
  return proxyActivities<Steps>({
    ...(worker === undefined ? {} : { taskQueue: workerQueue(worker) }),
    startToCloseTimeout: '1 hour',
    heartbeatTimeout: '5 seconds',
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: { initialInterval: '500 milliseconds', backoffCoefficient: 2, maximumInterval: '30 seconds', maximumAttempts: 6, nonRetryableErrorTypes: ['Unavailable'] },
  });
}
