// Which targets a notification goes to, and the names of those deliveries.
import { createHash } from 'node:crypto';
import { Notification, type DeliveryOrder } from '../contract/notification.ts';
import { parseInput } from '../contract/validation.ts';
import type { NotifyTarget } from './settings.ts';

/** Most characters of a text among the facts, and of all facts as JSON. */
const LONGEST_TEXT = 4_000;
const LONGEST_FACTS = 64 * 1024;

/** 32 hex digits of the SHA-256 of target and key: the same on every machine, whoever tells it. */
export const deliveryId = (target: string, key: string): string => createHash('sha256').update(`${target}\0${key}`).digest('hex').slice(0, 32);

/** One order for each target that asked for the event. Fails with InvalidInput for what is no notification. */
export function ordersFor(given: Notification, targets: readonly NotifyTarget[]): DeliveryOrder[] {
  const notification = bounded(parseInput(Notification, given, 'notification'));
  return targets.filter(({ events }) => events.includes(notification.event)).map(({ name }) => ({ id: deliveryId(name, notification.key), target: name, notification }));
}

/** Facts of a size that a row, a request and a chat can take. */
function bounded(notification: Notification): Notification {
  const facts = Object.fromEntries(Object.entries(notification.facts).map(([name, value]) => [name, typeof value === 'string' && value.length > LONGEST_TEXT ? `${value.slice(0, LONGEST_TEXT)}…` : value]));
  if (JSON.stringify(facts).length <= LONGEST_FACTS) return { ...notification, facts };
  const short = Object.entries(facts).filter(([, value]) => JSON.stringify(value).length <= LONGEST_TEXT + 8);
  return { ...notification, facts: Object.fromEntries(short.slice(0, LONGEST_FACTS / (LONGEST_TEXT + 16))) };
}
