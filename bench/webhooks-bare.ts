// Entry of what webhooks are measured beside: a Hono route that checks the HMAC of a body and does nothing with it.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';

const secret = process.argv[2] ?? '';

const app = new Hono();
app.post('/hook', async (c) => {
  const body = Buffer.from(await c.req.arrayBuffer());
  const given = Buffer.from((c.req.header('x-hub-signature-256') ?? '').slice('sha256='.length), 'hex');
  const right = createHmac('sha256', secret).update(body).digest();
  return given.length === right.length && timingSafeEqual(given, right) ? c.json({ accepted: true }, 202) : c.json({}, 401);
});
serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => process.send?.({ port }));
process.once('disconnect', () => process.exit());
