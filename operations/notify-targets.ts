// Operation `notify-targets`: who is told of what, without any secret.
import { z } from 'zod';
import type { NotificationEvent } from '../contract/notification.ts';
import { isPivoError } from '../contract/failures.ts';
import { checkTarget } from '../notify/deliver.ts';
import { recipientsOf, type NotifyTarget } from '../notify/settings.ts';
import { defineOperation } from './operation.ts';

export interface TargetState {
  target: string;
  /** Scheme, host and port; null where the whole URL is a secret. */
  place: string | null;
  /** Whom it is mailed to; nobody where it is posted. */
  to: string[];
  events: readonly NotificationEvent[];
  template: string | null;
  /** It proves itself by a bearer token; of mail: by user and password. */
  token: boolean;
  signed: boolean;
  rate: number;
  attempts: number;
  /** What is wrong with its settings; null when nothing is. */
  problem: { message: string; hint: string | null } | null;
}

export const notifyTargets = defineOperation({
  name: 'notify-targets',
  description: 'Lists the targets of notifications with their events and limits, and what is wrong with their settings.',
  kind: 'reads',
  input: z.strictObject({}),
  async run({ notify = [] }): Promise<TargetState[]> {
    return Promise.all(notify.map(stateOf));
  },
});

async function stateOf(target: NotifyTarget): Promise<TargetState> {
  const { name, place, events, template = null, rate, attempts } = target;
  const { token, signature } = target.kind === 'webhook' ? target.carries : { token: target.mail.user !== null, signature: false };
  return { target: name, place, to: recipientsOf(target), events, template, token, signed: signature, rate, attempts, problem: await problemOf(target) };
}

async function problemOf(target: NotifyTarget): Promise<TargetState['problem']> {
  try {
    await checkTarget(target);
    target.secrets();
    return null;
  } catch (error) {
    if (!isPivoError(error)) throw error;
    return { message: error.message, hint: error.hint ?? null };
  }
}
