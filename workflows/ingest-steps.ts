// The activities of an ingest: how long each may take, how often it is tried, and on whose queue.
import { ActivityCancellationType, proxyActivities, type ActivityOptions } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import type { IngestLimits } from '../contract/ingest.ts';

/** A worker that is silent for this long is lost; its acts beat several times as often. */
const HEARTBEAT_TIMEOUT = '5 seconds';
/** A worker takes a task of its own queue at once, also when it was restarted a moment ago; after this it is gone. */
const WORKER_TAKES_TASK_IN = '10 seconds';
const FETCH_MARGIN_SECONDS = 3600;

const SOME_TIMES = { initialInterval: '500 milliseconds', backoffCoefficient: 2, maximumInterval: '30 seconds', maximumAttempts: 5 } as const;
/** What is committed is told, however long the event log is down. */
const UNTIL_DONE = { initialInterval: '500 milliseconds', backoffCoefficient: 2, maximumInterval: '1 minute' } as const;

/** Kinds that a retry of the same step cannot cure: the sequence starts over with a new look at the origin. */
export const STARTS_OVER = ['VisitConflict', 'WorkerLost'];

/** Short acts that any worker may do. */
export const anywhere = proxyActivities<Pick<Activities, 'claimRepository' | 'planIngest' | 'nameWorkerQueue' | 'recordAudit'>>({
  startToCloseTimeout: '10 seconds',
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  retry: SOME_TIMES,
});

/** As `recordAudit` of `anywhere`, for an outcome that must be told. */
export const patiently = proxyActivities<Pick<Activities, 'recordAudit'>>({
  startToCloseTimeout: '10 seconds',
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  retry: UNTIL_DONE,
});

/** Waits as long as the shared run takes. */
export const joining = proxyActivities<Pick<Activities, 'joinIngest'>>({
  startToCloseTimeout: '30 days',
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  retry: { ...SOME_TIMES, maximumAttempts: 100 },
});

function onQueue(taskQueue: string, limits: Pick<IngestLimits, 'seconds'>): ActivityOptions {
  return {
    taskQueue,
    scheduleToStartTimeout: WORKER_TAKES_TASK_IN,
    startToCloseTimeout: `${limits.seconds + FETCH_MARGIN_SECONDS} seconds`,
    heartbeatTimeout: HEARTBEAT_TIMEOUT,
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED, // its git has ended before the run goes on
  };
}

/** Acts on the cache of one worker. */
export function cachedSteps(queue: string, limits: IngestLimits): Pick<Activities, 'fetchOrigin' | 'putPacks' | 'putLfs' | 'putCheckout' | 'putVisit'> {
  return proxyActivities<Activities>({ ...onQueue(queue, limits), retry: { ...SOME_TIMES, nonRetryableErrorTypes: STARTS_OVER } });
}

/** Emits on one worker, within the seconds that somebody gladly waits when the event log is down. */
export function emitSoonStep(queue: string, limits: Pick<IngestLimits, 'seconds'>): Pick<Activities, 'emitVisit'> {
  return proxyActivities<Activities>({ ...onQueue(queue, limits), retry: { ...SOME_TIMES, maximumAttempts: 4, nonRetryableErrorTypes: ['WorkerLost'] } });
}

/** Emits on one worker, for as long as that worker lives. */
export function emitStep(queue: string, limits: Pick<IngestLimits, 'seconds'>): Pick<Activities, 'emitVisit'> {
  return proxyActivities<Activities>({ ...onQueue(queue, limits), retry: { ...UNTIL_DONE, nonRetryableErrorTypes: ['WorkerLost'] } });
}
