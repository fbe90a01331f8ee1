// The activities of a pipeline: how long each may take, how often it is tried, and the durable wait that a forge asks for.
import { ActivityCancellationType, proxyActivities, sleep } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import { workerQueue } from '../contract/names.ts';
import { reportOf } from './failure.ts';

/** Seconds between two attempts at a forge that does not say when to come back: the first wait, and the longest. */
const [FIRST_WAIT, LONGEST_WAIT] = [2, 300];
/** Seconds that one step waits altogether. */
const MOST_WAITING = 86_400;

type Steps = Pick<Activities, 'proposePipeline' | 'findCommitPlace' | 'commitPipeline' | 'requestPipelineMerge' | 'lookAtPipeline' | 'readJobLog' | 'keepPipeline'>;

/** On the queue of the worker that keeps the proposal. A forge that cannot be had now is the workflow's to wait for: see `patiently`. */
export function stepsOf(worker: string | undefined): Steps {
  return proxyActivities<Steps>({
    ...(worker === undefined ? {} : { taskQueue: workerQueue(worker) }),
    startToCloseTimeout: '1 hour',
    heartbeatTimeout: '5 seconds',
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: { initialInterval: '500 milliseconds', backoffCoefficient: 2, maximumInterval: '30 seconds', maximumAttempts: 6, nonRetryableErrorTypes: ['Unavailable'] },
  });
}

/**
 * What the step gives, after as many durable waits as it takes: as long as the forge asks for (`facts.retryAfter`, seconds), else longer
 * each time. `waiting` is told until when, and null when a wait is over. Fails as the step does, when waiting does not help or took a day.
 */
export async function patiently<T>(step: () => Promise<T>, waiting: (until: string | null) => void): Promise<T> {
  for (let [next, waited] = [FIRST_WAIT, 0]; ; next = Math.min(next * 2, LONGEST_WAIT)) {
    try {
      return await step();
    } catch (error) {
      const { kind, facts } = reportOf(error);
      const asked = facts?.['retryAfter'];
      const seconds = typeof asked === 'number' && asked > 0 ? asked : next;
      if (kind !== 'Unavailable' || waited + seconds > MOST_WAITING) throw error;
      waiting(new Date(Date.now() + seconds * 1000).toISOString());
      await sleep(seconds * 1000);
      waiting(null);
      waited += seconds;
    }
  }
}
