// What clients may ask at once, in a row, and how large: the rest is refused and the server lives on.
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createRate, createSeats } from '../../apps/server/access/limits.ts';
import { defineOperation } from '../../operations/operation.ts';
import { bearer, problem, send, serve, type Served } from './served.ts';

let release = Promise.withResolvers<void>();
let begun = Promise.withResolvers<void>();
const slow = defineOperation({ name: 'overview', kind: 'reads', description: 'slow', input: z.strictObject({}), run: async () => {
  begun.resolve();
  await release.promise;
  return {};
} });
const quick = defineOperation({ name: 'query', kind: 'reads', description: 'quick', input: z.strictObject({ sql: z.string() }), run: async () => ({}) });

let server: Served | undefined;
afterEach(async () => {
  release.resolve();
  [release, begun] = [Promise.withResolvers(), Promise.withResolvers()];
  await server?.close();
});

const post = (sql: string, headers: Record<string, string> = {}) => send(`${server?.url}/api/v1/query`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify({ sql }) });

describe('limits of the server', () => {
  it('a body larger than allowed is refused, whatever it says of its length', async () => {
    server = await serve({ operations: [quick] });
    const answer = await post('x'.repeat(2 ** 21));
    expect([answer.status, problem(answer).kind]).toEqual([413, 'LimitExceeded']);
    expect((await post('x', { 'transfer-encoding': 'chunked' })).status).toBe(200);
  });

  it('requests that are no JSON object are refused', async () => {
    server = await serve({ operations: [quick] });
    for (const body of ['', '[]', 'null', '{', '"x"', '\u0000']) expect((await send(`${server.url}/api/v1/query`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })).status).toBe(400);
  });

  it('more requests than seats wait, and more than may wait are told to come back', async () => {
    server = await serve({ operations: [slow], limits: { requests: 1 } });
    const first = send(`${server.url}/api/v1/overview`);
    await begun.promise;
    const second = send(`${server.url}/api/v1/overview`);
    const third = send(`${server.url}/api/v1/overview`);
    const refused = await Promise.race([second, third]);
    expect([refused.status, refused.headers['retry-after']]).toEqual([503, '5']);
    release.resolve();
    expect((await Promise.all([first, second, third])).map(({ status }) => status).sort()).toEqual([200, 200, 503]);
  });

  it('costly requests in a row are slowed down, for the one who asks them', async () => {
    server = await serve({ operations: [quick], limits: { burst: 2, perSecond: 0.001 } });
    expect([(await post('1')).status, (await post('2')).status]).toEqual([200, 200]);
    const answer = await post('3');
    expect([answer.status, Number(answer.headers['retry-after']) > 0, problem(answer).kind]).toEqual([429, true, 'LimitExceeded']);
    expect((await post('4', bearer('reader'))).status).toBe(200);
  });

  it('many wrong tokens are slowed down', async () => {
    server = await serve({ operations: [quick] });
    const seen = new Set<number>();
    for (let i = 0; i < 30; i++) seen.add((await post('1', { authorization: `Bearer wrong-${i}` })).status);
    expect([...seen]).toEqual([401, 429]);
  });

  it('headers that are too large end the connection with an answer', async () => {
    server = await serve({ operations: [quick] });
    const socket = connect(server.port, '127.0.0.1');
    socket.write(`GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(250_000)}\r\n\r\n`);
    const [data] = (await once(socket, 'data')) as [Buffer];
    expect(data.toString()).toMatch(/^HTTP\/1\.1 431 [^]*application\/problem\+json/);
    socket.destroy();
  });

  it('a wrong method is told which are right', async () => {
    server = await serve({ operations: [quick] });
    const answer = await send(`${server.url}/api/v1/query`);
    expect([answer.status, answer.headers.allow]).toEqual([405, 'POST']);
  });
});

describe('seats and rates', () => {
  it('a seat given back twice is one seat', async () => {
    const seats = createSeats('tests', { seats: 1, queue: 0, patience: 10 });
    const free = await seats.take();
    free();
    free();
    await seats.take();
    await expect(seats.take()).rejects.toMatchObject({ status: 503 });
  });

  it('who leaves the queue does not take a seat', async () => {
    const seats = createSeats('tests', { seats: 1, queue: 2, patience: 60_000 });
    const free = await seats.take();
    const left = new AbortController();
    const waiting = seats.take(left.signal);
    const next = seats.take();
    left.abort();
    await expect(waiting).rejects.toMatchObject({ status: 503 });
    free();
    (await next)();
    await seats.take();
  });

  it('a bucket fills again with time', () => {
    let time = 0;
    const rate = createRate('tests', { burst: 1, perSecond: 2 }, () => time);
    rate.spend('a');
    expect(() => rate.spend('a')).toThrow('too many tests');
    time = 500;
    rate.spend('a');
    rate.spend('b');
  });
});
