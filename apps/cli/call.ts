// Calls an operation: at the running PIVO where there is one, else in this process.
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { fromReport, PivoError, type FailureReport } from '../../contract/failures.ts';
import type { Progress } from '../../contract/ingest.ts';
import { BYTES, FAILURE_TRAILER, RESULT_HEADER, VIA_HEADER } from '../server/protocol.ts';

export interface CallOptions {
  signal: AbortSignal;
  onProgress(progress: Progress): void;
  /** Given by a door that speaks for a program: gives up the owner's rights. */
  via?: 'mcp';
  /** By which the request is known to belong to a trace. */
  headers?: Record<string, string>;
}

/**
 * Runs the operation `name` with `input`. A result with bytes has them as `content`, streamed.
 * Fails with what the operation failed with, and with Cancelled when the signal aborts.
 */
export async function callOperation<T>(socket: string, name: string, input: object, options: CallOptions, inProcess: () => Promise<T>): Promise<T> {
  options.signal.throwIfAborted();
  const response = await post(socket, name, input, options);
  if (response === null) return inProcess();
  return (response.headers['content-type'] === BYTES ? contentOf(response) : resultOf(response, options)) as Promise<T>;
}

/** Null when nobody listens on the socket. */
async function post(socket: string, name: string, input: object, { signal, via, headers: traced }: CallOptions): Promise<IncomingMessage | null> {
  const body = JSON.stringify(input);
  const headers = { ...traced, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...(via === undefined ? {} : { [VIA_HEADER]: via }) };
  const sent = request({ socketPath: socket, path: `/operations/${name}`, method: 'POST', headers, signal });
  sent.end(body);
  try {
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    sent.on('error', () => {}); // the response tells
    return response;
  } catch (error) {
    if (signal.aborted) throw cancelled(signal);
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ECONNREFUSED' || code === 'EINVAL') return null;
    throw lost(error);
  }
}

const cancelled = (signal: AbortSignal): PivoError => new PivoError('Cancelled', 'cancelled', { cause: signal.reason });
const lost = (cause: unknown): PivoError => new PivoError('Unavailable', 'PIVO ended while it was asked', { hint: 'Look at `pivo status` and start again; nothing that was archived is lost.', cause });

async function resultOf(response: IncomingMessage, options: CallOptions): Promise<unknown> {
  try {
    for await (const line of createInterface({ input: response, crlfDelay: Number.POSITIVE_INFINITY })) {
      const message = JSON.parse(line) as { progress: Progress } | { failure: FailureReport } | { result: unknown };
      if ('progress' in message) options.onProgress(message.progress);
      else if ('failure' in message) throw fromReport(message.failure);
      else if ('result' in message) return message.result;
    }
  } catch (error) {
    if (options.signal.aborted) throw cancelled(options.signal);
    throw error instanceof PivoError ? error : lost(error);
  }
  throw options.signal.aborted ? cancelled(options.signal) : lost(undefined);
}

async function contentOf(response: IncomingMessage): Promise<object> {
  try {
    const rest = JSON.parse(decodeURIComponent(String(response.headers[RESULT_HEADER]))) as object;
    return { ...rest, content: bytesOf(response) };
  } catch (error) {
    response.destroy();
    throw lost(error);
  }
}

async function* bytesOf(response: IncomingMessage): AsyncGenerator<Uint8Array> {
  yield* response as AsyncIterable<Uint8Array>;
  const failure = response.trailers[FAILURE_TRAILER];
  if (typeof failure === 'string') throw fromReport(JSON.parse(decodeURIComponent(failure)) as FailureReport);
}
