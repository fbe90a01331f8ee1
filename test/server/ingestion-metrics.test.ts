// What `/metrics` tells of the spool, the records, backups after pushes, webhooks and notifications, also where one of them is away.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { metricsPage } from '../../apps/server/metrics/page.ts';
import { countRequests } from '../../apps/server/forge/counts.ts';
import { loadConfig, type Config } from '../../config.ts';
import { PivoError } from '../../contract/failures.ts';
import type { Frame } from '../../contract/spool.ts';
import { openContext, type OpenContext } from '../../operations/context.ts';
import { createWebhookReceiver } from '../../operations/webhook-receiver.ts';
import { openRecordStore } from '../../records/open.ts';
import { openSpool } from '../../spool/folders.ts';
import { encodeFrame } from '../../spool/frame.ts';
import { stateDeliveries } from '../../state/deliveries.ts';
import { silentLog } from '../harness/temporal.ts';
import { fromGithub, hubPush, webhook } from '../webhooks/deliveries.ts';

const NOTIFY = '[[notify]]\nname = "chat"\nurl = "http://127.0.0.1:9/"\n';

let dir: string;
let config: Config;
let context: OpenContext;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pivo-im-'));
  await writeFile(join(dir, 'config.toml'), NOTIFY);
  config = loadConfig({ PIVO_HOME: dir });
  context = openContext(config, silentLog, { user: 'ada', via: 'cli', owner: true });
});
afterEach(async () => {
  await context.close();
  await rm(dir, { recursive: true, force: true });
});

const page = (): Promise<string> => metricsPage({ config: { ...config, telemetry: { repositories: 0 } }, context })();

/** The samples of the page that begin so, each with its value. */
async function samples(start: string): Promise<Record<string, number>> {
  const lines = (await page()).split('\n').filter((line) => line.startsWith(start));
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]));
}

const frame = (id: string): Frame => ({ kind: 'event', key: 'host', time: 1_763_700_000_000, id, payload: { type: 'seen' } });
const land = async (id: string): Promise<string> => (await openSpool(config.paths.spool).land('event', [encodeFrame(frame(id))])).name;

describe('the spool', () => {
  it('is told by kind and folder, from the beginning, with the age of what waits', async () => {
    const spool = openSpool(config.paths.spool);
    expect(await samples('pivo_spool_up')).toEqual({ pivo_spool_up: 1 });
    expect(await samples('pivo_spool_segments{kind="metric"')).toEqual({ 'pivo_spool_segments{kind="metric",folder="incoming"}': 0, 'pivo_spool_segments{kind="metric",folder="processing"}': 0, 'pivo_spool_segments{kind="metric",folder="failed"}': 0 });
    const name = await land('a');
    await spool.claim('event', 'event-1', { segments: 1, bytes: 1_000 });
    await spool.settle('event', 'event-1', [{ name, failure: 'torn' }]);
    await land('b');
    await spool.claim('event', 'event-2', { segments: 1, bytes: 1_000 });
    await land('c');
    await land('d');
    await writeFile(join(spool.places.incoming('event'), 'not a segment'), '');
    const told = await samples('pivo_spool_segments{kind="event"');
    expect(told).toEqual({ 'pivo_spool_segments{kind="event",folder="incoming"}': 3, 'pivo_spool_segments{kind="event",folder="processing"}': 1, 'pivo_spool_segments{kind="event",folder="failed"}': 1 });
    const bytes = await samples('pivo_spool_bytes{kind="event"');
    expect(bytes['pivo_spool_bytes{kind="event",folder="incoming"}']).toBe(2 * (bytes['pivo_spool_bytes{kind="event",folder="failed"}'] ?? 0));
    expect((await samples('pivo_spool_oldest_seconds{kind="event"'))['pivo_spool_oldest_seconds{kind="event",folder="processing"}']).toBeGreaterThan(0);
  });

  it('whose folder is no folder is said to be down, and the rest of the page is there', async () => {
    await writeFile(config.paths.spool, '');
    const text = await page();
    expect(text).toContain('\npivo_spool_up 0\n');
    expect(text).not.toContain('pivo_spool_segments{');
    expect(text).toContain('\npivo_records_up 1\n');
  });
});

