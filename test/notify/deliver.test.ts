// Deliveries on a real Temporal: what arrives, what is tried again, what is given up, and that none waits for another.
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Log, LogFacts } from '../../contract/log.ts';
import type { Delivery } from '../../contract/notification.ts';
import { countDeliveries, reviveDeliveries } from '../../state/deliveries.ts';
import { startTemporal, type TestTemporal } from '../harness/temporal.ts';
import { historyOf, news, openHome, type HomeOptions, type NotifyHome } from './home.ts';
import { hang, ok, startReceiver, status, type Receiver } from './receiver.ts';

let temporal: TestTemporal;
const homes: NotifyHome[] = [];
const receivers: Receiver[] = [];

beforeAll(async () => void (temporal = await startTemporal()));
afterEach(async () => {
  await Promise.all(homes.splice(0).map((home) => home.stop()));
  await Promise.all(receivers.splice(0).map((receiver) => receiver.stop()));
});
afterAll(() => temporal.stop());

async function receiver(...parameters: Parameters<typeof startReceiver>): Promise<Receiver> {
  const started = await startReceiver(...parameters);
  receivers.push(started);
  return started;
}

async function home(tables: object[], options: HomeOptions = {}): Promise<NotifyHome> {
  const opened = await openHome(temporal, tables, options);
  homes.push(opened);
  return opened;
}

const chat = (to: Receiver, more: object = {}): object => ({ name: 'chat', url: to.url, rate: 1_000, ...more });
const ended = async (pivo: NotifyHome, count: number, end: Delivery['status'], seconds = 20): Promise<void> => {
  await expect.poll(() => pivo.deliveries({ status: end }).length, { timeout: seconds * 1_000 }).toBe(count);
};

