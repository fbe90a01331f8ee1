// What every event log promises, whatever carries it: run against each adapter.
import { afterEach, describe, expect, it } from 'vitest';
import { TOPIC, deadLetterTopic } from '../../contract/names.ts';
import type { Batch, EventLog, IncomingMessage, OutgoingMessage } from '../../events/log.ts';

export interface EventLogUnderTest {
  log: EventLog;
  /** Opens the same log as another process would. */
  again: () => Promise<EventLog>;
  dispose(): Promise<void>;
}

const message = (key: string, n: number): OutgoingMessage => ({ key, id: `${key}:${n}`, value: JSON.stringify({ n }) });
const messages = (key: string, count: number): OutgoingMessage[] => Array.from({ length: count }, (_, n) => message(key, n));

interface Read {
  batch: Batch;
  message: IncomingMessage;
}

/** Reads from the positions until `enough` says so. */
export async function readUntil(log: EventLog, topic: string, enough: (read: Read[]) => boolean, position: (partition: number) => number = () => 0): Promise<Read[]> {
  const read: Read[] = [];
  const done = new AbortController();
  await log.subscribe({
    group: 'pivo-test',
    topics: [topic],
    position: (_, partition) => position(partition),
    handle: async (batch) => {
      for (const message of batch.messages) read.push({ batch, message });
      if (enough(read)) done.abort();
    },
    signal: done.signal,
  });
  return read;
}

/** The tests; `make` makes an empty log. */
export function eventLogConformance(name: string, make: () => Promise<EventLogUnderTest>): void {
  describe(`event log on ${name}`, () => {
    const made: EventLogUnderTest[] = [];
    const open = async (): Promise<EventLogUnderTest> => {
      const under = await make();
      made.push(under);
      return under;
    };
    afterEach(async () => {
      for (const under of made.splice(0)) await under.dispose();
    });

    it('has every topic of PIVO, and its dead letters, from the start', async () => {
      const { log } = await open();
      for (const topic of Object.values(TOPIC)) {
        const offsets = await log.offsets([topic, deadLetterTopic(topic)]);
        expect(new Set(offsets.map((each) => each.topic))).toEqual(new Set([topic, deadLetterTopic(topic)]));
        expect(offsets.every(({ low, high }) => low === high)).toBe(true);
      }
    });

    it('delivers the messages of a key in order, whole, to one partition', async () => {
      const { log } = await open();
      const sent = ['execa', 'vue', 'redis', 'größe/日本'].flatMap((key) => messages(key, 50));
      await log.publish(TOPIC.commits, sent);
      const read = await readUntil(log, TOPIC.commits, (all) => all.length >= sent.length);
      for (const key of ['execa', 'vue', 'redis', 'größe/日本']) {
        const ofKey = read.filter((each) => each.message.key === key);
        expect(ofKey.map((each) => each.message.id)).toEqual(messages(key, 50).map((each) => each.id));
        expect(ofKey.map((each) => each.message.value)).toEqual(messages(key, 50).map((each) => each.value));
        expect(new Set(ofKey.map((each) => each.batch.partition)).size).toBe(1);
      }
    });

    it('counts offsets up in each partition, and says which comes next', async () => {
      const { log } = await open();
      await log.publish(TOPIC.commits, messages('execa', 10));
      const read = await readUntil(log, TOPIC.commits, (all) => all.length >= 10);
      const offsets = read.map((each) => each.message.offset);
      expect(offsets).toEqual([...offsets].sort((a, b) => a - b));
      expect(new Set(offsets).size).toBe(10);
      const { high } = (await log.offsets([TOPIC.commits])).find(({ partition }) => partition === read[0]?.batch.partition) ?? { high: -1 };
      expect(high).toBe((offsets.at(-1) ?? 0) + 1);
    });

    it('goes on from the position that the consumer keeps', async () => {
      const { log } = await open();
      await log.publish(TOPIC.commits, messages('execa', 10));
      const first = await readUntil(log, TOPIC.commits, (all) => all.length >= 10);
      const from = first[6]?.message.offset ?? 0;
      const rest = await readUntil(log, TOPIC.commits, (all) => all.length >= 4, (partition) => (partition === first[0]?.batch.partition ? from : 0));
      expect(rest.map((each) => each.message.id)).toEqual(['execa:6', 'execa:7', 'execa:8', 'execa:9']);
    });

    it('delivers what another opener of the log publishes later', async () => {
      const { log, again } = await open();
      const other = await again();
      const reading = readUntil(log, TOPIC.audit, (all) => all.length >= 3);
      await other.publish(TOPIC.audit, [message('a', 0)]);
      await other.publish(TOPIC.audit, [message('a', 1), message('a', 2)]);
      expect((await reading).map((each) => each.message.id)).toEqual(['a:0', 'a:1', 'a:2']);
    });

    it('delivers a batch again when handling it failed', async () => {
      const { log } = await open();
      await log.publish(TOPIC.commits, messages('execa', 3));
      const seen: string[] = [];
      const done = new AbortController();
      let failures = 2;
      await log.subscribe({
        group: 'test',
        topics: [TOPIC.commits],
        position: () => 0,
        handle: async (batch) => {
          seen.push(...batch.messages.map((each) => each.id));
          if (failures-- > 0) throw new Error('not now');
          done.abort();
        },
        signal: done.signal,
      });
      const once = ['execa:0', 'execa:1', 'execa:2'];
      expect(seen).toEqual([...once, ...once, ...once]);
    });

    it('ends a waiting subscription when its signal aborts', async () => {
      const { log } = await open();
      const stop = new AbortController();
      const waiting = log.subscribe({ group: 'test', topics: Object.values(TOPIC), position: () => 0, handle: async () => {}, signal: stop.signal });
      setImmediate(() => stop.abort());
      await expect(waiting).resolves.toBeUndefined();
    });

    it('refuses a position past the end: the log is not the one that was read before', async () => {
      const { log } = await open();
      const waiting = log.subscribe({ group: 'test', topics: [TOPIC.commits], position: () => 1_000, handle: async () => {}, signal: new AbortController().signal });
      await expect(waiting).rejects.toMatchObject({ kind: 'InvalidInput' });
    });

    it('refuses a topic that nobody named', async () => {
      const { log } = await open();
      await expect(log.publish('unheard-of', [message('a', 0)])).rejects.toMatchObject({ kind: 'InvalidInput' });
    });

    it('keeps values of several MiB, and every character', async () => {
      const { log } = await open();
      const value = JSON.stringify({ text: `\u0000\u2028💾 ${'x'.repeat(3 * 2 ** 20)}` });
      await log.publish(TOPIC.commits, [{ key: 'k', id: 'large', value }]);
      const [read] = await readUntil(log, TOPIC.commits, (all) => all.length >= 1);
      expect(read?.message.value === value).toBe(true);
    });
  });
}