describe('the manifest', () => {
  it('is counted once: batches that were open before too, and those of another database from the beginning', async () => {
    const take = async (tag: string, end: 'done' | 'failed' | 'open', second = 1): Promise<void> => {
      const records = await openRecordStore(config.records);
      try {
        await records.prepare();
        await records.openBatch({ tag, kind: 'event', reason: 'seconds', opened: '2026-11-21T00:00:00.000Z' });
        if (end === 'open') return;
        await records.loadSegment(tag, { name: 'one', bytes: 1 }, (async function* frames() { yield [frame('always'), frame(tag)]; })());
        if (end === 'failed') await records.failSegment(tag, { name: 'two', bytes: 1 }, 'torn');
        await records.closeBatch(tag, `2026-11-21T00:00:0${second}.500Z`);
      } finally {
        await records.close();
      }
    };
    const told = async (): Promise<number[]> => [...Object.values(await samples('pivo_spool_batches_total{kind="event"')), ...Object.values(await samples('pivo_spool_batch_seconds_total{kind="event"')), ...Object.values(await samples('pivo_records_stored_total{kind="event"')), ...Object.values(await samples('pivo_records_duplicates_total{kind="event"'))];
    expect(await told()).toEqual([0, 0, 0, 0, 0]);
    await take('first', 'done');
    await take('second', 'open');
    expect(await told()).toEqual([1, 0, 1.5, 2, 0]);
    await take('third', 'failed', 2);
    expect(await told()).toEqual([1, 1, 4, 3, 1]);
    await take('second', 'done');
    expect(await told()).toEqual([2, 1, 5.5, 4, 2]);
    expect(await told()).toEqual([2, 1, 5.5, 4, 2]);
    await rm(config.paths.records);
    for (const rest of ['-wal', '-shm']) await rm(`${config.paths.records}${rest}`, { force: true });
    await take('fourth', 'done');
    expect(await told()).toEqual([1, 0, 1.5, 2, 0]);
  });

  it('that cannot be asked is left out', async () => {
    const away = openContext({ ...config, records: { url: 'postgres://nobody@127.0.0.1:9/none', password: () => undefined } }, silentLog, { user: 'ada', via: 'cli', owner: true });
    const text = await metricsPage({ config: { ...config, telemetry: { repositories: 0 } }, context: away })();
    await away.close();
    expect(text).toContain('\npivo_records_up 0\n');
    expect(text).not.toMatch(/^pivo_(records_stored|spool_batches)/m);
    expect(text).toContain('\npivo_spool_up 1\n');
  });
});

describe('without Temporal', () => {
  it('backups after pushes are said to be unknown', async () => {
    const text = await page();
    expect(text).toContain('\npivo_push_backups_up 0\n');
    expect(text).not.toContain('pivo_push_backups{');
  });
});

describe('deliveries', () => {
  it('are told by target and status, and since when the oldest waits', async () => {
    expect(await samples('pivo_deliveries{')).toEqual({ 'pivo_deliveries{target="chat",status="pending"}': 0, 'pivo_deliveries{target="chat",status="delivered"}': 0, 'pivo_deliveries{target="chat",status="dead"}': 0 });
    expect(await samples('pivo_deliveries_oldest')).toEqual({ pivo_deliveries_oldest_pending_seconds: 0 });
    const log = stateDeliveries(config.paths.state);
    const notification = { event: 'test', key: 'k', time: '2026-11-21T00:00:00.000Z', repository: null, facts: {} } as const;
    log.add([{ id: 'a', target: 'chat', notification }, { id: 'b', target: 'chat', notification }, { id: 'c', target: 'removed', notification }]);
    log.record('a', { time: notification.time, milliseconds: 1, answer: 500, failure: 'no' }, 'dead');
    expect(await samples('pivo_deliveries{')).toEqual({ 'pivo_deliveries{target="chat",status="pending"}': 1, 'pivo_deliveries{target="chat",status="delivered"}': 0, 'pivo_deliveries{target="chat",status="dead"}': 1 });
    expect(Object.values(await samples('pivo_deliveries_oldest'))[0]).toBeGreaterThan(0);
  });
});

describe('requests of forges', () => {
  it('are counted by webhook and outcome; what names no webhook is one series, whatever name it has', async () => {
    let full = false;
    const append = async (): Promise<void> => {
      if (full) throw new PivoError('StorageFull', 'no room');
    };
    const counted = countRequests(createWebhookReceiver({ webhooks: [webhook('github')], append, protocols: ['https'], log: silentLog }), ['github']);
    const send = ({ headers, body }: { headers: Record<string, string>; body: string }, to = 'github') => counted.receive(to, { headers, body: Buffer.from(body), now: Date.now() });
    const push = fromGithub(hubPush('ada/site'));
    await send(push);
    await send(push);
    await send(fromGithub(hubPush('ada/site'), { secret: 'another' }));
    await send(push, 'one');
    await send(push, 'two');
    await expect(send(fromGithub('no JSON'))).rejects.toMatchObject({ kind: 'InvalidInput' });
    full = true;
    await expect(send(fromGithub(hubPush('ada/site')))).rejects.toMatchObject({ kind: 'Unavailable' });
    const text = await metricsPage({ config: { ...config, telemetry: { repositories: 0 } }, context, webhooks: counted.counts })();
    const told = Object.fromEntries([...text.matchAll(/^pivo_webhook_requests_total\{(.*)\} (\d+)$/gm)].map(([, labels, value]) => [labels, Number(value)]));
    const github = (outcome: string): string => `source="github",outcome="${outcome}"`;
    expect(told).toEqual({ [github('accepted')]: 1, [github('duplicate')]: 1, [github('wrong')]: 1, [github('stale')]: 0, [github('ignored')]: 0, [github('pong')]: 0, [github('malformed')]: 1, [github('unavailable')]: 1, 'outcome="unknown"': 2 });
  });
});
