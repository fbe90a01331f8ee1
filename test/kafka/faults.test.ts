// What the Kafka log keeps when brokers, connections and consumers come and go.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openStore } from '../../archive/open.ts';
import { commitEvent, repositoryOf, snapshotEvent } from '../../bench/index-events.ts';
import type { PivoEvent } from '../../contract/events.ts';
import type { Log } from '../../contract/log.ts';
import { TOPIC } from '../../contract/names.ts';
import type { EventLog, OutgoingMessage } from '../../events/log.ts';
import { openEventLog } from '../../events/open.ts';
import { MetadataService } from '../../workers/metadata-service.ts';
import { readUntil } from '../events/conformance.ts';
import { testBroker, type TestBroker } from './broker.ts';
import { proxyOf, type Proxy } from './proxy.ts';

const messages = (key: string, from: number, count: number): OutgoingMessage[] => Array.from({ length: count }, (_, n) => ({ key, id: `${key}:${from + n}`, value: `{"n":${from + n}}` }));
const ids = (all: OutgoingMessage[]): string[] => all.map(({ id }) => id);

describe('the Kafka event log when things fail', () => {
  let broker: TestBroker;
  const opened: EventLog[] = [];
  const proxies: Proxy[] = [];
  const open = (url: string, log?: Log): EventLog => {
    const events = openEventLog(url, log === undefined ? {} : { log });
    opened.push(events);
    return events;
  };
  const through = async (): Promise<Proxy> => {
    const proxy = await proxyOf(broker.brokers);
    proxies.push(proxy);
    return proxy;
  };
  /** What the topic holds, in order. */
  const stored = async (count: number): Promise<string[]> => (await readUntil(open(broker.url), TOPIC.commits, (all) => all.length >= count)).map(({ message }) => message.id);
  const total = async (): Promise<number> => (await open(broker.url).offsets([TOPIC.commits])).reduce((sum, { low, high }) => sum + high - low, 0);

  beforeAll(async () => {
    broker = await testBroker();
  }, 300_000);
  beforeEach(() => broker.empty());
  afterEach(async () => {
    for (const proxy of proxies.splice(0)) proxy.close();
    for (const log of opened.splice(0)) await log.close();
  });

  it('stores a batch once when its acknowledgement is lost', async () => {
    const proxy = await through();
    const log = open(proxy.url);
    await log.publish(TOPIC.commits, messages('k', 0, 5));
    proxy.swallowProduceAnswers(1);
    await log.publish(TOPIC.commits, messages('k', 5, 5));
    expect(await stored(10)).toEqual(ids(messages('k', 0, 10)));
    expect(await total()).toBe(10);
  });

  it('loses nothing when a batch is given up and the next is as long: Kafka must not take it for a copy', async () => {
    const proxy = await through();
    const log = open(proxy.url);
    await log.publish(TOPIC.commits, messages('k', 0, 5));
    proxy.swallowProduceAnswers(2);
    await expect(log.publish(TOPIC.commits, messages('k', 5, 5))).rejects.toMatchObject({ kind: 'Unavailable' });
    await log.publish(TOPIC.commits, messages('k', 10, 5));
    expect(await total()).toBeGreaterThanOrEqual(15);
    expect(new Set(await stored(15))).toEqual(new Set(ids(messages('k', 0, 15))));
  });

  it('fails while the broker is down, and loses nothing that was acknowledged before or after', async () => {
    const log = open(broker.url);
    const acknowledged: string[] = [];
    const failed = Promise.withResolvers<unknown>();
    const publishing = (async () => {
      for (let n = 0; ; n += 50) {
        const batch = messages('k', n, 50);
        try {
          await log.publish(TOPIC.commits, batch);
          acknowledged.push(...ids(batch));
          if (n === 200) void broker.killBroker();
        } catch (error) {
          failed.resolve(error);
          return n;
        }
      }
    })();
    expect(await failed.promise).toMatchObject({ kind: 'Unavailable', hint: expect.stringContaining('published later') as string });
    const from = await publishing;
    await expect(log.offsets([TOPIC.commits])).rejects.toMatchObject({ kind: 'Unavailable' });
    await broker.startBroker();
    const again = messages('k', from, 50);
    await log.publish(TOPIC.commits, again);
    const all = await stored(acknowledged.length + again.length);
    const inOrder = [...new Set(all)];
    expect(inOrder).toEqual(ids(messages('k', 0, from + 50)));
  });

  it('ends a publish at once when it is cancelled, and itself in seconds, though the broker says nothing', async () => {
    const proxy = await through();
    const log = open(proxy.url);
    await log.publish(TOPIC.commits, messages('k', 0, 1));
    proxy.freeze();
    const stop = new AbortController();
    const publishing = log.publish(TOPIC.commits, messages('k', 1, 1), stop.signal);
    stop.abort();
    await expect(publishing).rejects.toMatchObject({ kind: 'Cancelled' });
    await log.close();
  });

  it('ends a subscription when it is aborted, though the broker says nothing', async () => {
    const proxy = await through();
    const log = open(proxy.url);
    await log.publish(TOPIC.commits, messages('k', 0, 1));
    const stop = new AbortController();
    const reading = log.subscribe({
      group: 'g',
      topics: [TOPIC.commits],
      position: () => 0,
      handle: () => {
        proxy.freeze();
        stop.abort();
        return Promise.resolve();
      },
      signal: stop.signal,
    });
    await expect(reading).resolves.toBeUndefined();
  });

  it('shares partitions among the consumers of a group, and hands them over where the positions are', async () => {
    const [a, b, writer] = [open(broker.url), open(broker.url), open(broker.url)];
    const positions = new Map<string, number>();
    const seen: { by: string; id: string }[] = [];
    const changed = new Set<() => void>();
    const until = async (done: () => boolean): Promise<void> => {
      while (!done()) await new Promise<void>((resolve) => changed.add(resolve));
    };
    const subscribe = (log: EventLog, by: string, signal: AbortSignal): Promise<void> =>
      log.subscribe({
        group: 'shared',
        topics: [TOPIC.commits],
        position: (topic, partition) => positions.get(`${topic}/${partition}`) ?? 0,
        handle: ({ topic, partition, messages }) => {
          for (const { id } of messages) seen.push({ by, id });
          positions.set(`${topic}/${partition}`, (messages.at(-1)?.offset ?? 0) + 1);
          for (const tell of changed) tell();
          changed.clear();
          return Promise.resolve();
        },
        signal,
      });
    const stops = [new AbortController(), new AbortController()] as const;
    const keys = Array.from({ length: 40 }, (_, n) => `repository-${n}`);
    let round = 0;
    const publish = async (): Promise<string[]> => {
      const sent = keys.flatMap((key) => messages(key, round, 1));
      round += 1;
      await writer.publish(TOPIC.commits, sent);
      return ids(sent);
    };
    const first = subscribe(a, 'a', stops[0].signal);
    const sent = await publish();
    await until(() => seen.length >= sent.length);
    const second = subscribe(b, 'b', stops[1].signal);
    while (!seen.some(({ by }) => by === 'b')) {
      sent.push(...(await publish()));
      await until(() => new Set(seen.map(({ id }) => id)).size >= sent.length);
    }
    stops[0].abort();
    await first;
    const alone = await publish();
    sent.push(...alone);
    await until(() => new Set(seen.map(({ id }) => id)).size >= sent.length);
    expect(new Set(seen.filter(({ id }) => alone.includes(id)).map(({ by }) => by))).toEqual(new Set(['b']));
    expect(new Set(seen.map(({ id }) => id))).toEqual(new Set(sent));
    stops[1].abort();
    await second;
  });

  it('gives a subscription without a group every partition, whoever else reads', async () => {
    const log = open(broker.url);
    const sent = Array.from({ length: 20 }, (_, n) => messages(`repository-${n}`, 0, 1)).flat();
    await log.publish(TOPIC.commits, sent);
    const readAll = async (): Promise<string[]> => {
      const read: string[] = [];
      const done = new AbortController();
      await log.subscribe({
        group: null,
        topics: [TOPIC.commits],
        position: () => 0,
        handle: ({ messages }) => {
          read.push(...ids(messages));
          if (read.length >= sent.length) done.abort();
          return Promise.resolve();
        },
        signal: done.signal,
      });
      return read.toSorted();
    };
    const both = await Promise.all([readAll(), readAll()]);
    expect(both).toEqual([ids(sent).toSorted(), ids(sent).toSorted()]);
  });

  it('stops when the topic was made anew behind its back', async () => {
    const log = open(broker.url);
    await log.publish(TOPIC.commits, messages('k', 0, 5));
    const [end] = (await log.offsets([TOPIC.commits])).filter(({ high }) => high > 0);
    await broker.empty();
    await open(broker.url).publish(TOPIC.commits, messages('k', 0, 1));
    const reading = log.subscribe({ group: 'g', topics: [TOPIC.commits], position: (_, partition) => (partition === end?.partition ? 5 : 0), handle: () => Promise.resolve(), signal: new AbortController().signal });
    await expect(reading).rejects.toMatchObject({ kind: 'InvalidInput', hint: expect.stringContaining('reindex') as string });
  });

  it('says which messages Kafka removed before they were read', async () => {
    const log = open(broker.url);
    await log.publish(TOPIC.commits, messages('k', 0, 5));
    const [end] = (await log.offsets([TOPIC.commits])).filter(({ high }) => high > 0);
    const admin = broker.plain.admin();
    await admin.connect();
    await admin.fetchTopicOffsets(TOPIC.commits); // kafkajs knows the topic's leaders only then
    await admin.deleteTopicRecords({ topic: TOPIC.commits, partitions: [{ partition: end?.partition ?? 0, offset: '3' }] });
    await admin.disconnect();
    const reading = log.subscribe({ group: 'g', topics: [TOPIC.commits], position: () => 0, handle: () => Promise.resolve(), signal: new AbortController().signal });
    await expect(reading).rejects.toMatchObject({ kind: 'InvalidInput', message: expect.stringContaining('messages 0 to 2') as string });
  });

  describe('with the metadata service', () => {
    let folder = '';
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'pivo-kafka-index-'));
    });
    afterEach(() => rm(folder, { recursive: true, force: true }));

    const ignore = (): void => {};
    const silent: Log = { debug: ignore, info: ignore, warn: ignore, error: ignore, child: () => silent };
    const publish = (log: EventLog, events: PivoEvent[]): Promise<void> => log.publish(TOPIC.commits, events.map((event) => ({ key: event.repository ?? '', id: event.id, value: JSON.stringify(event), type: event.type })));
    const commits = (from: number, to: number): PivoEvent[] => Array.from({ length: to - from }, (_, n) => commitEvent(from + n, 1_000));
    const visit = (number: number): PivoEvent[] => [0, 1, 2, 3].map((n) => snapshotEvent(n, number));

    it('goes on from its position when the broker was killed under it, each event indexed once', async () => {
      const log = open(broker.url);
      const store = openStore(pathToFileURL(join(folder, 'archive')).href);
      const service = new MetadataService({ index: join(folder, 'index.db'), events: log, store, cache: join(folder, 'cache'), log: silent });
      const never = new AbortController().signal;
      const indexed = (number: number): Promise<unknown> => Promise.all([0, 1, 2, 3].map((n) => service.waitFor(repositoryOf(n), number, never)));
      try {
        await publish(log, [...commits(0, 400), ...visit(1)]);
        await indexed(1);
        await publish(log, commits(400, 700));
        await broker.killBroker();
        await expect(publish(log, commits(700, 800))).rejects.toMatchObject({ kind: 'Unavailable' });
        const during = await service.health();
        expect(during).toMatchObject({ state: 'stalled', reason: expect.stringMatching(/./) as string, rows: { visits: 4 } });
        expect(during.partitions.length).toBeGreaterThan(0); // as it was last known
        await broker.startBroker();
        await expect.poll(async () => (await service.health()).state, { timeout: 60_000 }).toBe('consuming'); // also where nothing new comes
        await publish(log, [...commits(700, 1_000), ...visit(2)]);
        await indexed(2);
        const health = await service.health();
        expect(health).toMatchObject({ state: 'consuming', rows: { commits: 1_000 } });
        expect(health.partitions.filter(({ lag }) => lag > 0)).toEqual([]);
      } finally {
        await service.stop();
      }
    });

    it('rebuilds the index from the topic to the same digest as it had', async () => {
      const log = open(broker.url);
      const service = new MetadataService({ index: join(folder, 'index.db'), events: log, store: openStore(pathToFileURL(join(folder, 'archive')).href), cache: join(folder, 'cache'), log: silent });
      const never = new AbortController().signal;
      try {
        await publish(log, [...commits(0, 400), ...visit(1)]);
        await Promise.all([0, 1, 2, 3].map((n) => service.waitFor(repositoryOf(n), 1, never)));
        const first = await service.reindex('log', ignore, never);
        const second = await service.reindex('kafka', ignore, never);
        expect(first.rows['commits']).toBe(400);
        expect(second.digest).toBe(first.digest);
      } finally {
        await service.stop();
      }
    });
  });
});
