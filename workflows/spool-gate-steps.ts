// The acts of a spool gate and of a replay: all on the worker whose spool it is, and tried until they are done.
import { ActivityCancellationType, proxyActivities, uuid4 } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import { workerQueue } from '../contract/names.ts';
import type { SpoolKind } from '../contract/spool.ts';

/** Longer than a gate may wait for records: a day. */
const LONGEST_ACT = '2 days';
/** Acts beat twice a second. */
const HEARTBEAT_TIMEOUT = '10 seconds';

type Steps = Pick<Activities, 'awaitSpoolOpening' | 'claimSegments' | 'storeSegments' | 'settleSegments' | 'requestPushBackups' | 'nextArchivedBatches' | 'replayArchived'>;

/** What waits in the spool is never given up: a database that is away, or a disk that is full, is waited for. */
export function stepsOn(worker: string): Steps {
  return proxyActivities<Steps>({
    taskQueue: workerQueue(worker),
    startToCloseTimeout: LONGEST_ACT,
    heartbeatTimeout: HEARTBEAT_TIMEOUT,
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: { initialInterval: '500 milliseconds', backoffCoefficient: 2, maximumInterval: '30 seconds' },
  });
}

/** A new tag, `{kind}-{time}-{random}`: sorted by name, batches are in the order of their opening. */
export const newTag = (kind: SpoolKind, opened: Date): string => `${kind}-${String(opened.getTime()).padStart(13, '0')}-${uuid4().replaceAll('-', '').slice(0, 12)}`;
