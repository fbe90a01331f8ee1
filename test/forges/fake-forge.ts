// What the fake GitLab and the fake GitHub share: a loopback server with routes, a token, faults, limits and a record of what was asked.
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JobState } from '../../contract/pipeline.ts';
import { GitModel } from './git-model.ts';

export const TOKEN = 'canary-token-0123456789';
export const OWNER = 'acme';
export const NAME = 'shop';

export interface Asked {
  method: string;
  /** The template of the route, such as `GET /projects/{id}`. */
  route: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: unknown;
  /** The decoded values of the template, in its order. */
  parts: string[];
}

export interface Answer {
  status: number;
  /** JSON, or text and bytes as they are. */
  body?: unknown;
  headers?: Record<string, string>;
}

export type Routes = Record<string, (asked: Asked) => Answer>;

/** What goes wrong once, at the first request that it is for (any, where it does not say). */
export interface Fault {
  on?: string | ((asked: Asked) => boolean);
  /** Instead of the route's answer. */
  answer?: Answer;
  /** The connection breaks before the route acts, after it acted, or in the midst of its answer. */
  reset?: 'before' | 'after' | 'within';
  /** No answer at all. */
  hang?: true;
  /** Somebody else acts before the route does. */
  act?: () => void;
}

/** A run of a pipeline in neutral words. */
export interface FakeRun {
  id: number;
  branch: string;
  commit: string;
  state: JobState;
  /** GitHub only: one commit has a run for each workflow. */
  workflow?: { id: number; name: string };
  jobs: { id: number; name: string; stage: string; state: JobState; seconds: number | null; log?: Uint8Array }[];
}

export interface FakeRequest {
  number: number;
  source: string;
  target: string;
  title: string;
  body: string;
  state: 'open' | 'closed';
}

/** What a fake keeps, for its routes and for tests to look at. */
export interface ForgeState {
  git: GitModel;
  defaultBranch: string;
  runs: FakeRun[];
  requests: FakeRequest[];
  /** Variables of pipelines; GitHub keeps secrets only. */
  variables: { name: string; masked: boolean }[];
  /** Base of the API. */
  api: string;
  /** Where pages for people are. */
  web: string;
}

export interface FakeForge extends ForgeState {
  asked: Asked[];
  /** What was wrong with requests or with the fake's own answers; a test ends with none. */
  wrong: string[];
  fault(...faults: Fault[]): void;
  /** Refuses everything with its rate limit until `lift`: it says to come back after these seconds. */
  limit(seconds: number): void;
  lift(): void;
  /** Resolves with the next request of a route. */
  next(route: string): Promise<unknown>;
  close(): Promise<void>;
}

export interface FakeKind {
  prefix: string;
  routes(state: ForgeState): Routes;
  /** The answer to who has no token. */
  unauthorized: Answer;
  /** Who has none may read, too. */
  open?: true;
  /** The answer to who asks too often, and the second (since 1970) from which on they may again. */
  limited(reset: number): Answer;
  /** Headers of every answer. */
  headers: Record<string, string>;
  /** Completes an answer, and says what is wrong with it or with the request. */
  referee?: (asked: Asked, answer: Answer) => { answer: Answer; wrong: string[] };
}

/** Templates as OpenAPI has them; a path, a ref or a project may hold slashes. */
function matcherOf(route: string, prefix: string): (method: string, path: string) => string[] | null {
  const [method, template = ''] = route.split(' ');
  const pattern = new RegExp(`^${prefix}${template.replace(/\{(\w+)\}/g, (_, name: string) => (name === 'path' || name === 'ref' ? '(.+)' : '([^/]+)'))}$`);
  return (asked, path) => (asked === method ? (pattern.exec(path)?.slice(1).map(decodeURIComponent) ?? null) : null);
}

export async function startFakeForge(kind: FakeKind): Promise<FakeForge> {
  const [asked, wrong, faults]: [Asked[], string[], Fault[]] = [[], [], []];
  let reset: number | null = null;
  const server = createServer((request, response) => void serve(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const web = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const state: ForgeState = { git: new GitModel(), defaultBranch: 'main', runs: [], requests: [], variables: [], api: `${web}${kind.prefix}`, web };
  const routes = Object.entries(kind.routes(state)).map(([route, act]) => ({ route, act, match: matcherOf(route, kind.prefix) }));

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', web);
    const found = routes.flatMap(({ route, act, match }) => {
      const parts = match(request.method ?? '', url.pathname);
      return parts === null ? [] : [{ route, act, parts }];
    })[0];
    const text = await textOf(request);
    const one: Asked = { method: request.method ?? '', route: found?.route ?? '', path: url.pathname, query: url.searchParams, headers: request.headers, body: text === '' ? undefined : JSON.parse(text), parts: found?.parts ?? [] };
    asked.push(one);
    const fault = take(one);
    server.emit(`asked ${one.route}`);
    fault?.act?.();
    if (fault?.reset === 'before') return void response.destroy();
    if (fault?.hang === true) return;
    const answer = fault?.answer ?? answerOf(one, found?.act);
    if (fault?.reset === 'after') return void response.destroy();
    send(response, { ...answer, headers: { ...kind.headers, ...answer.headers } }, fault?.reset === 'within');
  }

  function take(one: Asked): Fault | undefined {
    const at = faults.findIndex(({ on }) => on === undefined || (typeof on === 'string' ? on === one.route : on(one)));
    return at === -1 ? undefined : faults.splice(at, 1)[0];
  }

  function answerOf(one: Asked, act: ((asked: Asked) => Answer) | undefined): Answer {
    if (one.headers.authorization !== `Bearer ${TOKEN}` && (kind.open !== true || one.headers.authorization !== undefined)) return kind.unauthorized;
    if (reset !== null) return kind.limited(reset);
    if (act === undefined) {
      wrong.push(`no such route: ${one.method} ${one.path}`);
      return { status: 404, body: { message: 'Not Found' } };
    }
    const answer = act(one);
    const checked = kind.referee?.(one, answer);
    wrong.push(...(checked?.wrong ?? []));
    return checked?.answer ?? answer;
  }

  return Object.assign(state, {
    asked,
    wrong,
    fault: (...more: Fault[]) => void faults.push(...more),
    limit: (seconds: number) => void (reset = Math.ceil(Date.now() / 1000) + seconds),
    lift: () => void (reset = null),
    next: (route: string) => once(server, `asked ${route}`),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  });
}

function send(response: ServerResponse, { status, body, headers }: Answer, broken: boolean): void {
  const raw = body instanceof Uint8Array || typeof body === 'string';
  const bytes = body === undefined ? Buffer.alloc(0) : Buffer.from(raw ? body : JSON.stringify(body));
  response.writeHead(status, { 'content-type': raw ? 'text/plain' : 'application/json', 'content-length': String(bytes.length), ...headers });
  if (broken) response.write(bytes.subarray(0, bytes.length / 2), () => response.destroy());
  else response.end(bytes);
}

async function textOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString('utf8');
}
