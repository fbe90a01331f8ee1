// One HTTP request to a forge's API: with the token, within bounds of time and size, to no other host.
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { isPivoError, PivoError } from '../contract/failures.ts';
import { refusalFailure, withoutToken } from './failures.ts';

/** One forge, and how it is asked. */
export interface ForgeAccess {
  /** As people call it. */
  forge: 'GitLab' | 'GitHub' | 'Gitea';
  /** Base of the API, which ends with "/". */
  api: URL;
  /** Name of the credential; null: it is asked as anybody may. */
  credential: string | null;
  /** Read for each request, so that no process keeps it. All forges take it as `Authorization: Bearer`, GitLab its personal, project and group tokens, too. Missing: as `credential` says. */
  token?(): Promise<string>;
  /** Certificates (PEM) to trust. */
  ca?: readonly string[];
  /** Seconds for an answer, and between two pieces of a log. */
  patience?: number;
}

export interface WireRequest {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
  signal?: AbortSignal;
}

export interface Wire {
  /** The whole answer; 304 where the request has `if-none-match`. Fails as forge.ts says, and with the reason of the signal. */
  ask(url: URL, request?: WireRequest): Promise<Response>;
  /** The answer's bytes as they come. */
  stream(url: URL, options: StreamOptions): AsyncGenerator<Uint8Array>;
}

export interface StreamOptions {
  /** It may send us to one other host, which is asked without the token. */
  elsewhere: boolean;
  headers?: Record<string, string>;
  /** Most bytes. Default: those of a log. */
  largest?: number;
  signal?: AbortSignal | undefined;
}

/** Seconds. */
const PATIENCE = 30;
/** Bytes of an answer, of a refusal, and of a log. */
const LARGEST = { answer: 16 * 2 ** 20, refusal: 64 * 2 ** 10, log: 512 * 2 ** 20 };
const MOST_REDIRECTS = 3;

/** An answer whose body was not read. */
interface Opened {
  url: URL;
  answer: IncomingMessage;
  token: string | null;
}

export function openWire(access: ForgeAccess): Wire {
  const patience = (access.patience ?? PATIENCE) * 1000;

  async function ask(url: URL, request: WireRequest = {}): Promise<Response> {
    return withPatience(access, patience, request.signal, async ({ signal }) => {
      const { answer } = await open(access, url, { ...request, signal });
      const body = await wholeOf(pieces(access, answer, LARGEST.answer));
      if (hasBody(answer)) checkJson(access, answer, body);
      return new Response(hasBody(answer) ? body : null, { status: answer.statusCode ?? 0, headers: headersOf(answer) });
    });
  }

  async function* stream(url: URL, { elsewhere, headers = {}, largest = LARGEST.log, signal }: StreamOptions): AsyncGenerator<Uint8Array> {
    const silence = silenceOf(patience, signal);
    let answer: IncomingMessage | undefined;
    try {
      ({ answer } = await open(access, url, { headers, signal: silence.signal }, elsewhere));
      for await (const piece of pieces(access, answer, largest)) {
        silence.pause();
        yield piece;
        silence.restart();
      }
    } catch (error) {
      throw meaningOf(error, access, patience, { signal, silent: silence.signal.aborted });
    } finally {
      silence.pause();
      answer?.destroy();
    }
  }

  return { ask, stream };
}

const hasBody = ({ statusCode }: IncomingMessage): boolean => ![204, 205, 304].includes(statusCode ?? 0);

/** Another server than the forge's API, such as a page to log in, answers in another way. */
function checkJson({ forge, api }: ForgeAccess, { headers }: IncomingMessage, body: Buffer): void {
  try {
    if (/^application\/(.+\+)?json\b/.test(headers['content-type'] ?? '')) return void JSON.parse(body.toString('utf8'));
  } catch {
    // told below
  }
  throw new PivoError('Unavailable', `${forge} at ${api.host} answered something that is no JSON`, { hint: 'Check forges.api in config.toml: it is the base of the API, not of the pages.' });
}

const headersOf = ({ headersDistinct }: IncomingMessage): Headers => new Headers(Object.entries(headersDistinct).flatMap(([name, values]) => (values ?? []).map((value): [string, string] => [name, value])));

/** Aborts after a time without a word, or with the caller's signal. */
function silenceOf(patience: number, signal: AbortSignal | undefined): { signal: AbortSignal; pause(): void; restart(): void } {
  const silent = new AbortController();
  const giveUp = (): void => silent.abort();
  let timer = setTimeout(giveUp, patience);
  const pause = (): void => clearTimeout(timer);
  const restart = (): void => {
    pause();
    timer = setTimeout(giveUp, patience);
  };
  return { signal: AbortSignal.any([silent.signal, ...(signal === undefined ? [] : [signal])]), pause, restart };
}

