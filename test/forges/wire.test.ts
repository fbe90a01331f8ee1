// One request to a forge: to its own host alone, and with patience for who reads slowly, not for who is silent.
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openWire, type Wire } from '../../forges/wire.ts';

let asked: string[];
let answer: (response: ServerResponse) => void;
let at: URL;
let wire: Wire;
const server = createServer((request, response) => {
  asked.push(request.url ?? '');
  answer(response);
});

/** With a patience of a second, where that is what is tested. */
const wireWith = (more: { patience?: number }): Wire => openWire({ forge: 'GitLab', api: at, credential: 'forge', token: () => Promise.resolve('token'), ...more });

beforeEach(async () => {
  asked = [];
  answer = (response) => void response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  at = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/api/`);
  wire = wireWith({});
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

it('another host is never asked', async () => {
  const other = openWire({ forge: 'GitLab', api: new URL('http://127.0.0.1:1/api/'), credential: 'forge', token: () => Promise.resolve('token') });
  await expect(other.ask(at)).rejects.toMatchObject({ kind: 'NotAllowed' });
  await expect(other.stream(at, { elsewhere: true }).next()).rejects.toMatchObject({ kind: 'NotAllowed' });
  expect(asked).toEqual([]);
});

it('a log that stops in its midst is given up, with what came before', async () => {
  answer = (response) => void response.writeHead(200).write('first\n');
  const log = wireWith({ patience: 1 }).stream(at, { elsewhere: false });
  expect(Buffer.from((await log.next()).value as Uint8Array).toString()).toBe('first\n');
  await expect(log.next()).rejects.toMatchObject({ kind: 'Unavailable' });
});

it('a log whose reader takes its time goes on', async () => {
  const log = Buffer.alloc(16 * 2 ** 20, 'line\n'); // more than the connection holds
  answer = (response) => void response.writeHead(200).end(log);
  let size = 0;
  for await (const { length } of wireWith({ patience: 1 }).stream(at, { elsewhere: false })) {
    if (size === 0) await wait(1_500);
    size += length;
  }
  expect(size).toBe(log.length);
});

it('what must not be sent twice is not sent to where a redirect of GET leads', async () => {
  answer = (response) => void response.writeHead(302, { location: '/api/other' }).end();
  await expect(wire.ask(at, { method: 'POST', body: '{}' })).rejects.toMatchObject({ kind: 'NotAllowed' });
  expect(asked).toEqual(['/api/']);
});

it('no log is read without an end', async () => {
  const piece = Buffer.alloc(2 ** 20);
  answer = (response) => {
    const pour = (): void => {
      while (!response.destroyed && response.write(piece));
      if (!response.destroyed) response.once('drain', pour);
    };
    response.writeHead(200);
    pour();
  };
  let size = 0;
  const reading = (async () => {
    for await (const { length } of wire.stream(at, { elsewhere: false })) size += length;
  })();
  await expect(reading).rejects.toMatchObject({ kind: 'LimitExceeded' });
  expect(size).toBeLessThanOrEqual(512 * 2 ** 20);
});
