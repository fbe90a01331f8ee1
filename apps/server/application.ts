// The HTTP application: guard, REST with its description, git remote, MCP, health, and the console's files last.
import { Hono, type MiddlewareHandler } from 'hono';
import { compress } from 'hono/compress';
import { PivoError } from '../../contract/failures.ts';
import type { Log } from '../../contract/log.ts';
import type { Operation, OperationContext } from '../../operations/operation.ts';
import type { WebhookReceiver } from '../../operations/webhook-receiver.ts';
import type { RequestTracing } from '../../stack/tracing.ts';
import { mountGuard } from './access/guard.ts';
import { checkNames, type Names } from './access/hosts.ts';
import { createRate, createSeats } from './access/limits.ts';
import type { TokenCheck } from './access/tokens.ts';
import { mountHealth } from './health.ts';
import { mountMcp, type McpServerFactory } from './mcp.ts';
import { mountGitRemote } from './remote/mount.ts';
import { API, mountRest, type WebEnvironment } from './rest/mount.ts';
import { mountOpenApi } from './rest/openapi.ts';
import { mountStatic } from './static.ts';
import { mountWebhooks } from './forge/mount.ts';

export interface ApplicationOptions {
  /** The operation of that name; fails with NotFound. */
  load(name: string): Promise<Operation>;
  context: OperationContext;
  log: Log;
  names: Names;
  tokens: TokenCheck;
  /** Folder with the built console; null for none. */
  console: Promise<string | null>;
  /** Makes the MCP server of one request; null where there is none. */
  mcp: McpServerFactory | null;
  /** Text of `/metrics` (Prometheus exposition format); null where there is none. */
  metrics: (() => Promise<string>) | null;
  /** Takes what forges send; missing: nobody does. */
  webhooks?: WebhookReceiver;
  limits?: Partial<Limits>;
  /** Where tracing is on. */
  trace?: RequestTracing | undefined;
}

/** Bounds that hold for the whole server. */
export interface Limits {
  /** Requests at once, streams included. */
  requests: number;
  /** Clones at once; more wait for their turn. */
  clones: number;
  /** Costly requests of one client in a row, and how many more each second. */
  burst: number;
  perSecond: number;
}

export const LIMITS: Limits = { requests: 256, clones: 4, burst: 60, perSecond: 2 };

export function createApplication(options: ApplicationOptions): Hono<WebEnvironment> {
  const { log, names, tokens } = options;
  const limits = { ...LIMITS, ...options.limits };
  const app = new Hono<WebEnvironment>();
  if (options.trace !== undefined) app.use('*', tracing(options.trace));
  mountGuard(app, { names: checkNames(names), tokens, log, seats: createSeats('requests', { seats: limits.requests, queue: limits.requests, patience: 10_000 }), wrongTokens: createRate('wrong tokens', { burst: 20, perSecond: 0.5 }) });
  if (options.webhooks !== undefined) mountWebhooks(app, { receiver: options.webhooks, wrong: createRate('wrong signatures', { burst: 20, perSecond: 0.5 }) });
  app.use(`${API}/*`, compress());
  mountRest(app, { ...options, rate: createRate('costly requests', limits) });
  mountOpenApi(app, options.load);
  mountGitRemote(app, { ...options, seats: createSeats('clones', { seats: limits.clones, queue: 32, patience: 30_000 }) });
  mountHealth(app, options);
  if (options.mcp !== null) mountMcp(app, options.mcp);
  mountStatic(app, options.console);
  app.notFound((c) => {
    throw new PivoError('NotFound', `there is nothing at ${c.req.path}`, { hint: `${API}/openapi.json lists the addresses.` });
  });
  return app;
}

/** Names of a span have no query: it may hold what somebody searched for. */
const tracing = (trace: RequestTracing): MiddlewareHandler => (c, next) =>
  trace({ name: `${c.req.method} ${c.req.path}`, traceparent: c.req.header('traceparent') }, async () => {
    await next();
    return c.res.status;
  });
