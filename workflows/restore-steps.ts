// The activities of a restore: how long each may take, how often it is tried, and on whose queue.
import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';

/** A worker that is silent for this long is lost; its acts beat several times as often. */
const HEARTBEAT_TIMEOUT = '5 seconds';
/** A worker takes a task of its own queue at once, also when it was restarted a moment ago; after this it is gone. */
const WORKER_TAKES_TASK_IN = '10 seconds';

const SOME_TIMES = { initialInterval: '500 milliseconds', backoffCoefficient: 2, maximumInterval: '30 seconds', maximumAttempts: 6 } as const;

/** Looks, any worker may take. */
export const looking = proxyActivities<Pick<Activities, 'planRestore' | 'recheckPlan'>>({
  startToCloseTimeout: '2 hours',
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  retry: SOME_TIMES,
});

/** Acts of the one worker that carries the plan out; a cancelled one has ended its git before the run goes on. */
export function stepsOn(taskQueue: string): Pick<Activities, 'reconstruct' | 'pushRefs' | 'proveRestore' | 'discardTarget'> {
  return proxyActivities<Activities>({
    taskQueue,
    scheduleToStartTimeout: WORKER_TAKES_TASK_IN,
    startToCloseTimeout: '24 hours',
    heartbeatTimeout: HEARTBEAT_TIMEOUT,
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: SOME_TIMES,
  });
}
