// Takes what forges send: proves it, reads the push, and puts it into the spool; the door that it comes through only answers.
import { createHash } from 'node:crypto';
import { PivoError, isPivoError } from '../contract/failures.ts';
import type { Log } from '../contract/log.ts';
import type { Frame } from '../contract/spool.ts';
import { checkUrl } from '../git/url.ts';
import { openSpool } from '../spool/folders.ts';
import { openSpoolWriter } from '../spool/writer.ts';
import { rememberDelivered } from '../webhooks/delivered.ts';
import type { ForgeReader, Push, WebhookRequest } from '../webhooks/forge.ts';
import { gitea } from '../webhooks/gitea.ts';
import { github } from '../webhooks/github.ts';
import { gitlab } from '../webhooks/gitlab.ts';
import { jsonOf } from '../webhooks/payload.ts';
import type { WebhookSettings } from '../webhooks/settings.ts';

const READERS: Record<WebhookSettings['forge'], ForgeReader> = { github, gitlab, gitea };

/** `unknown`: no webhook has that name; `wrong`, `stale`: not proven; the others are, and `accepted` is durable. */
export type Received =
  | { outcome: 'unknown' | 'wrong' | 'stale' | 'pong' | 'duplicate' }
  | { outcome: 'ignored'; reason: string }
  | { outcome: 'accepted'; id: string };

export interface WebhookReceiver {
  /**
   * Takes one delivery. Fails with InvalidInput for a body that is no JSON or no push, and with Unavailable
   * when the webhook's secret is not where it should be, or the spool cannot take the push now.
   */
  receive(source: string, request: WebhookRequest): Promise<Received>;
}

export interface ReceiverOptions {
  webhooks: readonly WebhookSettings[];
  /** Of pushes; resolves when the frame is durable. */
  append(frame: Frame): Promise<void>;
  /** Transports an origin may use. */
  protocols: readonly string[];
  log: Log;
  now?: () => number;
}

/** Milliseconds that a push waits for others to share its write with: little beside the write. */
const TOGETHER = { windowMs: 10, maxFrames: 2_000 };

/** A receiver over the spool in the folder `spool`. */
export function openWebhookReceiver({ spool, ...options }: Omit<ReceiverOptions, 'append'> & { spool: string }): WebhookReceiver & { close(): Promise<void> } {
  const { append, close } = openSpoolWriter(openSpool(spool), 'push', TOGETHER);
  return { ...createWebhookReceiver({ ...options, append }), close };
}

/** Secrets are read once: a changed one counts after a restart. */
export function createWebhookReceiver({ webhooks, append, protocols, log, now = Date.now }: ReceiverOptions): WebhookReceiver {
  const known = new Map(webhooks.map((webhook) => [webhook.name, withSecret(webhook, log)]));
  const delivered = rememberDelivered(now);
  const onItsWay = new Map<string, Promise<void>>();
  const take = async (id: string, frame: Frame): Promise<void> => {
    try {
      await append(frame);
      delivered.add(id);
    } catch (error) {
      if (isPivoError(error, 'InvalidInput')) throw error;
      log.warn({ error, id }, 'a push could not be put into the spool; the forge is told to send it again');
      throw new PivoError('Unavailable', 'the spool cannot take the push now', { hint: 'Send it again in a few seconds.', cause: error });
    } finally {
      onItsWay.delete(id);
    }
  };
  return {
    async receive(source, request) {
      const webhook = known.get(source);
      const verdict = READERS[webhook?.forge ?? 'github'].verify(request, webhook?.secret() ?? DECOY);
      if (webhook === undefined) return { outcome: 'unknown' };
      if (verdict !== 'right') return { outcome: verdict };
      const told = READERS[webhook.forge].read(request, jsonOf(request.body));
      if (told.what === 'ping') return { outcome: 'pong' };
      if (told.what === 'other') return { outcome: 'ignored', reason: `the event "${told.event}" is no push` };
      const push = withGoodUrls(told.push, protocols);
      if (push === null) return { outcome: 'ignored', reason: 'none of its URLs is one that may be backed up' };
      const id = idOf(webhook, request);
      if (delivered.has(id)) return { outcome: 'duplicate' };
      const before = onItsWay.get(id);
      if (before !== undefined) return before.then(() => ({ outcome: 'duplicate' }));
      const taking = take(id, { kind: 'push', key: push.repository, time: request.now, id, payload: { source, forge: webhook.forge, ...push } });
      onItsWay.set(id, taking);
      await taking;
      return { outcome: 'accepted', id };
    },
  };
}

/** What an unknown webhook's request is checked with, so that it takes as long as a known one's. */
const DECOY = 'the secret of no webhook';

/** A webhook whose secret cannot be read refuses its deliveries; the others go on. */
function withSecret(webhook: WebhookSettings, log: Log): Pick<WebhookSettings, 'name' | 'forge' | 'secret'> {
  const { name, forge } = webhook;
  try {
    const secret = webhook.secret();
    return { name, forge, secret: () => secret };
  } catch (error) {
    if (!isPivoError(error)) throw error;
    log.error({ error, webhook: name }, error.message);
    return { name, forge, secret: unreadable };
  }
}

/** Where the secret should have been is nothing that a stranger is told. */
function unreadable(): never {
  throw new PivoError('Unavailable', 'this webhook cannot check what it is sent', { hint: 'The log of the server says why.' });
}

/** The push with the URLs that the policy for origins allows; null when none is left. */
function withGoodUrls(push: Push, protocols: readonly string[]): Push | null {
  const urls = push.urls.flatMap((url) => allowed(url, protocols));
  return urls.length === 0 ? null : { ...push, urls };
}

function allowed(url: string, protocols: readonly string[]): string[] {
  try {
    return [checkUrl(url, protocols).url];
  } catch (error) {
    if (isPivoError(error, 'UrlRefused')) return [];
    throw error;
  }
}

/** The same for the same delivery of the same webhook; a forge that does not name deliveries is known by what it sent. */
function idOf(webhook: Pick<WebhookSettings, 'name' | 'forge'>, request: WebhookRequest): string {
  const given = READERS[webhook.forge].deliveryOf(request);
  const sum = (what: string | Buffer): string => createHash('sha256').update(what).digest('hex');
  const name = given === undefined ? `body-${sum(request.body)}` : /^[A-Za-z0-9._-]{1,100}$/.test(given) ? given : `id-${sum(given)}`;
  return `${webhook.name}:${name}`;
}
