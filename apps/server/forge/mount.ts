// `POST /api/v1/webhooks/{source}`: what a forge sends is answered once it is durable.
import type { HttpBindings } from '@hono/node-server';
import type { Hono } from 'hono';
import type { Received, WebhookReceiver } from '../../../operations/webhook-receiver.ts';
import { createSeats, type Rate } from '../access/limits.ts';
import { Refusal } from '../problem.ts';
import { API, type WebEnvironment } from '../rest/mount.ts';
import { WEBHOOKS } from './address.ts';
import { createBodies, type BodyBounds } from './body.ts';

interface WebhookOptions {
  receiver: WebhookReceiver;
  /** Of requests that were not proven, by address. */
  wrong: Rate;
}

const MiB = 2 ** 20;

/** GitHub sends 25 MiB at most; a forge gives up after ten seconds. */
const BOUNDS: BodyBounds = { bytes: 25 * MiB, together: 128 * MiB, patience: 10_000 };

/** Seats of their own: whoever sends slowly keeps nobody else from this server. */
const SEATS = { seats: 256, queue: 512, patience: 5_000 };

/** Adds the route. Strangers reach it: what it says of a failure is nothing that they may not know. */
export function mountWebhooks(app: Hono<WebEnvironment>, { receiver, wrong }: WebhookOptions): void {
  const bodies = createBodies(BOUNDS);
  const seats = createSeats('webhooks', SEATS);
  app.post(`${API}${WEBHOOKS}/:source`, async (c) => {
    const { incoming } = c.env as HttpBindings;
    const free = await seats.take();
    try {
      const received = await bodies.with(incoming, (body) => receiver.receive(c.req.param('source'), { headers: incoming.headers, body, now: Date.now() }));
      const [status, answer] = answerOf(received, () => wrong.spend(c.get('client')));
      return c.json(answer, status);
    } finally {
      free();
    }
  });
}

/** `refused` is told of every request that was not proven, and may fail with a 429. */
function answerOf(received: Received, refused: () => void): [status: 200 | 202, answer: object] {
  if (received.outcome === 'pong') return [200, { pong: true }];
  if (received.outcome === 'duplicate') return [200, { duplicate: true }];
  if (received.outcome === 'ignored') return [202, { accepted: false, reason: received.reason }];
  if (received.outcome === 'accepted') return [202, { accepted: true, id: received.id }];
  refused();
  throw REFUSALS[received.outcome]();
}

const REFUSALS = {
  unknown: () => new Refusal(404, 'NotFound', 'there is no such webhook', { hint: 'Its name is that of a [[webhooks]] table of config.toml.' }),
  stale: () => new Refusal(401, 'NotAllowed', 'the signature is of another time', { hint: 'Compare the clocks of the forge and of this machine.' }),
  wrong: () => new Refusal(401, 'NotAllowed', 'the signature is not right', { hint: 'Give the forge the secret that this webhook is configured with.' }),
};
