// One HTTP request: a server that falls silent ends it, also after we were the slow ones for longer than it may be.
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ConnectionLost, openWire } from '../../archive/webhdfs/wire.ts';

/** Seconds of silence that the other side may have. */
const IDLE = 0.3;
const SLOW = 3 * IDLE * 1000;
const PIECE = 1 << 20;

let server: http.Server;
let url: URL;

/** Answers a GET with a piece of a longer body, and takes the beginning of a PUT; then it is silent. */
beforeAll(async () => {
  server = http.createServer((request, response) => {
    if (request.method === 'GET') response.writeHead(200, { 'content-length': String(10 * PIECE) }).write(Buffer.alloc(PIECE));
    else request.once('data', () => request.pause());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const wire = openWire({ connect: 5, idle: IDLE });

test('a reader who paused is told when the server is silent afterwards', async () => {
  const answer = await wire.send({ method: 'GET', url });
  const reading = async (): Promise<void> => {
    let bytes = 0;
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      if (bytes === 0) await sleep(SLOW);
      bytes += chunk.length;
    }
  };
  await expect(reading()).rejects.toThrow('silent');
});

test('a body whose source paused fails when the server is silent afterwards', async () => {
  const body = async function* (): AsyncGenerator<Uint8Array> {
    yield Buffer.alloc(1000);
    await sleep(SLOW);
    for (;;) yield Buffer.alloc(PIECE);
  };
  const problem: unknown = await wire.send({ method: 'PUT', url, body: body() }).catch((error: unknown) => error);
  expect(problem).toBeInstanceOf(ConnectionLost);
  expect(problem).toHaveProperty('message', expect.stringContaining('silent'));
});
