// The activities of a restore: how long each may take, how often it is tried, and on whose queue.
import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';

/** A worker that is silent for this long is lost; its acts beat several times as often. */
const HEARTBEAT_TIMEOUT = '5 seconds';
/** A worker takes a task of its own queue at once, also when it was restarted a moment ago; after this it is gone. */
const WORKER_TAKES_TASK_IN = '10 seconds';

const SOME_TIMES = { initialInterval: '500 milliseconds', backoffCoefficient: 2, maximumInterval: '30 seconds', maximumAttempts: 6 } as const;
/** What was done is told, however long the event log is down. */
const UNTIL_DONE = { initialInterval: '500 milliseconds', backoffCoefficient: 2, maximumInterval: '1 minute' } as const;

/** Looks, any worker may take. */
export const looking = proxyActivities<Pick<Activities, 'planRestore' | 'recheckPlan'>>({
  startToCloseTimeout: '2 hours',
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  retry: SOME_TIMES,
});

/** The audit record of what was done. */
export const telling = proxyActivities<Pick<Activities, 'recordAudit'>>({
  startToCloseTimeout: '10 seconds',
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  retry: UNTIL_DONE,
});

/** The audit record of what was not done: the run's end does not wait for ever for it. */
export const tellingSoon = proxyActivities<Pick<Activities, 'recordAudit'>>({
  startToCloseTimeout: '10 seconds',
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
