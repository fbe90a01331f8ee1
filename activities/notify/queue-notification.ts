// Act: writes down who is to be told of something; the deliveries themselves are runs of their own.
import type { Notification } from '../../contract/notification.ts';
import { ordersFor } from '../../notify/orders.ts';
import type { ActivityDeps } from '../act.ts';

/** How many deliveries are new; where nobody asked for the event nothing is written. Fails with InvalidInput for what is no notification, and as DeliveryLog does. */
export async function queueNotification({ notify }: Pick<ActivityDeps, 'notify'>, notification: Notification): Promise<number> {
  const orders = ordersFor(notification, notify?.targets ?? []);
  if (notify === undefined || orders.length === 0) return 0;
  const added = notify.deliveries.add(orders);
  if (added > 0) notify.wake?.();
  return added;
}
