// The metadata service's endpoint on a unix socket: health, waiting for a visit, reindex.
import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { dirname } from 'node:path';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { PivoError, isPivoError, type FailureReport } from '../contract/failures.ts';
import type { Log } from '../contract/log.ts';
import { RepositoryName } from '../contract/names.ts';
import { parseInput } from '../contract/validation.ts';
import type { MetadataService } from './metadata-service.ts';

const WaitInput = z.strictObject({ repository: RepositoryName, visit: z.number().int().positive(), timeoutMs: z.number().int().nonnegative().max(3_600_000).default(30_000) });
const ReindexInput = z.strictObject({ from: z.enum(['log', 'kafka', 'archive']) });

type Handler = (service: MetadataService, request: IncomingMessage, response: ServerResponse, signal: AbortSignal) => Promise<void>;

const ROUTES: Record<string, Handler> = {
  'GET /health': async (service, _request, response) => answer(response, 200, await service.health()),
  'POST /wait': async (service, request, response, signal) => {
    const { repository, visit, timeoutMs } = parseInput(WaitInput, await body(request), 'wait');
    const indexed = await service.waitFor(repository, visit, AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]));
    answer(response, 200, { indexed });
  },
  'POST /reindex': async (service, request, response, signal) => {
    const { from } = parseInput(ReindexInput, await body(request), 'reindex');
    const say = (line: unknown): void => void response.write(`${JSON.stringify(line)}\n`);
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    try {
      say({ result: await service.reindex(from, (progress) => say({ progress }), signal) });
    } catch (error) {
      say({ error: reportOf(error) });
    }
    response.end();
  },
};

/** Listens on the socket; the caller holds the index's lock, so a socket file that is there is a dead one's. Fails with Unavailable. */
export async function serveMetadata(service: MetadataService, socket: string, log: Log): Promise<Server> {
  mkdirSync(dirname(socket), { recursive: true, mode: 0o700 });
  rmSync(socket, { force: true });
  const server = createServer((request, response) => void handle(service, request, response, log));
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(new PivoError('Unavailable', `cannot listen on ${socket}: ${error.message}`, { hint: 'A socket path has at most about 100 characters: choose a shorter PIVO_HOME.', cause: error })));
    server.listen(socket, resolve);
  });
  chmodSync(socket, 0o600);
  return server;
}

async function handle(service: MetadataService, request: IncomingMessage, response: ServerResponse, log: Log): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const route = ROUTES[`${request.method} ${request.url}`];
  try {
    if (route === undefined) answer(response, 404, { error: { kind: 'NotFound', message: `there is no ${request.method} ${request.url}` } });
    else await route(service, request, response, gone.signal);
  } catch (error) {
    log.warn({ error }, `${request.method} ${request.url} failed`);
    if (!response.headersSent) answer(response, isPivoError(error, 'InvalidInput') ? 400 : 500, { error: reportOf(error) });
  }
}

async function body(request: IncomingMessage): Promise<unknown> {
  const received = await text(request);
  try {
    return JSON.parse(received);
  } catch (error) {
    throw new PivoError('InvalidInput', 'the request body is not JSON', { cause: error });
  }
}

function answer(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value));
}

const reportOf = (error: unknown): FailureReport => (isPivoError(error) ? error.report() : { kind: 'Internal', message: (error as Error).message });
