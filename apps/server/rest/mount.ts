// Mounts the routes on a Hono application: rights, input, the operation, its answer.
import { Readable } from 'node:stream';
import type { Context, Hono } from 'hono';
import { hasContent, type WithContent } from '../content.ts';
import { RESULT_HEADER } from '../protocol.ts';
import { publicReport, Refusal } from '../problem.ts';
import { isAtLeast, LEAST_ROLE, callerOf, mustBe, type Visitor } from '../access/roles.ts';
import type { Rate } from '../access/limits.ts';
import { isPivoError, PivoError } from '../../../contract/failures.ts';
import type { Log } from '../../../contract/log.ts';
import { parseInput } from '../../../contract/validation.ts';
import type { Operation, OperationContext, RunOptions } from '../../../operations/operation.ts';
import { eventStream } from './events.ts';
import { bytesOf, fromBody, fromPath, fromQuery, joined, pathFields } from './input.ts';
import { ROUTES, type Route } from './routes.ts';

export const API = '/api/v1';

/** What the door knows of each request. */
export interface WebEnvironment {
  Variables: {
    visitor: Visitor;
    /** Who is counted for rates. */
    client: string;
    /** Aborts when the client has gone. */
    signal: AbortSignal;
    /** Keeps the request's seat beyond its handler; the result gives it back. */
    keep: () => () => void;
  };
}

export interface RestOptions {
  /** The operation of that name; fails with NotFound. */
  load(name: string): Promise<Operation>;
  context: OperationContext;
  /** Of costly requests, by client. */
  rate: Rate;
  log: Log;
}

/** Adds every route of the table. */
export function mountRest(app: Hono<WebEnvironment>, options: RestOptions): void {
  for (const route of ROUTES) app.on(route.method, patternOf(route), (c) => answer(c, route, options));
  for (const [pattern, routes] of Map.groupBy(ROUTES, patternOf)) {
    const allow = routes.map(({ method }) => method).join(', ');
    app.all(pattern, ({ req }) => {
      throw new Refusal(405, 'InvalidInput', `${req.method} is not possible here, but ${allow} is`, { headers: { allow } });
    });
  }
}

const patternOf = ({ path }: Route): string => `${API}${path.replaceAll(/\{([^}]+)\}/g, ':$1')}`;

async function answer(c: Context<WebEnvironment>, route: Route, { load, context, rate, log }: RestOptions): Promise<Response> {
  const operation = await loaded(route, load);
  const visitor = c.get('visitor');
  mustBe(visitor, route.least ?? LEAST_ROLE[operation.kind], `${route.method} ${route.path}`);
  if (route.costly === true) rate.spend(c.get('client'));
  const path = fromPath(operation, Object.fromEntries(pathFields(route.path).map((field) => [field, c.req.param(field) ?? ''])));
  const body = bytesOf(c.req.raw, route);
  const rest = route.method === 'POST' && body === undefined ? await fromBody(c.req.raw) : fromQuery(operation, new URL(c.req.url).searchParams);
  const asked = joined(route, path, rest);
  checkReserved(visitor, asked);
  const input = parseInput(operation.input, asked, 'input');
  const as = { ...context, caller: callerOf(visitor) };
  const run = (options: RunOptions): Promise<unknown> => operation.run(as, input, body === undefined ? options : { ...options, body });
  if (route.events === true || wantsEvents(c)) return streamed(c, run, log, operation.name);
  const result = await run({ signal: c.get('signal'), onProgress: () => {} });
  return hasContent(result) ? contentResponse(result) : c.json(result ?? null, route.status ?? 200, { 'cache-control': 'no-store' });
}

/** Fails with a 501 where this PIVO has the address but not what is behind it. */
async function loaded({ operation, path }: Route, load: RestOptions['load']): Promise<Operation> {
  try {
    return await load(operation);
  } catch (error) {
    if (!isPivoError(error, 'NotFound')) throw error;
    throw new Refusal(501, 'Unavailable', `${API}${path} is not part of this PIVO`, { hint: 'A later version may have it.', cause: error });
  }
}

/** A stored secret goes where its user says, and skipping the approval is a decision: both are more than to start something. Fails with NotAllowed. */
function checkReserved(visitor: Visitor, input: Record<string, unknown>): void {
  if (input['credential'] !== undefined && !isAtLeast(visitor.role, 'operator')) mustBe(visitor, 'operator', 'use a stored credential');
  if (input['yes'] === true) mustBe(visitor, 'owner', 'restore without approval');
}

const wantsEvents = (c: Context): boolean => (c.req.header('accept') ?? '').includes('text/event-stream');

function streamed(c: Context<WebEnvironment>, run: (options: RunOptions) => Promise<unknown>, log: Log, name: string): Response {
  const gone = new AbortController();
  const free = c.get('keep')();
  const giveUp = (): void => gone.abort(new PivoError('Cancelled', 'the client went away'));
  c.get('signal').addEventListener('abort', giveUp, { once: true });
  const onFailure = (error: unknown): void => {
    if (publicReport(error).kind === 'Internal') log.error({ error, operation: name }, 'an operation failed unexpectedly');
  };
  return eventStream((onProgress) => run({ signal: gone.signal, onProgress }), onFailure, () => {
    free();
    giveUp();
  });
}

/** Bytes of a repository: never a page of this server, whatever they hold. */
function contentResponse({ content, ...rest }: WithContent & { path?: string; bytes?: number }): Response {
  const name = encodeURIComponent(rest.path?.split('/').at(-1) ?? 'file').replaceAll("'", '%27');
  return new Response(Readable.toWeb(Readable.from(content, { objectMode: false })) as ReadableStream<Uint8Array>, {
    headers: {
      'content-type': 'application/octet-stream',
      'content-disposition': `attachment; filename*=UTF-8''${name}`,
      'content-security-policy': "default-src 'none'; sandbox",
      'cache-control': 'no-store',
      ...(rest.bytes === undefined ? {} : { 'content-length': String(rest.bytes) }),
      [RESULT_HEADER]: encodeURIComponent(JSON.stringify(rest)),
    },
  });
}
