// What PIVO tells other systems of: the events, and the words of one notification and its delivery.
import { z } from 'zod';

/** What a target may be told of. */
export const NotificationEvent = z.enum(['gate.open', 'gate.done', 'embed.start', 'visit.done', 'visit.failed', 'visit.held', 'restore.approval', 'pipeline.approval', 'fleet.done', 'proof.overdue', 'test']);
export type NotificationEvent = z.infer<typeof NotificationEvent>;

/** One thing that happened, told to every target that asked for its event. */
export const Notification = z.strictObject({
  event: NotificationEvent,
  /** Names it for ever: told twice with the same key, it is delivered once to each target. */
  key: z.string().min(1).max(300),
  /** ISO 8601 UTC. */
  time: z.string(),
  repository: z.string().nullable(),
  /** What a template may use, by name; never a secret. */
  facts: z.record(z.string(), z.json()),
});
export type Notification = z.infer<typeof Notification>;

/** `pending`: it is tried, or waits for its next try; `dead`: given up, and kept until a person sends it again. */
export const DeliveryStatus = z.enum(['pending', 'delivered', 'dead']);
export type DeliveryStatus = z.infer<typeof DeliveryStatus>;

/** One notification on its way to one target, in the delivery log of `state.db`. */
export const Delivery = z.strictObject({
  /** Hex, of target and key: the idempotency key that the target is sent, and the Message-ID of a mail. */
  id: z.string(),
  target: z.string(),
  event: NotificationEvent,
  key: z.string(),
  repository: z.string().nullable(),
  status: DeliveryStatus,
  attempts: z.number().int().nonnegative(),
  /** HTTP status or SMTP reply code of the last answer; null when none came. */
  answer: z.number().int().nullable(),
  /** Why the last attempt failed; null when it did not. */
  failure: z.string().nullable(),
  created: z.string(),
  updated: z.string(),
});
export type Delivery = z.infer<typeof Delivery>;

/** A delivery that is to be written down: a notification and one of the targets that asked for it. */
export interface DeliveryOrder {
  /** As `Delivery.id`. */
  id: string;
  target: string;
  notification: Notification;
}

/** One attempt at a delivery. */
export interface DeliveryAttempt {
  /** From 1, over everything that was ever tried for this delivery. */
  number: number;
  /** ISO 8601 UTC. */
  time: string;
  milliseconds: number;
  answer: number | null;
  failure: string | null;
}

/** Port DeliveryLog: where a home keeps what it has to tell whom. Every method fails with Unavailable when that cannot be kept now. */
export interface DeliveryLog {
  /** Writes orders down as pending; one whose id is known stays as it is. How many were new. */
  add(orders: readonly DeliveryOrder[]): number;
  /** A delivery and what it tells; null for an unknown id. */
  find(id: string): { delivery: Delivery; notification: Notification } | null;
  /** Keeps an attempt and what became of the delivery. */
  record(id: string, attempt: Omit<DeliveryAttempt, 'number'>, status: DeliveryStatus): void;
}
