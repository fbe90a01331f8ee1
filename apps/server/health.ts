// Whether the server lives and can work, for those who watch it; and its metrics.
import type { Hono } from 'hono';
import type { OperationContext } from '../../operations/operation.ts';
import type { WebEnvironment } from './rest/mount.ts';

interface HealthOptions {
  context: OperationContext;
  metrics: (() => Promise<string>) | null;
}

/** `/healthz`: this process answers. `/readyz`: so does the archive; Temporal's absence stops starting, not reading. `/metrics`. */
export function mountHealth(app: Hono<WebEnvironment>, { context, metrics }: HealthOptions): void {
  app.get('/healthz', (c) => c.json({ ok: true }));
  app.get('/readyz', async (c) => {
    const [store, temporal] = await Promise.all([answers(() => context.store.list('backups')), answers(() => context.temporal())]);
    return c.json({ ready: store, store, temporal }, store ? 200 : 503);
  });
  if (metrics !== null) app.get('/metrics', async (c) => c.body(await metrics(), 200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }));
}

const answers = (ask: () => Promise<unknown>): Promise<boolean> => ask().then(() => true, () => false);
