// One request to a real receiver: what it carries, and what becomes of every way in which a receiver can fail.
import { createHash, createHmac } from 'node:crypto';
import { createServer } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Notification } from '../../contract/notification.ts';
import { attempt, checkTarget } from '../../notify/deliver.ts';
import { deliveryId, ordersFor } from '../../notify/orders.ts';
import { hang, reset, startReceiver, status, type Answerer, type Receiver } from './receiver.ts';
import { targetOf } from './targets.ts';

const TOKEN = 'canary-token-3b9f';
const SECRET = 'canary-secret-77aa';
const notification: Notification = { event: 'visit.done', key: 'visit.done:execa:7', time: '2026-11-21T10:00:00.000Z', repository: 'execa', facts: { visit: 7, newBytes: 10 } };
const ID = deliveryId('chat', notification.key);
const env = { TOKEN, SECRET };

let receiver: Receiver;
let home: string;
beforeAll(async () => {
  receiver = await startReceiver();
  home = await mkdtemp(join(tmpdir(), 'pivo-send-'));
});
afterEach(() => void receiver.received.splice(0));
afterAll(async () => {
  await receiver.stop();
  await rm(home, { recursive: true, force: true });
});

const sendTo = (table: object, news = notification, signal = new AbortController().signal): ReturnType<typeof attempt> =>
  attempt(targetOf({ url: receiver.url, tokenEnv: 'TOKEN', secretEnv: 'SECRET', ...table }, { env, home }), { id: ID, notification: news }, signal);

describe('a request', () => {
  it('carries the delivery\'s id, the token, and a signature of id, time and body', async () => {
    receiver.answer(status(200, {}, 'fine'));
    expect(await sendTo({ headers: { 'x-team': 'storage' } })).toEqual({ status: 200, failure: null, mayPass: false, hint: null, retryAfter: null });
    const [{ method, path, headers, body } = { method: '', path: '', headers: {}, body: '' }] = receiver.received;
    expect([method, path]).toEqual(['POST', '/services/T0001/hook']);
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'idempotency-key': ID, authorization: `Bearer ${TOKEN}`, 'webhook-id': ID, 'x-team': 'storage' });
    expect(headers['user-agent']).toMatch(/^pivo\/\d+\.\d+\.\d+$/);
    expect(headers['webhook-signature']).toBe(`v1,${createHmac('sha256', SECRET).update(`${ID}.${String(headers['webhook-timestamp'])}.${body}`).digest('base64')}`);
    expect(JSON.parse(body)).toMatchObject({ id: ID, event: 'visit.done' });
  });

  it('carries neither token nor signature where none is configured', async () => {
    receiver.answer(status(204));
    await attempt(targetOf({ url: receiver.url }), { id: ID, notification }, new AbortController().signal);
    expect(Object.keys(receiver.received[0]?.headers ?? {})).not.toEqual(expect.arrayContaining(['authorization']));
    expect(Object.keys(receiver.received[0]?.headers ?? {}).filter((name) => name.startsWith('webhook-'))).toEqual([]);
  });

  it('has the same id for the same news, whoever tells it', () => {
    const target = targetOf({ url: 'http://a' });
    expect(ordersFor(notification, [target])).toEqual(ordersFor({ ...notification, time: 'later' }, [target]).map((order) => ({ ...order, notification })));
    expect(ID).toBe(createHash('sha256').update(`chat\0${notification.key}`).digest('hex').slice(0, 32));
  });

  it('is made from the template of the target', async () => {
    await writeFile(join(home, 'chat.json'), '{"text": "{{title}}", "visit": "{{facts.visit}}", "gone": "{{facts.holes}}"}');
    receiver.answer(status(200));
    expect(await sendTo({ template: 'chat.json' })).toMatchObject({ failure: null });
    expect(JSON.parse(receiver.received[0]?.body ?? '')).toEqual({ text: 'execa is backed up: visit 7, 10 new bytes', visit: 7, gone: '' });
  });

  it('carries the token in the body, and in no header, where the template names it', async () => {
    await writeFile(join(home, 'token.json'), '{"routing_key": "{{token}}"}');
    receiver.answer(status(202));
    await sendTo({ template: 'token.json' });
    expect(receiver.received[0]).toMatchObject({ body: `{"routing_key":"${TOKEN}"}` });
    expect(receiver.received[0]?.headers).not.toHaveProperty('authorization');
    await expect(checkTarget(targetOf({ url: 'http://a', template: 'token.json' }, { home }))).rejects.toMatchObject({ message: expect.stringContaining('{{token}}') });
  });

  it('arrives whole with facts that are hostile', async () => {
    const facts = { origin: '"}\u0000\n{{event}}\uD800"', visit: { '"': '\u2028' } };
    receiver.answer(status(200));
    await sendTo({}, { ...notification, facts });
    expect(JSON.parse(receiver.received[0]?.body ?? '')).toMatchObject({ facts: { origin: '"}\u0000\n{{event}}\uFFFD"', visit: { '"': '\u2028' } } });
  });
});

