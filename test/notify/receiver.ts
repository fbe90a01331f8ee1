// A receiver of notifications on a loopback port that answers as a test wants, and remembers what it was sent.
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

export type Answerer = (response: ServerResponse, received: Received, number: number) => void;

export interface Receiver {
  url: string;
  received: Received[];
  /** Connections that are open now. */
  connections(): Promise<number>;
  /** From now on it answers so. */
  answer(answerer: Answerer): void;
  stop(): Promise<void>;
}

export const ok: Answerer = (response) => void response.writeHead(204).end();
export const status = (code: number, headers: Record<string, string> = {}, body = ''): Answerer => (response) => void response.writeHead(code, headers).end(body);
export const hang: Answerer = () => {};
export const reset: Answerer = (response) => void response.socket?.destroy();

export async function startReceiver(answerer: Answerer = ok, port = 0): Promise<Receiver> {
  const received: Received[] = [];
  let answering = answerer;
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const message = { method: request.method ?? '', path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString('utf8') };
    received.push(message);
    answering(response, message, received.length);
  };
  const server = createServer((request, response) => void take(request, response).catch(() => {}));
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/services/T0001/hook`,
    received,
    connections: () => new Promise((resolve) => server.getConnections((_error, count) => resolve(count))),
    answer: (next) => void (answering = next),
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