describe('a delivery', () => {
  it('arrives once at each target that asked for its event', async () => {
    const [a, b, c] = [await receiver(), await receiver(), await receiver()];
    const pivo = await home([chat(a), { name: 'pager', url: b.url }, { name: 'other', url: c.url, events: ['visit.held'] }]);
    const told = news();
    expect([await pivo.tell(told), await pivo.tell(told)]).toEqual([2, 0]);
    await ended(pivo, 2, 'delivered');
    expect([a.received.length, b.received.length, c.received.length]).toEqual([1, 1, 0]);
    expect(pivo.deliveries({ target: 'chat' })).toMatchObject([{ event: 'visit.done', key: told.key, repository: 'execa', attempts: 1, answer: 204, failure: null, tried: [{ number: 1, answer: 204, failure: null }] }]);
  });

  it('is tried again under the same idempotency key until it arrives', async () => {
    const to = await receiver((response, received, number) => (number < 3 ? status(number === 1 ? 500 : 425) : ok)(response, received, number));
    const pivo = await home([chat(to)]);
    await pivo.tell(news());
    await ended(pivo, 1, 'delivered');
    expect(new Set(to.received.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
    expect(pivo.deliveries()[0]).toMatchObject({ attempts: 3, tried: [{ answer: 500 }, { answer: 425 }, { answer: 204 }] });
  });

  it('of a fleet\'s end is its template filled, carries the bearer token, and is tried again under one idempotency key', async () => {
    const to = await receiver((response, received, number) => (number === 1 ? status(503) : ok)(response, received, number));
    await writeFile(join(temporal.folder, 'fleet.json'), '{"text": "{{title}}", "failed": "{{facts.failed}}", "first": "{{facts.firstFailed}}", "level": "{{severity}}"}');
    const pivo = await home([chat(to, { events: ['fleet.done'], template: 'fleet.json', tokenEnv: 'TOKEN' })], { env: { TOKEN: 'sesame' } });
    const facts = { fleet: 'f-1', source: 'acme', total: 3, done: 1, unchanged: 0, held: 0, failed: 2, vanished: 0, newBytes: 7, firstFailed: [{ repository: 'acme.a', reason: 'Unauthorized' }], started: '2026-11-21T03:00:00.000Z', finished: '2026-11-21T03:10:00.000Z' };
    await pivo.tell({ event: 'fleet.done', key: 'fleet.done:f-1', time: '2026-11-21T03:10:00.000Z', repository: null, facts }, news());
    await ended(pivo, 1, 'delivered');
    const proof = [pivo.deliveries()[0]?.id, 'Bearer sesame'];
    expect(to.received.map(({ headers }) => [headers['idempotency-key'], headers.authorization])).toEqual([proof, proof]);
    expect(JSON.parse(to.received[1]?.body ?? '')).toEqual({ text: 'Source acme: 1 backed up, 0 unchanged, 0 held, 2 failed of 3', failed: 2, first: facts.firstFailed, level: 'error' });
  });

  it('waits as long as the receiver asks', async () => {
    const to = await receiver((response, received, number) => (number === 1 ? status(429, { 'retry-after': '2' }) : ok)(response, received, number));
    const pivo = await home([chat(to)]);
    await pivo.tell(news());
    await ended(pivo, 1, 'delivered');
    const [first, second] = pivo.deliveries()[0]?.tried ?? [];
    expect(Date.parse(second?.time ?? '') - Date.parse(first?.time ?? '')).toBeGreaterThanOrEqual(2_000);
  });

  it('that the receiver refuses is dead at once, and is delivered when a person sends it again', async () => {
    const to = await receiver(status(400, {}, 'no such channel'));
    const pivo = await home([chat(to)]);
    await pivo.tell(news());
    await ended(pivo, 1, 'dead');
    expect(pivo.deliveries()[0]).toMatchObject({ attempts: 1, answer: 400, failure: 'answered 400: no such channel' });
    to.answer(ok);
    expect(reviveDeliveries(pivo.state, {})).toBe(1);
    await ended(pivo, 1, 'delivered');
    expect(pivo.deliveries()[0]).toMatchObject({ attempts: 1, tried: [{ number: 1, answer: 400 }, { number: 2, answer: 204 }] });
  });

  it('is dead after so many attempts', async () => {
    const to = await receiver(status(503));
    const pivo = await home([chat(to, { attempts: 3 })]);
    await pivo.tell(news());
    await ended(pivo, 1, 'dead');
    expect(to.received).toHaveLength(3);
    expect(pivo.deliveries()[0]).toMatchObject({ attempts: 3, answer: 503 });
  });

  it('leaves no secret in history, table, log or reason', async () => {
    const env = { URL_OF: '', TOKEN: 'canary-token-1f00', SECRET: 'canary-secret-22ab' };
    const to = await receiver((response, { headers, path }) => void response.writeHead(500).end(`${headers.authorization} ${path}`));
    const lines: string[] = [];
    const pivo = await home([{ name: 'chat', urlEnv: 'URL_OF', tokenEnv: 'TOKEN', secretEnv: 'SECRET', attempts: 2 }], { env: { ...env, URL_OF: `${to.url}/canary-path` }, log: logInto(lines) });
    await pivo.tell(news());
    await ended(pivo, 1, 'dead');
    expect(to.received[0]).toMatchObject({ path: expect.stringContaining('canary-path'), headers: { authorization: `Bearer ${env.TOKEN}` } });
    const folder = join(temporal.folder, pivo.workerId);
    const files = await Promise.all((await readdir(folder)).filter((name) => /\.db/.test(name)).map((name) => readFile(join(folder, name), 'latin1')));
    expect(lines.join('\n')).toContain('a notification was not delivered');
    for (const text of [await historyOf(temporal, pivo.deliveries()[0]?.id ?? ''), JSON.stringify(pivo.deliveries()), ...files, ...lines]) expect(text).not.toContain('canary');
  });
});

describe('a receiver that hangs', () => {
  it('holds up neither other receivers nor what is told to it later', async () => {
    const [stuck, lively] = [await receiver(hang), await receiver()];
    const pivo = await home([{ name: 'stuck', url: stuck.url, rate: 1_000, timeout: 60 }, chat(lively)]);
    for (let i = 0; i < 12; i++) await pivo.tell(news());
    await expect.poll(() => pivo.deliveries({ target: 'chat', status: 'delivered' }).length).toBe(12);
    expect(stuck.received.length).toBeLessThanOrEqual(4);
    expect(pivo.deliveries({ target: 'stuck', status: 'pending' })).toHaveLength(12);
  });
});

describe('a target', () => {
  it('is sent no more than its rate', async () => {
    const to = await receiver();
    const pivo = await home([chat(to, { rate: 30 })]);
    for (let i = 0; i < 5; i++) await pivo.tell(news());
    await ended(pivo, 5, 'delivered', 40);
    const times = pivo.deliveries().map(({ tried }) => Date.parse(tried[0]?.time ?? '')).sort((a, b) => a - b);
    expect((times[4] ?? 0) - (times[1] ?? 0)).toBeGreaterThanOrEqual(3 * 2_000 - 500);
  });

  it('that is not configured any more gets nothing, and what waited for it is dead', async () => {
    const to = await receiver(status(500));
    const first = await openHome(temporal, [chat(to), { name: 'gone', url: to.url }], { first: 60_000 });
    await first.tell(news());
    await expect.poll(() => to.received.length).toBe(2);
    await first.stop();
    const second = await home([chat(to)], { workerId: first.workerId });
    await expect.poll(() => second.deliveries({ target: 'gone' })).toMatchObject([{ status: 'dead', failure: 'this target is not configured any more' }]);
    expect(second.deliveries({ target: 'chat' })).toMatchObject([{ status: 'pending' }]);
  });

  it('that is gone for good holds a thousand, and no run for most of them', async () => {
    const gone = await startReceiver();
    await gone.stop();
    const pivo = await home([{ name: 'chat', url: gone.url }], { first: 3_600_000 });
    const many = Array.from({ length: 10_000 }, () => news());
    pivo.deps.notify?.deliveries.add(many.map((notification, i) => ({ id: i.toString(16).padStart(32, '0'), target: 'chat', notification })));
    await expect.poll(async () => (await temporal.client.workflow.count("WorkflowType = 'deliver' AND ExecutionStatus = 'Running'")).count).toBeGreaterThanOrEqual(50);
    expect(countDeliveries(pivo.state)).toEqual([{ target: 'chat', status: 'dead', deliveries: 9_000 }, { target: 'chat', status: 'pending', deliveries: 1_000 }]);
    expect(pivo.deliveries({ status: 'dead' })[0]).toMatchObject({ failure: 'more than 1000 waited for this target' });
    const running = temporal.client.workflow.list({ query: "WorkflowType = 'deliver' AND ExecutionStatus = 'Running'" });
    let ours = 0;
    for await (const { workflowId } of running) if (workflowId.startsWith('deliver:00000000')) ours++;
    expect(ours).toBeLessThanOrEqual(50);
  });
});

it('without targets nothing runs and nothing is written', async () => {
  const pivo = await home([]);
  expect(await pivo.tell(news())).toBe(0);
  expect(await readdir(join(temporal.folder, pivo.workerId)).catch(() => [])).not.toContain('state.db');
});

function logInto(lines: string[]): Log {
  const keep = (facts: LogFacts, message: string): void => void lines.push(`${JSON.stringify(facts, (_key, value: unknown) => (value instanceof Error ? `${value.stack} ${JSON.stringify(value)}` : value))} ${message}`);
  const log: Log = { debug: keep, info: keep, warn: keep, error: keep, child: () => log };
  return log;
}