describe('a receiver that fails', () => {
  it.each<[string, Answerer, object, object]>([
    ['answers 500', status(500, {}, 'oops'), {}, { status: 500, failure: 'answered 500: oops' }],
    ['answers 429 with a time', status(429, { 'retry-after': '7' }), {}, { status: 429, failure: 'answered 429', retryAfter: 7_000 }],
    ['answers 404', status(404), {}, { status: 404, failure: 'answered 404', hint: expect.stringMatching(/still know it/) }],
    ['refuses the token', status(401), {}, { status: 401, hint: expect.stringMatching(/token/) }],
    ['redirects', status(302, { location: 'http://127.0.0.1:1/elsewhere' }), {}, { status: 302, failure: 'answered 302, a redirect, which is not followed' }],
    ['hangs', hang, { timeout: 0.3 }, { status: null, failure: 'no answer within 0.3 s' }],
    ['resets the connection', reset, {}, { status: null, failure: expect.stringMatching(/^no connection: /) }],
    ['never ends a refusal', (response) => void response.writeHead(503).write('slow'), { timeout: 0.3 }, { status: 503, failure: 'answered 503: slow' }],
    ['never ends an answer', (response) => void response.writeHead(200).write('slow'), { timeout: 5 }, { status: 200, failure: null }],
    ['talks without end', flood, {}, { status: 400, failure: expect.stringMatching(/^answered 400: x{200}…$/) }],
    ['answers with control characters', status(400, {}, 'a\u001B[31m\u0000b\nc\u202Ed'), {}, { status: 400, failure: 'answered 400: a[31mb cd' }],
  ])('%s', async (_what, answerer, table, answer) => {
    receiver.answer(answerer);
    expect(await sendTo(table)).toMatchObject(answer);
    expect(receiver.received).toHaveLength(1);
  });

  it('speaks no TLS', async () => {
    expect(await sendTo({ url: receiver.url.replace('http:', 'https:') })).toMatchObject({ status: null, failure: expect.stringMatching(/^no connection: /) });
  });

  it('speaks no HTTP', async () => {
    const server = createServer((socket) => socket.end('SSH-2.0-x\r\n')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    expect(await sendTo({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` })).toMatchObject({ status: null, failure: expect.stringMatching(/^no connection: /) });
    server.close();
  });

  it('is not there', async () => {
    const gone = await startReceiver();
    await gone.stop();
    expect(await sendTo({ url: gone.url })).toMatchObject({ status: null, failure: 'no connection: ECONNREFUSED', hint: expect.stringContaining(new URL(gone.url).origin) });
  });

  it('repeats what it was sent, and the reason does not', async () => {
    receiver.answer((response, { headers, path }) => void response.writeHead(400).end(`${headers.authorization} ${path} ${encodeURIComponent(SECRET)} ${Buffer.from(TOKEN).toString('base64')}`));
    const { failure } = await sendTo({});
    expect(failure).toMatch(/^answered 400: Bearer \[hidden\] \[hidden\] \[hidden\] \[hidden\]=*$/);
    expect(failure).not.toMatch(/canary|T0001/);
  });
});

describe('an attempt', () => {
  it('ends when its worker ends', async () => {
    const end = new AbortController();
    receiver.answer(() => end.abort(new Error('the worker ends')));
    await expect(sendTo({}, notification, end.signal)).rejects.toThrow('the worker ends');
  });

  it.each([[{ tokenEnv: 'NONE' }, /^not sent: the environment variable NONE holds no token/], [{ template: 'none.json' }, /^not sent: there is no template/]])('without what it needs says so: %j', async (table, failure) => {
    expect(await sendTo(table)).toMatchObject({ status: null, failure: expect.stringMatching(failure) });
    expect(receiver.received).toEqual([]);
  });

  it('with a template that became wrong says where', async () => {
    await writeFile(join(home, 'wrong.json'), '{"text": "{{title"}');
    expect(await sendTo({ template: 'wrong.json' })).toMatchObject({ failure: expect.stringMatching(/string at \$\.text/) });
    await expect(checkTarget(targetOf({ url: 'http://a', template: 'wrong.json' }, { home }))).rejects.toMatchObject({ kind: 'InvalidInput' });
  });
});

function flood(response: Parameters<Answerer>[0]): void {
  response.writeHead(400);
  const chunk = Buffer.alloc(16 * 1024, 'x');
  const more = (): void => {
    while (!response.destroyed && response.write(chunk));
    if (!response.destroyed) response.once('drain', more);
  };
  more();
}
