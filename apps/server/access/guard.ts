// What holds for every request: names, rights, security headers, seats; failures become problem documents.
import type { Context, Hono, MiddlewareHandler } from 'hono';
import type { HttpBindings } from '@hono/node-server';
import { problemOf, publicReport } from '../problem.ts';
import { PivoError } from '../../../contract/failures.ts';
import type { Log } from '../../../contract/log.ts';
import type { WebEnvironment } from '../rest/mount.ts';
import { isWebhook } from '../forge/address.ts';
import { hostOf, isLoopback, type NameCheck } from './hosts.ts';
import type { Rate, Seats } from './limits.ts';
import { visitorOf, type TokenCheck } from './tokens.ts';

export interface GuardOptions {
  names: NameCheck;
  tokens: TokenCheck;
  seats: Seats;
  /** Of wrong tokens, by address. */
  wrongTokens: Rate;
  log: Log;
}

/** No inline script, no eval, nothing from elsewhere, no frame around it (CSP level 3). */
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const HEADERS: Record<string, string> = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
};

/** Addresses that need no rights: whether it lives, and the console's own files. */
const OPEN = /^\/(?!api\/|git\/|mcp(?:\/|$)|metrics(?:\/|$))/;

/** Adds the guard before, and the failures after everything that is mounted later. */
export function mountGuard(app: Hono<WebEnvironment>, options: GuardOptions): void {
  app.onError((error, c) => {
    if (publicReport(error).kind === 'Internal') options.log.error({ error, path: c.req.path }, 'a request failed unexpectedly');
    return withHeaders(c, problemOf(error));
  });
  app.use('*', headers);
  app.use('*', guard(options));
}

const headers: MiddlewareHandler = async (c, next) => {
  await next();
  withHeaders(c, c.res);
};

function withHeaders(c: Context, response: Response): Response {
  for (const [name, value] of Object.entries(HEADERS)) if (!response.headers.has(name)) response.headers.set(name, value);
  const origin = c.get('origin') as string | null | undefined;
  if (typeof origin === 'string') for (const [name, value] of Object.entries(corsHeaders(origin))) response.headers.set(name, value);
  return response;
}

const corsHeaders = (origin: string): Record<string, string> => ({ 'access-control-allow-origin': origin, vary: 'Origin', 'access-control-expose-headers': 'Retry-After, X-Pivo-Result', 'cross-origin-resource-policy': 'cross-origin' });

function guard({ names, tokens, seats, wrongTokens }: GuardOptions): MiddlewareHandler {
  return async (c, next) => {
    const host = c.req.header('host') ?? '';
    names.checkHost(host);
    c.set('origin', names.checkOrigin(c.req.header('origin'), host));
    if (c.req.method === 'OPTIONS') return preflight();
    const { incoming, outgoing } = c.env as HttpBindings;
    const { remoteAddress = '' } = incoming.socket;
    c.set('client', remoteAddress);
    if (isWebhook(c.req.method, c.req.path)) return next(); // its right is a signature, and its seats are its own
    c.set('signal', signalOf(outgoing));
    if (!OPEN.test(c.req.path)) identify(c, remoteAddress, tokens, wrongTokens);
    const free = await seats.take(c.get('signal'));
    let kept = false;
    c.set('keep', () => {
      kept = true;
      return free;
    });
    try {
      return await next();
    } finally {
      if (!kept) free();
    }
  };
}

/** Aborts when the client has gone, or has its answer. */
function signalOf(outgoing: HttpBindings['outgoing']): AbortSignal {
  const gone = new AbortController();
  outgoing.once('close', () => gone.abort(new PivoError('Cancelled', 'the client went away')));
  return gone.signal;
}

/** Fails with a 401, and with a 429 after too many of them. */
function identify(c: Context, address: string, tokens: TokenCheck, wrongTokens: Rate): void {
  const authorization = c.req.header('authorization');
  try {
    const visitor = visitorOf({ authorization, direct: isDirect(c, address) }, tokens, c.req.path.startsWith('/git/') ? 'Basic' : 'Bearer');
    c.set('visitor', visitor);
    c.set('client', `${visitor.user} ${address}`);
  } catch (error) {
    if (authorization !== undefined) wrongTokens.spend(address);
    throw error;
  }
}

/** From this machine, to a loopback name, through no proxy: a proxy's clients are not this machine's. */
function isDirect(c: Context, address: string): boolean {
  const { localAddress = '' } = (c.env as HttpBindings).incoming.socket;
  const forwarded = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'].some((name) => c.req.header(name) !== undefined);
  return isLoopback(address) && isLoopback(localAddress) && isLoopback(hostOf(c.req.header('host') ?? '')) && !forwarded;
}

/** What pages of an allowed origin may send. */
const preflight = (): Response =>
  new Response(null, { status: 204, headers: { 'access-control-allow-methods': 'GET, POST, DELETE', 'access-control-allow-headers': 'Authorization, Content-Type, Last-Event-ID, Mcp-Protocol-Version, Mcp-Session-Id', 'access-control-max-age': '600' } });
