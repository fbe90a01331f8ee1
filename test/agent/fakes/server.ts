// A loopback HTTP server that plays a provider's answers one after the other and keeps what it was asked.
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  path: string;
  headers: IncomingHttpHeaders;
  body: unknown;
}

/** How one request is answered. */
export type Reply =
  /** A stream of events, each one JSON; `cut` ends it in the midst, `hang` never ends it. */
  | { events: unknown[]; end?: 'whole' | 'cut' | 'hang' }
  | { status: number; body: unknown; headers?: Record<string, string> };

export interface FakeProvider {
  url: string;
  received: Received[];
  /** What was wrong with requests or with the fake's own answers; a test ends with none. */
  wrong: string[];
  play(...replies: Reply[]): void;
  /** Resolves when a request is being answered. */
  asked(): Promise<unknown>;
  close(): Promise<void>;
}

export interface Protocol {
  /** What is wrong with a request. */
  request(received: Received): string[];
  /** What is wrong with an answer. */
  reply(reply: Reply): string[];
  /** What follows the last event. */
  last: string;
}

export async function startFake({ request: checkRequest, reply: checkReply, last }: Protocol): Promise<FakeProvider> {
  const [replies, received, wrong]: [Reply[], Received[], string[]] = [[], [], []];
  const server = createServer((request, response) => void answer(request, response));
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked: Received = { path: request.url ?? '', headers: request.headers, body: JSON.parse(await textOf(request)) as unknown };
    received.push(asked);
    wrong.push(...checkRequest(asked));
    const reply = replies.shift() ?? { status: 500, body: { error: { code: 500, message: 'nothing to play', status: 'INTERNAL' } } };
    send(response, reply, last);
    server.emit('asked');
  }
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    wrong,
    play(...more) {
      for (const reply of more) wrong.push(...checkReply(reply));
      replies.push(...more);
    },
    asked: () => once(server, 'asked'),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function send(response: ServerResponse, reply: Reply, last: string): void {
  if ('status' in reply) {
    response.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers }).end(typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body));
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const event of reply.events) response.write(`data: ${JSON.stringify(event)}\r\n\r\n`);
  if (reply.end === 'cut') setImmediate(() => response.destroy());
  else if (reply.end !== 'hang') response.end(last);
}

async function textOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString('utf8');
}
