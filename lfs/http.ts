// One HTTP request to a Git LFS server or where it sends us: streamed both ways, within a bound of silence, never redirected by itself.
import http, { type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import https from 'node:https';
import { PivoError } from '../contract/failures.ts';

/** A body whose length is known; it is read once. */
export interface SizedBody {
  bytes: number;
  content: AsyncIterable<Uint8Array>;
}

export interface LfsRequest {
  method: 'GET' | 'POST' | 'PUT';
  url: URL;
  headers: Record<string, string>;
  body?: string | SizedBody;
  signal: AbortSignal;
  /** Seconds without a byte after which the connection is given up. */
  patience: number;
}

export interface LfsAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: IncomingMessage;
}

/** The answer, whatever its status; its body must be read or destroyed. Fails with Unavailable, told by the code of the fault alone, and with the signal's reason. */
export async function exchange(request: LfsRequest): Promise<LfsAnswer> {
  const { url, signal } = request;
  signal.throwIfAborted();
  try {
    const body = await send(request);
    return { status: body.statusCode ?? 0, headers: body.headers, body };
  } catch (error) {
    throw connectionFailure(error, url, signal);
  }
}

/** What a broken connection means; the caller's own reason passes. */
export function connectionFailure(error: unknown, url: URL, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  if (error instanceof PivoError) return error;
  return new PivoError('Unavailable', `${url.host} cannot be asked (${(error as NodeJS.ErrnoException).code ?? 'the connection broke off'})`, { hint: 'Check the network; the next backup tries again.' });
}

function send({ method, url, headers, body, signal, patience }: LfsRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? undefined : typeof body === 'string' ? Buffer.byteLength(body) : body.bytes;
    const options = { method, headers: { 'user-agent': 'pivo', 'accept-encoding': 'identity', ...headers, ...(length === undefined ? {} : { 'content-length': String(length) }) }, signal };
    const request = url.protocol === 'https:' ? https.request(url, options) : http.request(url, options);
    request.setTimeout(patience * 1000, () => request.destroy(new PivoError('Unavailable', `${url.host} said nothing for ${patience} s`, { hint: 'The next backup tries again.' })));
    request.on('error', reject);
    request.on('response', (answer) => {
      answer.on('error', () => {}); // whoever reads it sees it; one that nobody reads must not end the process
      resolve(answer);
    });
    if (body === undefined || typeof body === 'string') request.end(body);
    else feed(request, body.content).catch((error: Error) => request.destroy(error));
  });
}

async function feed(request: http.ClientRequest, content: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const piece of content) {
    if (request.destroyed) return;
    if (!request.write(piece)) await drained(request);
  }
  request.end();
}

/** Until it takes more, or is over. */
function drained(request: http.ClientRequest): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      request.off('drain', end).off('close', end);
      resolve();
    };
    request.on('drain', end).on('close', end);
  });
}

/** The first bytes of a body, for words of a refusal and for small documents. Fails with LimitExceeded past `most`, where `cut` is not said. */
export async function readBody({ body }: LfsAnswer, url: URL, most: number, cut = false): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of body as AsyncIterable<Buffer>) {
    pieces.push(piece);
    bytes += piece.length;
    if (bytes <= most) continue;
    if (cut) break;
    throw new PivoError('LimitExceeded', `${url.host} answered more than ${most / 2 ** 20} MiB`);
  }
  return Buffer.concat(pieces).toString('utf8', 0, Math.min(bytes, most));
}

/** Seconds of `Retry-After` (RFC 9110, 10.2.3: a number of seconds, or a date), at most a day. */
export function retryAfterOf({ 'retry-after': text, date }: IncomingHttpHeaders): number | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  const seconds = /^\s*\d+\s*$/.test(text) ? Number(text) : (Date.parse(text) - (Date.parse(date ?? '') || Date.now())) / 1000;
  return Number.isFinite(seconds) ? Math.min(86_400, Math.max(0, Math.ceil(seconds))) : undefined;
}