async function withPatience<T>(access: ForgeAccess, patience: number, signal: AbortSignal | undefined, run: (silence: { signal: AbortSignal }) => Promise<T>): Promise<T> {
  const silence = silenceOf(patience, signal);
  try {
    signal?.throwIfAborted();
    return await run(silence);
  } catch (error) {
    throw meaningOf(error, access, patience, { signal, silent: silence.signal.aborted });
  } finally {
    silence.pause();
  }
}

/** A broken connection is Unavailable, told by its code alone; the caller's own reason passes. */
function meaningOf(error: unknown, { forge, api }: ForgeAccess, patience: number, { signal, silent }: { signal: AbortSignal | undefined; silent: boolean }): unknown {
  if (signal?.aborted === true) return signal.reason;
  if (isPivoError(error)) return error;
  const { code } = error as NodeJS.ErrnoException;
  const why = silent ? `said nothing for ${patience / 1000} s` : `cannot be asked (${code ?? 'the connection broke off'})`;
  return new PivoError('Unavailable', `${forge} at ${api.host} ${why}`, { hint: 'Check the network, and forges.api and forges.caFile in config.toml; it is asked again after a while.' });
}

/** The answer to a request after the redirects that may be followed. Fails with what a refusal means. */
async function open(access: ForgeAccess, url: URL, request: WireRequest, elsewhere = false): Promise<Opened> {
  const token = access.token === undefined ? null : await access.token();
  let [at, away] = [url, false];
  for (let redirects = 0; ; redirects++) {
    if (!away && at.origin !== access.api.origin) throw refusedRedirect(access, at);
    const answer = await exchange(at, { ...request, headers: { ...request.headers, ...(away || token === null ? {} : { authorization: `Bearer ${token}` }) } }, access.ca);
    const status = answer.statusCode ?? 0;
    if ((status >= 200 && status < 300) || (status === 304 && isConditional(request))) return { url: at, answer, token };
    const next = redirectOf(answer, at);
    if (next === null) throw await refusalOf(access, { url: at, answer, token }, request.method ?? 'GET', away);
    answer.destroy();
    if (redirects === MOST_REDIRECTS || away || (next.origin !== access.api.origin && !elsewhere) || !keepsMethod(status, request)) throw refusedRedirect(access, next);
    away = next.origin !== access.api.origin;
    if (away && next.protocol !== 'https:' && access.api.protocol === 'https:') throw refusedRedirect(access, next);
    at = next;
  }
}

/** 304 answers a request that told what it has (RFC 9110, 15.4.5). */
const isConditional = ({ headers = {} }: WireRequest): boolean => Object.hasOwn(headers, 'if-none-match');

const keepsMethod = (status: number, { method = 'GET' }: WireRequest): boolean => method === 'GET' || status === 307 || status === 308;

function redirectOf({ statusCode, headers: { location } }: IncomingMessage, from: URL): URL | null {
  return [301, 302, 303, 307, 308].includes(statusCode ?? 0) && location !== undefined ? URL.parse(location, from.href) : null;
}

/** The query of an address can be a secret of its own: only the host is told. */
const refusedRedirect = ({ forge, api }: ForgeAccess, to: URL): PivoError =>
  new PivoError('NotAllowed', `${forge} at ${api.host} sent us to ${to.host}, which is not followed`, { hint: 'Give the repository by its present URL; for a forge behind another address set forges.api in config.toml.' });

async function refusalOf(access: ForgeAccess, { url, answer, token }: Opened, method: string, away: boolean): Promise<PivoError> {
  const said = await wholeOf(pieces(access, answer, LARGEST.refusal)).catch(() => Buffer.alloc(0)); // its status says enough
  const request = `${method} ${away ? url.host : withoutToken(url.pathname, token)}`;
  const body = away ? '' : said.toString('utf8');
  return refusalFailure({ forge: access.forge, request, credential: access.credential, status: answer.statusCode ?? 0, headers: headersOf(answer), body, token });
}

function exchange(url: URL, { method = 'GET', headers, body, signal }: WireRequest, ca: readonly string[] | undefined): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const options = { method, headers: { 'user-agent': 'pivo', ...headers, ...length, connection: 'close', 'accept-encoding': 'identity' }, ...(signal === undefined ? {} : { signal }) };
    const request = url.protocol === 'https:' ? https.request(url, { ...options, ...(ca === undefined ? {} : { ca: [...ca] }) }) : http.request(url, options);
    request.on('error', reject);
    request.on('response', (answer) => {
      answer.on('error', () => {}); // whoever reads the answer sees it; one that nobody reads must not end the process
      resolve(answer);
    });
    request.end(body);
  });
}

async function wholeOf(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const read: Uint8Array[] = [];
  for await (const piece of source) read.push(piece);
  return Buffer.concat(read);
}

/** The bytes of an answer; one that is too long ends with LimitExceeded. */
async function* pieces({ forge }: ForgeAccess, answer: IncomingMessage, largest: number): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const piece of answer as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > largest) throw new PivoError('LimitExceeded', `${forge} answered more than ${largest / 2 ** 20} MiB`, { hint: 'Nothing that long is expected of it.' });
    yield piece;
  }
}
