// The local endpoint: every operation over HTTP on a Unix socket that only the owner of the home can reach.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { isPivoError, PivoError, type FailureReport } from '../../contract/failures.ts';
import type { Log } from '../../contract/log.ts';
import { parseInput } from '../../contract/validation.ts';
import { hasContent, type WithContent } from './content.ts';
import { BYTES, CALL_HEADER, FAILURE_TRAILER, RESULT_HEADER, VIA_HEADER } from './protocol.ts';
import type { Operation, OperationContext } from '../../operations/operation.ts';
import type { RequestTracing } from '../../stack/tracing.ts';

export interface EndpointOptions {
  /** The operation of that name; fails with NotFound. */
  load(name: string): Promise<Operation>;
  /** What operations work with; its caller is the owner of the socket. */
  context: OperationContext;
  log: Log;
  /** Where tracing is on. */
  trace?: RequestTracing | undefined;
}

/** Most bytes of one input. */
const LARGEST_INPUT = 4 * 2 ** 20;

/**
 * `POST /operations/{name}` with JSON answers NDJSON: `{"progress":…}` lines, then `{"result":…}` or `{"failure":…}`.
 * A result with `content` answers its bytes as the body, the rest of the result in a header.
 * A client that goes away aborts the operation; one that wants to know what became of it asks `DELETE /calls/{id}` and goes on
 * reading. `GET /healthz` answers `{"ok":true}`.
 */
export function createEndpoint(options: EndpointOptions): Server {
  const calls: Calls = new Map();
  const server = createServer((request, response) => {
    traced({ ...options, calls }, request, response).catch((error: unknown) => {
      options.log.error({ error, url: request.url }, 'a request failed');
      response.destroy();
    });
  });
  server.requestTimeout = 0; // an operation takes as long as it takes
  return server;
}

/** What can still be ended, by the id that its caller gave. */
type Calls = Map<string, AbortController>;

interface Answering extends EndpointOptions {
  calls: Calls;
}

async function traced(options: Answering, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (options.trace === undefined) return answer(options, request, response);
  await options.trace({ name: `${request.method} ${request.url}`, traceparent: request.headers['traceparent'] as string | undefined }, async () => {
    await answer(options, request, response);
    return response.statusCode;
  });
}

async function answer(options: Answering, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method, url = '/' } = request;
  if (method === 'GET' && url === '/healthz') return sendJson(response, 200, { ok: true, pid: process.pid });
  const ended = /^\/calls\/([0-9a-f-]{36})$/.exec(url)?.[1];
  if (method === 'DELETE' && ended !== undefined) return endCall(options.calls, ended, response);
  const name = /^\/operations\/([a-z-]+)$/.exec(url)?.[1];
  if (method !== 'POST' || name === undefined) return sendJson(response, 404, { failure: { kind: 'NotFound', message: `no such address: ${method} ${url}` } });
  const gone = new AbortController();
  const id = request.headers[CALL_HEADER];
  if (typeof id === 'string') options.calls.set(id, gone);
  response.once('close', () => {
    if (!response.writableFinished) gone.abort(new PivoError('Cancelled', 'the client went away'));
  });
  try {
    const operation = await options.load(name);
    const context = lowered(options.context, request.headers[VIA_HEADER]);
    if (operation.kind === 'decides') mustBePerson(context, name);
    const input = parseInput(operation.input, await readJson(request), `${name} input`);
    const result = await operation.run(context, input, { signal: gone.signal, onProgress: (progress) => sendLine(response, { progress }) });
    if (hasContent(result)) await sendContent(response, result, gone.signal);
    else response.end(line(response, { result: result ?? null }));
  } catch (error) {
    sendFailure(options.log, name, response, error);
  } finally {
    if (typeof id === 'string') options.calls.delete(id);
  }
}

function endCall(calls: Calls, id: string, response: ServerResponse): void {
  calls.get(id)?.abort(new PivoError('Cancelled', 'cancelled'));
  sendJson(response, 200, { ok: calls.has(id) });
}

/** The context with the caller that the door says it is: never more than the owner of the socket. Fails with InvalidInput on an unknown word. */
function lowered(context: OperationContext, via: string | string[] | undefined): OperationContext {
  if (via === undefined) return context;
  if (via !== 'mcp') throw new PivoError('InvalidInput', `${VIA_HEADER} is "mcp" or absent`);
  return { ...context, caller: { ...context.caller, via, owner: false } };
}

/** Fails with InvalidInput when a program asks for what only people decide. */
function mustBePerson({ caller }: OperationContext, name: string): void {
  if (caller.via === 'mcp') throw new PivoError('InvalidInput', `${name} is for people, not for programs that come through MCP`, { hint: `Run \`pivo ${name} --help\` in a terminal.` });
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > LARGEST_INPUT) throw new PivoError('InvalidInput', `the input is larger than ${LARGEST_INPUT} bytes`);
    chunks.push(chunk);
  }
  try {
    return bytes === 0 ? {} : JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch (error) {
    throw new PivoError('InvalidInput', `the input is not JSON: ${(error as Error).message}`, { cause: error });
  }
}

async function sendContent(response: ServerResponse, { content, ...rest }: WithContent, signal: AbortSignal): Promise<void> {
  response.setHeader('content-type', BYTES);
  response.setHeader(RESULT_HEADER, encodeURIComponent(JSON.stringify(rest)));
  response.setHeader('trailer', FAILURE_TRAILER);
  response.flushHeaders();
  for await (const chunk of content) if (!response.write(chunk)) await once(response, 'drain', { signal });
  response.end();
}

/** The line to write, after the header where none was sent yet. */
function line(response: ServerResponse, value: object): string {
  if (!response.headersSent) response.setHeader('content-type', 'application/x-ndjson');
  return `${JSON.stringify(value)}\n`;
}

function sendLine(response: ServerResponse, value: object): void {
  if (response.writable) response.write(line(response, value));
}

function sendFailure(log: Log, name: string, response: ServerResponse, error: unknown): void {
  const failure = reportOf(error);
  if (failure.kind === 'Internal') log.error({ error, operation: name }, 'an operation failed unexpectedly');
  if (!response.writable) return;
  if (response.getHeader('content-type') !== BYTES) return void response.end(line(response, { failure }));
  response.addTrailers({ [FAILURE_TRAILER]: encodeURIComponent(JSON.stringify(failure)) });
  response.end();
}

/** Any error as it crosses to the client: no stack, no secret. */
function reportOf(error: unknown): FailureReport {
  if (isPivoError(error)) return error.report();
  const name = (error as { name?: string } | null)?.name;
  if (name === 'AbortError') return { kind: 'Cancelled', message: 'the operation was cancelled' };
  return { kind: 'Internal', message: error instanceof Error ? error.message : String(error), hint: 'The log has the details: PIVO_HOME/logs/pivo.log.' };
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(value)}\n`);
}
