// The metadata service while the event log is down: it says so, tries ever more seldom, and goes on by itself.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { openStore } from '../../archive/open.ts';
import { PivoError } from '../../contract/failures.ts';
import type { Log } from '../../contract/log.ts';
import { TOPIC } from '../../contract/names.ts';
import type { EventLog } from '../../events/log.ts';
import { openEventLog } from '../../events/open.ts';
import { backoffMs } from '../../workers/backoff.ts';
import { MetadataService } from '../../workers/metadata-service.ts';
import { commits, snapshot, toMessages } from './service.ts';

let dir: string;
let events: EventLog;
let service: MetadataService;
let outage: AbortController;
let tries = 0;
let answers = true;
const said: string[] = [];

const log: Log = { debug() {}, info: (_facts, text) => void said.push(`info ${text}`), warn() {}, error: (_facts, text) => void said.push(`error ${text}`), child: () => log };
const down = new PivoError('Unavailable', 'no broker answers', { hint: 'Start it.' });

/** The embedded log as a broker that can be lost: then subscriptions fail, and offsets fail or never come. */
const breakable = (): EventLog => ({
  url: events.url,
  publish: (topic, messages) => events.publish(topic, messages),
  subscribe: async (subscription) => {
    tries += 1;
    if (outage.signal.aborted) throw down;
    await events.subscribe({ ...subscription, signal: AbortSignal.any([subscription.signal, outage.signal]) });
    if (!subscription.signal.aborted) throw down;
  },
  offsets: (topics) => {
    if (!outage.signal.aborted) return events.offsets(topics);
    return answers ? Promise.reject(down) : Promise.withResolvers<never>().promise;
  },
  close: () => events.close(),
});

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pivo-outage-'));
  events = openEventLog(`sqlite:${join(dir, 'events.db')}`);
  outage = new AbortController();
  [tries, answers] = [0, true];
  said.length = 0;
  service = new MetadataService({ index: join(dir, 'index.db'), events: breakable(), store: openStore(pathToFileURL(join(dir, 'archive')).href), cache: join(dir, 'cache'), log });
  await events.publish(TOPIC.commits, toMessages([...commits('execa', 1, 0, 5), snapshot('execa', 1, 5)]));
  await service.waitFor('execa', 1, AbortSignal.timeout(20_000));
});

afterEach(async () => {
  await service.stop();
  await events.close();
  await rm(dir, { recursive: true });
});

describe('while the log is down', () => {
  it.each([
    ['refuses', true],
    ['does not answer', false],
  ])('and %s, health says so and how far the index was', async (_what, refuses) => {
    expect(await service.health()).toMatchObject({ state: 'consuming', reason: null });
    answers = refuses;
    outage.abort();
    await expect.poll(async () => (await service.health()).state, { timeout: 20_000 }).toBe('stalled');
    const health = await service.health();
    expect(health).toMatchObject({ reason: 'no broker answers', rows: { commits: 5 } });
    expect(health.partitions.reduce((sum, { next }) => sum + next, 0)).toBe(6);
    expect(health.partitions.reduce((sum, { lag }) => sum + lag, 0)).toBe(0);
  });

  it('says so before the subscription notices', async () => {
    const deaf = new MetadataService({ index: join(dir, 'deaf.db'), events: { ...breakable(), offsets: () => Promise.reject(down) }, store: openStore(pathToFileURL(join(dir, 'archive')).href), cache: join(dir, 'cache'), log });
    expect(await deaf.health()).toMatchObject({ state: 'stalled', reason: 'no broker answers', partitions: [] });
    await deaf.stop();
  });

  it('tells its log once, however often it tries, and once when it goes on, though nothing new comes', async () => {
    const before = tries;
    outage.abort();
    await expect.poll(() => tries, { timeout: 20_000 }).toBeGreaterThan(before + 2);
    expect(said).toEqual(['error consuming stopped: no broker answers']);
    outage = new AbortController();
    await expect.poll(async () => (await service.health()).state, { timeout: 20_000 }).toBe('consuming');
    expect(said.slice(1)).toEqual(['info consuming again']);
    await events.publish(TOPIC.commits, toMessages([...commits('execa', 2, 5, 1), snapshot('execa', 2, 6)]));
    expect(await service.waitFor('execa', 2, AbortSignal.timeout(20_000))).toBe(true);
  });
});

test('waits double up to a bound and differ by chance', () => {
  const longest = Array.from({ length: 8 }, (_, n) => backoffMs(n + 1, () => 0));
  expect(longest).toEqual([500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000]);
  expect(backoffMs(1_000, () => 0)).toBe(15_000);
  expect(backoffMs(3, () => 1)).toBe(1000);
});
