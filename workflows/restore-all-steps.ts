// The activities of a restore of many: how long each may take, and how often it is tried.
import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';

const SOME_TIMES = { initialInterval: '500 milliseconds', backoffCoefficient: 2, maximumInterval: '30 seconds', maximumAttempts: 6 } as const;
/** A worker that is silent for this long is lost; its acts beat several times as often. */
const HEARTBEAT_TIMEOUT = '5 seconds';

/** Looks at archive and targets, and documents in the store; any worker may take them. */
export const planning = proxyActivities<Pick<Activities, 'chooseRestores' | 'joinPlans' | 'nextMembers' | 'receiptOfMany' | 'keepMemberFailure'>>({
  startToCloseTimeout: '6 hours',
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  retry: SOME_TIMES,
});

/** Asks the forge; what it limits is waited for by the workflow. */
export const atForge = proxyActivities<Pick<Activities, 'planRestores' | 'beginMember' | 'restoreForgeHead'>>({
  startToCloseTimeout: '6 hours',
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  retry: { ...SOME_TIMES, nonRetryableErrorTypes: ['Unavailable'] },
});

/** One Spark application for all of them; cancelled, it has ended before the run goes on. */
export const bySpark = proxyActivities<Pick<Activities, 'reconstructRestores'>>({
  startToCloseTimeout: '48 hours',
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: SOME_TIMES,
});
