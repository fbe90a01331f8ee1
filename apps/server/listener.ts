// The HTTP listener: Node's server with bounds on connections, headers and time, around the application.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { getRequestListener } from '@hono/node-server';
import type { Hono } from 'hono';
import { PivoError } from '../../contract/failures.ts';
import { PROBLEM } from './problem.ts';
import type { WebEnvironment } from './rest/mount.ts';

/** Where to listen. `chosen`: a person said so, so that no other port will do. */
export interface Listen {
  host: string;
  port: number;
  chosen: boolean;
}

export interface Listening {
  /** `http://127.0.0.1:7420`: what a person opens. */
  url: string;
  server: Server;
  close(): Promise<void>;
}

/** Most bytes of a request's head: three values of a query, percent-encoded, and room for the rest. */
const LARGEST_HEAD = 192 * 1024;

/** Fails with Exists when a chosen port is taken, with InvalidInput for an address that is not this machine's. */
export async function listen(app: Hono<WebEnvironment>, where: Listen): Promise<Listening> {
  const answer = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  const server = createServer({ maxHeaderSize: LARGEST_HEAD, headersTimeout: 10_000, requestTimeout: 120_000, connectionsCheckingInterval: 5_000, keepAliveTimeout: 15_000 }, (incoming, outgoing) => void answer(incoming, outgoing));
  server.maxConnections = 1_024;
  server.on('clientError', refuseHead);
  await bind(server, where);
  const { port } = server.address() as AddressInfo;
  return { url: addressOf(where.host, port), server, close: () => end(server) };
}

const REFUSED: Record<string, [status: number, reason: string, detail: string]> = {
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large', 'the head of the request is too large'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout', 'the request did not come in time'],
};

/** What is no request gets an answer all the same, as far as there is somebody to get it. */
function refuseHead(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy();
  const [status, reason, detail] = REFUSED[error.code ?? ''] ?? [400, 'Bad Request', 'this is no HTTP request'];
  const body = `${JSON.stringify({ type: 'about:blank', title: 'InvalidInput', status, detail, kind: 'InvalidInput' })}\n`;
  socket.end(`HTTP/1.1 ${status} ${reason}\r\nContent-Type: ${PROBLEM}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`);
}

/** The default port may be another home's: then any other does. */
async function bind(server: Server, { host, port, chosen }: Listen): Promise<void> {
  try {
    await once(server.listen(port, host), 'listening');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE' && !chosen && port !== 0) return bind(server, { host, port: 0, chosen });
    if (code === 'EADDRINUSE') throw new PivoError('Exists', `port ${port} of ${host} is taken`, { hint: 'Choose another with `listen` of [server] in config.toml or PIVO_LISTEN, or end what has it.', cause: error });
    throw new PivoError('InvalidInput', `${host}:${port} cannot be listened on: ${message}`, { hint: 'Correct `listen` of [server] in config.toml or PIVO_LISTEN.', cause: error });
  }
}

/** An address of all interfaces is reached on this machine by its loopback. */
function addressOf(host: string, port: number): string {
  const name = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}

async function end(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
