// Act: one attempt at one delivery, when its turn has come.
import type { Delivery, DeliveryStatus } from '../../contract/notification.ts';
import { statusAfter, waitBefore, type Answer } from '../../notify/answer.ts';
import { attempt } from '../../notify/deliver.ts';
import type { NotifyTurns } from '../../notify/turns.ts';
import type { ActRun, ActivityDeps, NotifyPorts } from '../act.ts';

export interface DeliveryStep {
  /** Of the delivery. */
  id: string;
  /** A place within the target's rate was given before. */
  kept: boolean;
}

export interface DeliveryProgress {
  /** Null for a delivery that is not known. */
  status: DeliveryStatus | null;
  attempts: number;
  /** Milliseconds until the next step, where the delivery is pending; and whether a place is kept. */
  wait: number;
  kept: boolean;
}

const ended = (status: DeliveryStatus | null, attempts: number): DeliveryProgress => ({ status, attempts, wait: 0, kept: false });

/**
 * Posts once and keeps what came of it, or says when to come back. A receiver that fails is no failure of the act; that fails
 * as DeliveryLog does, and is then done again with the same idempotency key.
 */
export async function postDelivery({ notify }: Pick<ActivityDeps, 'notify'>, { id, kept }: DeliveryStep, run: ActRun, turns: NotifyTurns): Promise<DeliveryProgress> {
  const found = notify?.deliveries.find(id) ?? null;
  if (notify === undefined || found === null) return ended(null, 0);
  const { delivery, notification } = found;
  if (delivery.status !== 'pending') return ended(delivery.status, delivery.attempts);
  const { targets, backoff } = notify;
  const target = targets.find(({ name }) => name === delivery.target);
  if (target === undefined) return keep(notify, delivery, { status: null, failure: 'this target is not configured any more' }, 'dead');
  const turn = turns.take({ target: target.name, rate: target.rate, kept, targets: targets.length });
  if (!('leave' in turn)) return { status: 'pending', attempts: delivery.attempts, ...turn };
  const started = Date.now();
  try {
    const answer = await attempt(target, { id, notification }, run.signal);
    const status = statusAfter(answer, delivery.attempts + 1, target.attempts);
    if (answer.failure !== null) run.log.warn({ delivery: id, target: target.name, event: delivery.event, status, failure: answer.failure, hint: answer.hint }, 'a notification was not delivered');
    return { ...keep(notify, delivery, answer, status, started), wait: status === 'pending' ? waitBefore(delivery.attempts + 1, answer.retryAfter, backoff) : 0 };
  } finally {
    turn.leave();
  }
}

function keep({ deliveries, wake }: NotifyPorts, { id, attempts }: Delivery, { status: answer, failure }: Pick<Answer, 'status' | 'failure'>, status: DeliveryStatus, started = Date.now()): DeliveryProgress {
  deliveries.record(id, { time: new Date(started).toISOString(), milliseconds: Math.max(0, Date.now() - started), answer, failure }, status);
  if (status !== 'pending') wake?.(id);
  return ended(status, attempts + 1);
}
