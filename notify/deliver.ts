// One request of one delivery: its template, its message, its answer.
import { readFile, stat } from 'node:fs/promises';
import { isPivoError, PivoError } from '../contract/failures.ts';
import type { DeliveryOrder } from '../contract/notification.ts';
import type { Answer } from './answer.ts';
import { checkNames, DEFAULT_TEMPLATE, messageOf } from './message.ts';
import { send } from './send.ts';
import type { NotifyTarget } from './settings.ts';
import { parseTemplate, type Template } from './template.ts';

const LARGEST_TEMPLATE = 64 * 1024;

/** The template of a target. Fails with InvalidInput or NotFound that name the file. */
export async function templateOf({ template }: NotifyTarget): Promise<Template> {
  if (template === undefined) return DEFAULT_TEMPLATE;
  const size = await stat(template).then(({ size: bytes }) => bytes, () => null);
  if (size === null) throw new PivoError('NotFound', `there is no template ${template}`, { hint: '`template` is a path below PIVO_HOME.' });
  if (size > LARGEST_TEMPLATE) throw new PivoError('InvalidInput', `the template ${template} is larger than ${LARGEST_TEMPLATE} bytes`);
  return parseTemplate(await readFile(template, 'utf8'), `the template ${template}`);
}

/** Checks what can be checked before anything happens: that the template is there and names only what its events have. Fails as `templateOf` and with InvalidInput. */
export async function checkTarget(target: NotifyTarget): Promise<void> {
  checkNames(await templateOf(target), { events: [...target.events, 'test'], token: target.carries.token }, `the template of ${target.name}`);
}

/** Sends the order once. What is wrong at this end is an answer too; fails only with the signal's reason when that aborts. */
export async function attempt(target: NotifyTarget, { id, notification }: Pick<DeliveryOrder, 'id' | 'notification'>, signal: AbortSignal): Promise<Answer> {
  try {
    const template = await templateOf(target);
    const secrets = target.secrets();
    const inBody = template.names.includes('token');
    const body = messageOf(template, { id, target: target.name, notification, token: secrets.token });
    return await send(target, secrets, { id, body, bearer: !inBody }, signal);
  } catch (error) {
    if (!isPivoError(error)) throw error;
    return { status: null, failure: `not sent: ${error.message}`, retryAfter: null, hint: error.hint ?? null };
  }
}
