// Tells the configured targets of something, from workflow code: written down in a moment, delivered by runs of its own.
import { CancellationScope, log, proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import { workerQueue } from '../contract/names.ts';
import type { Notification } from '../contract/notification.ts';
import { reportOf } from './failure.ts';

/** A row in the delivery log; a home that cannot write it for this long is in worse trouble than a notification can tell. */
const queueing = (taskQueue?: string): Pick<Activities, 'queueNotification'> => proxyActivities<Pick<Activities, 'queueNotification'>>({
  ...(taskQueue === undefined ? {} : { taskQueue }),
  scheduleToCloseTimeout: '20 seconds',
  startToCloseTimeout: '5 seconds',
  retry: { initialInterval: '200 milliseconds', backoffCoefficient: 3, maximumAttempts: 4 },
});

/**
 * Tells every target that asked for the event; told again with the same key, nothing is sent twice. Waits until the deliveries
 * are written down, 20 seconds at most, and never for a receiver. Never fails: a notification that cannot be written down is logged.
 * `worker`: the home whose targets are told; missing: that of any worker of the shared queue.
 */
export async function tell(notification: Notification, worker?: string): Promise<void> {
  try {
    await CancellationScope.nonCancellable(() => queueing(worker === undefined ? undefined : workerQueue(worker)).queueNotification(notification));
  } catch (error) {
    log.error('nobody was notified', { event: notification.event, key: notification.key, report: reportOf(error) });
  }
}
