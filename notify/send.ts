// Posts one message to one receiver, once, and tells what it answered.
import manifest from '../package.json' with { type: 'json' };
import { passesOverHttp, retryAfterOf, type Answer } from './answer.ts';
import type { TargetSecrets, WebhookTarget } from './settings.ts';
import { signatureHeaders } from './signature.ts';
import { shortLine, withoutSecrets } from './words.ts';

/** Most bytes of an answer that are read. */
const MOST_ANSWER = 64 * 1024;

export interface Message {
  /** The delivery: the receiver's idempotency key. */
  id: string;
  /** JSON. */
  body: string;
  /** The token is sent as a header; else it is in the body. */
  bearer: boolean;
}

/**
 * Posts the message. Redirects are not followed: they could carry the token elsewhere. Never fails because of the receiver;
 * fails with the signal's reason when that aborts.
 */
export async function send(target: WebhookTarget, secrets: TargetSecrets, message: Message, signal: AbortSignal): Promise<Answer> {
  const patience = AbortSignal.timeout(target.timeout * 1000);
  try {
    const response = await fetch(secrets.url, { method: 'POST', redirect: 'manual', headers: headersOf(target, secrets, message), body: message.body, signal: AbortSignal.any([signal, patience]) });
    return await answerOf(response, secrets);
  } catch (error) {
    signal.throwIfAborted();
    const why = patience.aborted ? `no answer within ${target.timeout} s` : `no connection: ${hidden(causeOf(error), secrets)}`;
    return { status: null, retryAfter: null, mayPass: true, failure: why, hint: `Is the receiver at ${new URL(secrets.url).origin} running, and can this machine reach it?` };
  }
}

function headersOf({ headers }: WebhookTarget, { token, secret }: TargetSecrets, { id, body, bearer }: Message): Record<string, string> {
  return {
    ...headers,
    'content-type': 'application/json',
    'user-agent': `pivo/${manifest.version}`,
    'idempotency-key': id,
    ...(token === null || !bearer ? {} : { authorization: `Bearer ${token}` }),
    ...(secret === null ? {} : signatureHeaders(secret, id, Math.floor(Date.now() / 1000), body)),
  };
}

async function answerOf(response: Response, secrets: TargetSecrets): Promise<Answer> {
  const { status, headers } = response;
  if (status >= 200 && status < 300) {
    await response.body?.cancel().catch(() => {}); // it has the message, whatever else it says
    return { status, failure: null, mayPass: false, retryAfter: null, hint: null };
  }
  const words = shortLine(hidden(await beginningOf(response), secrets));
  const redirect = status >= 300 && status < 400;
  const failure = `answered ${status}${redirect ? ', a redirect, which is not followed' : words === '' ? '' : `: ${words}`}`;
  return { status, failure, mayPass: passesOverHttp(status), retryAfter: retryAfterOf(headers.get('retry-after'), Date.now()), hint: hintFor(status, redirect) };
}

function hintFor(status: number, redirect: boolean): string {
  if (redirect) return 'Give the address that it redirects to.';
  if (status === 401 || status === 403) return 'Does the receiver know the token and the secret of this target?';
  if (status === 404 || status === 410) return 'Is the URL complete, and does the receiver still know it?';
  if (status === 429) return 'Set a lower `rate` for this target.';
  return status >= 500 ? 'The receiver has a fault of its own; its log has more.' : 'The receiver does not take this message: does its `template` say what the receiver expects?';
}

/** What came until it was enough, or until it broke off. */
async function beginningOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= MOST_ANSWER) break;
    }
  } catch {
    // the status says enough
  }
  return Buffer.concat(chunks).subarray(0, MOST_ANSWER).toString('utf8');
}

/** The text without the secrets: some receivers repeat what they were sent. */
function hidden(text: string, { url, token, secret }: TargetSecrets): string {
  const { pathname, search, href } = new URL(url);
  return withoutSecrets(text, [token, secret, url, href, `${pathname}${search}`, ...pathname.split('/')]);
}

function causeOf(error: unknown): string {
  const { message, cause } = error as Error & { cause?: { code?: string; message?: string } };
  return cause?.code ?? cause?.message ?? message;
}
