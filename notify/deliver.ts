// One request of one delivery: its template, its message, its answer.
import { readFile, stat } from 'node:fs/promises';
import { isPivoError, PivoError } from '../contract/failures.ts';
import type { DeliveryOrder } from '../contract/notification.ts';
import type { Answer } from './answer.ts';
import { checkNames, DEFAULT_TEMPLATE, messageOf } from './message.ts';
import { checkMailTemplate, DEFAULT_MAIL, mailOf, MAIL_NAMES } from './email/message.ts';
import { sendMail } from './email/send.ts';
import { send } from './send.ts';
import type { EmailTarget, NotifyTarget, WebhookTarget } from './settings.ts';
import { parseTemplate, type Template } from './template.ts';

const LARGEST_TEMPLATE = 64 * 1024;

/** The template of a target. Fails with InvalidInput or NotFound that name the file. */
export async function templateOf({ template, kind }: NotifyTarget): Promise<Template> {
  if (template === undefined) return kind === 'email' ? DEFAULT_MAIL : DEFAULT_TEMPLATE;
  const size = await stat(template).then(({ size: bytes }) => bytes, () => null);
  if (size === null) throw new PivoError('NotFound', `there is no template ${template}`, { hint: '`template` is a path below PIVO_HOME.' });
  if (size > LARGEST_TEMPLATE) throw new PivoError('InvalidInput', `the template ${template} is larger than ${LARGEST_TEMPLATE} bytes`);
  return parseTemplate(await readFile(template, 'utf8'), `the template ${template}`);
}

/** Checks what can be checked before anything happens: that the template is there and names only what its events have. Fails as `templateOf` and with InvalidInput. */
export async function checkTarget(target: NotifyTarget): Promise<void> {
  const what = `the template of ${target.name}`;
  const template = await templateOf(target);
  const events = [...target.events, 'test' as const];
  if (target.kind === 'webhook') return checkNames(template, { events, token: target.carries.token }, what);
  checkMailTemplate(template, what);
  checkNames(template, { events, token: false, more: MAIL_NAMES }, what);
}

type Order = Pick<DeliveryOrder, 'id' | 'notification'>;

/** Sends the order once. What is wrong at this end is an answer too; fails only with the signal's reason when that aborts. */
export async function attempt(target: NotifyTarget, order: Order, signal: AbortSignal): Promise<Answer> {
  try {
    return await (target.kind === 'email' ? mail(target, order, signal) : post(target, order, signal));
  } catch (error) {
    if (!isPivoError(error)) throw error;
    return unsent(error);
  }
}

/** The answer of an attempt that did not leave this end. */
export const unsent = ({ message, hint = null }: Pick<PivoError, 'message'> & { hint?: string | null | undefined }): Answer => ({ status: null, failure: `not sent: ${message}`, mayPass: true, retryAfter: null, hint });

async function post(target: WebhookTarget, { id, notification }: Order, signal: AbortSignal): Promise<Answer> {
  const template = await templateOf(target);
  const secrets = target.secrets();
  const inBody = template.names.includes('token');
  const body = messageOf(template, { id, target: target.name, notification, token: secrets.token });
  return send(target, secrets, { id, body, bearer: !inBody }, signal);
}

async function mail(target: EmailTarget, { id, notification }: Order, signal: AbortSignal): Promise<Answer> {
  const template = await templateOf(target);
  return sendMail(target, target.secrets(), { id, event: notification.event, ...mailOf(template, { id, target: target.name, notification }) }, signal);
}
