// Calls an operation: at the running PIVO where there is one, else in this process.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { fromReport, PivoError, type FailureReport } from '../../contract/failures.ts';
import type { Progress } from '../../contract/ingest.ts';
import { BYTES, CALL_HEADER, FAILURE_TRAILER, RESULT_HEADER, VIA_HEADER } from '../server/protocol.ts';

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
 * When the signal aborts, the operation is asked to end, and what became of it is the answer: its result where it was done already, else Cancelled.
 * Fails with what the operation failed with.
 */
export async function callOperation<T>(socket: string, name: string, input: object, options: CallOptions, inProcess: () => Promise<T>): Promise<T> {
  options.signal.throwIfAborted();
  const response = await post(socket, name, input, options);
  if (response === null) return inProcess();
  return (response.headers['content-type'] === BYTES ? contentOf(response) : resultOf(response, options)) as Promise<T>;
}

/** How long an operation may take to end after it was asked to. */
const ENDS_WITHIN_MS = 15_000;

/** Asks for the end of a call when the signal aborts. Content is not waited for, nor an operation that does not end. */
function endWith(signal: AbortSignal, socket: string, id: string, sent: ClientRequest): void {
  let late: NodeJS.Timeout | undefined;
  let content = false;
  const end = (): void => {
    if (content) return void sent.destroy(signal.reason as Error);
    request({ socketPath: socket, path: `/calls/${id}`, method: 'DELETE' }, (response) => response.resume()).on('error', () => {}).end(); // who does not answer ends below
    late = setTimeout(() => sent.destroy(), ENDS_WITHIN_MS);
  };
  signal.addEventListener('abort', end, { once: true });
  sent.once('response', ({ headers }: IncomingMessage) => (content = headers['content-type'] === BYTES));
  sent.once('close', () => {
    clearTimeout(late);
    signal.removeEventListener('abort', end);
  });
}

/** Null when nobody listens on the socket. */
async function post(socket: string, name: string, input: object, { signal, via, headers: traced }: CallOptions): Promise<IncomingMessage | null> {
  const body = JSON.stringify(input);
  const id = randomUUID();
  const headers = { ...traced, [CALL_HEADER]: id, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...(via === undefined ? {} : { [VIA_HEADER]: via }) };
  const sent = request({ socketPath: socket, path: `/operations/${name}`, method: 'POST', headers });
  endWith(signal, socket, id, sent);
  sent.end(body);
  try {
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    sent.on('error', () => {}); // the response tells
    return response;
  } catch (error) {
    if (signal.aborted) throw cancelled(signal);
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ECONNREFUSED' || code === 'EINVAL') return null;
    if (code === 'EACCES' || code === 'EPERM') throw new PivoError('NotAllowed', `${socket} is another user's: PIVO there takes no commands of yours`, { hint: 'Be the user that runs it, ask its server with a token, or choose another home with PIVO_HOME.', cause: error });
    throw lost(error);
  }
}

const cancelled = (signal: AbortSignal): PivoError => new PivoError('Cancelled', 'cancelled, and PIVO did not say what became of it', { hint: 'What was committed is kept. `pivo jobs` shows what goes on.', cause: signal.reason });
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
    if (error instanceof PivoError) throw error;
    throw options.signal.aborted ? cancelled(options.signal) : lost(error);
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
