// Operation `notify-test`: sends a test notification at once and tells what the receivers answered.
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { isPivoError, PivoError } from '../contract/failures.ts';
import type { Notification } from '../contract/notification.ts';
import type { Answer } from '../notify/answer.ts';
import { attempt, checkTarget, unsent } from '../notify/deliver.ts';
import { deliveryId } from '../notify/orders.ts';
import type { NotifyTarget } from '../notify/settings.ts';
import { defineOperation } from './operation.ts';

export interface TestedTarget {
  target: string;
  place: string | null;
  delivered: boolean;
  /** HTTP status or SMTP reply code; null when no answer came. */
  answer: number | null;
  /** How a mail server says that it took the message; null where it does not, and of webhooks. */
  said: string | null;
  /** Why it was not delivered, and what to do. */
  failure: string | null;
  hint: string | null;
  milliseconds: number;
}

export const notifyTest = defineOperation({
  name: 'notify-test',
  description: 'Sends a test notification to one target or to all, now and once, and tells what each receiver answered.',
  kind: 'decides',
  input: z.strictObject({ target: z.string().min(1).max(100).optional() }),
  async run({ notify = [], caller }, { target }, { signal }): Promise<TestedTarget[]> {
    const chosen = target === undefined ? notify : notify.filter(({ name }) => name === target);
    if (chosen.length === 0) throw noTarget(target, notify);
    const notification: Notification = { event: 'test', key: `test:${randomUUID()}`, time: new Date().toISOString(), repository: null, facts: { by: caller.user } };
    return Promise.all(chosen.map((each) => test(each, notification, signal)));
  },
});

function noTarget(target: string | undefined, all: readonly NotifyTarget[]): PivoError {
  if (all.length === 0) return new PivoError('NotFound', 'no target of notifications is configured', { hint: 'Add a table [[notify]] with name and url or email to config.toml, and start PIVO again.' });
  return new PivoError('NotFound', `there is no target "${target}"`, { hint: `Targets: ${all.map(({ name }) => name).join(', ')}.` });
}

async function test(target: NotifyTarget, notification: Notification, signal: AbortSignal): Promise<TestedTarget> {
  const started = performance.now();
  const { status, failure, hint, said = null } = await send(target, notification, signal);
  return { target: target.name, place: target.place, delivered: failure === null, answer: status, said, failure, hint, milliseconds: Math.round(performance.now() - started) };
}

/** A template that names what is not there is told before anything is sent. */
async function send(target: NotifyTarget, notification: Notification, signal: AbortSignal): Promise<Answer> {
  try {
    await checkTarget(target);
  } catch (error) {
    if (!isPivoError(error)) throw error;
    return unsent(error);
  }
  return attempt(target, { id: deliveryId(target.name, notification.key), notification }, signal);
}
