// Bodies that come slowly, or many at once: they are given up in time, and keep nobody else out.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { createBodies, type BodyBounds } from '../../apps/server/forge/body.ts';
import { Refusal } from '../../apps/server/problem.ts';
import { createWebhookReceiver } from '../../operations/webhook-receiver.ts';
import { silentLog } from '../harness/temporal.ts';
import { send, serve, type Served } from '../server/served.ts';

let server: Server | undefined;
let served: Served | undefined;
const sockets: Socket[] = [];

afterEach(async () => {
  sockets.splice(0).forEach((socket) => socket.destroy());
  server?.close();
  await served?.close();
  [server, served] = [undefined, undefined];
});

/** A server that answers with the length of the body, or with the status of the refusal. */
async function open(bounds: BodyBounds, use = async (body: Buffer) => body.length): Promise<number> {
  const bodies = createBodies(bounds);
  server = createServer((incoming, outgoing) => {
    bodies.with(incoming, use).then((length) => outgoing.end(String(length)), (error: unknown) => outgoing.writeHead(error instanceof Refusal ? error.status : 500, { connection: 'close' }).end());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}

async function begin(port: number, head: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(head);
  return socket;
}

it('a body that does not come in time is given up', async () => {
  const port = await open({ bytes: 100, together: 100, patience: 100 });
  const socket = await begin(port, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nfive.');
  expect(String(((await once(socket, 'data')) as [Buffer])[0])).toContain('408');
});

it('bodies that are too large together wait for a later time, and room is free again afterwards', async () => {
  const using = Promise.withResolvers<void>();
  const began = Promise.withResolvers<void>();
  const port = await open({ bytes: 60, together: 100, patience: 10_000 }, async (body) => {
    began.resolve();
    await using.promise;
    return body.length;
  });
  const post = () => send(`http://127.0.0.1:${port}`, { method: 'POST', body: 'x'.repeat(60) });
  const first = post();
  await began.promise;
  expect((await post()).status).toBe(503);
  using.resolve();
  expect((await first).text).toBe('60');
  expect((await post()).text).toBe('60');
});

it('hundreds of bodies that never end keep nobody from the rest of the server', async () => {
  served = await serve({ webhooks: createWebhookReceiver({ webhooks: [], append: async () => {}, protocols: [], log: silentLog }) });
  const { port, url } = served;
  await Promise.all(Array.from({ length: 400 }, () => begin(port, 'POST /api/v1/webhooks/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nfive.')));
  expect((await send(`${url}/healthz`)).status).toBe(200);
});
