// How topics and messages look in Kafka to everybody else, and what PIVO says of what it cannot do.
import { Partitioners, type Admin, type Kafka, type KafkaMessage } from 'kafkajs';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Log } from '../../contract/log.ts';
import { TOPIC, deadLetterTopic } from '../../contract/names.ts';
import { KafkaTable, kafkaSettings, type KafkaSettings } from '../../events/kafka/settings.ts';
import type { EventLog } from '../../events/log.ts';
import { openEventLog } from '../../events/open.ts';
import { partitionOf } from '../../events/partition.ts';
import { readUntil } from '../events/conformance.ts';
import { testBroker, type TestBroker } from './broker.ts';

const settings = (table: Partial<KafkaTable> = {}): KafkaSettings => kafkaSettings(KafkaTable.parse(table), undefined);

it('a key goes to the partition that Kafka\'s default partitioner chooses', () => {
  const theirs = Partitioners.DefaultPartitioner();
  const partitionMetadata = Array.from({ length: 7 }, (_, partitionId) => ({ partitionId, partitionErrorCode: 0, leader: 1, replicas: [1], isr: [1] }));
  for (let n = 0; n < 500; n++) {
    const key = `repository-größe/日本-${'x'.repeat(n % 9)}${n}`;
    expect(partitionOf(key, 7)).toBe(theirs({ topic: 't', partitionMetadata, message: { key, value: '' } }));
  }
});

describe('topics and messages in Kafka', () => {
  let broker: TestBroker;
  const opened: EventLog[] = [];
  const open = (kafka?: KafkaSettings, log?: Log): EventLog => {
    const events = openEventLog(broker.url, { ...(kafka === undefined ? {} : { kafka }), ...(log === undefined ? {} : { log }) });
    opened.push(events);
    return events;
  };
  const withAdmin = async <R>(act: (admin: Admin) => Promise<R>): Promise<R> => {
    const admin = broker.plain.admin();
    await admin.connect();
    try {
      return await act(admin);
    } finally {
      await admin.disconnect();
    }
  };
  const configOf = (topic: string): Promise<Record<string, string>> =>
    withAdmin(async (admin) => {
      const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: [{ type: 2, name: topic }] });
      return Object.fromEntries(resources[0]?.configEntries.map(({ configName, configValue }) => [configName, configValue]) ?? []);
    });

  beforeAll(async () => {
    broker = await testBroker();
  }, 300_000);
  beforeEach(() => broker.empty());
  afterEach(async () => {
    for (const log of opened.splice(0)) await log.close();
  });

  it('topics have the partitions and replicas that are configured, and forget nothing', async () => {
    await open(settings({ partitions: 3, replication: 1, maxMessageBytes: 8 * 2 ** 20 })).offsets([TOPIC.commits]);
    for (const topic of Object.values(TOPIC).flatMap((name) => [name, deadLetterTopic(name)])) {
      const { topics } = await withAdmin((admin) => admin.fetchTopicMetadata({ topics: [topic] }));
      expect(topics[0]?.partitions.map(({ replicas }) => replicas.length)).toEqual([1, 1, 1]);
      expect(await configOf(topic)).toMatchObject({ 'retention.ms': '-1', 'retention.bytes': '-1', 'cleanup.policy': 'delete', 'message.timestamp.type': 'LogAppendTime', 'max.message.bytes': String(8 * 2 ** 20), 'min.insync.replicas': '1' });
    }
  });

  it('says what to do when the cluster cannot make as many replicas', async () => {
    await expect(open(settings({ replication: 3 })).offsets([TOPIC.commits])).rejects.toMatchObject({ kind: 'Unavailable', hint: 'Set kafka.replication to at most the number of brokers.' });
  });

  it('two openers that come at once make the topics once', async () => {
    const [a, b] = await Promise.all([open().offsets([TOPIC.commits]), open().offsets([TOPIC.commits])]);
    expect(a).toEqual(b);
  });

  it('makes topics again that somebody removed, when publishing is tried again', async () => {
    const log = open();
    const message = { key: 'k', id: 'k:0', value: '{}' };
    await log.publish(TOPIC.commits, [message]);
    await broker.empty();
    await expect(log.publish(TOPIC.commits, [message])).rejects.toMatchObject({ kind: 'Unavailable' });
    await expect.poll(() => log.publish(TOPIC.commits, [message]).then(() => 'published', () => 'failed')).toBe('published');
  });

  it('leaves topics that are there as they are, and warns of one that forgets', async () => {
    await broker.create({ topic: TOPIC.commits, numPartitions: 2, configEntries: [{ name: 'retention.ms', value: '60000' }] });
    const warnings: unknown[] = [];
    const ignore = (): void => {};
    const log: Log = { debug: ignore, info: ignore, error: ignore, warn: (facts) => warnings.push(facts['topic']), child: () => log };
    expect(await open(undefined, log).offsets([TOPIC.commits])).toHaveLength(2);
    expect(warnings).toEqual([TOPIC.commits]);
    expect(await configOf(TOPIC.commits)).toMatchObject({ 'retention.ms': '60000' });
  });

  it('messages are CloudEvents in binary mode, readable by any client', async () => {
    await open().publish(TOPIC.commits, [{ key: 'execa', id: 'commit:execa:1:0', value: '{"n":"日本"}', type: 'COMMIT' }]);
    const message = await firstMessage(broker.plain, TOPIC.commits);
    expect(message.key?.toString()).toBe('execa');
    expect(message.value?.toString()).toBe('{"n":"日本"}');
    expect(Object.fromEntries(Object.entries(message.headers ?? {}).map(([name, value]) => [name, value?.toString()]))).toEqual({
      ce_specversion: '1.0',
      ce_id: 'commit:execa:1:0',
      ce_source: '/pivo',
      ce_type: 'pivo.commit',
      'content-type': 'application/json',
    });
  });

  it('delivers what others wrote without key, id or value, for its reader to judge', async () => {
    const log = open();
    await log.offsets([TOPIC.commits]);
    const producer = broker.plain.producer({ createPartitioner: Partitioners.DefaultPartitioner });
    await producer.connect();
    await producer.send({ topic: TOPIC.commits, messages: [{ key: null, value: null, partition: 0 }] });
    await producer.disconnect();
    const [read] = await readUntil(log, TOPIC.commits, (all) => all.length > 0);
    expect(read?.message).toMatchObject({ key: '', value: '', id: `${TOPIC.commits}:0:0` });
  });

  it('refuses a message that is too large for the settings, and publishes none of its batch', async () => {
    const log = open(settings({ maxMessageBytes: 2 ** 20 }));
    const publishing = log.publish(TOPIC.commits, [{ key: 'k', id: 'small', value: '{}' }, { key: 'k', id: 'large', value: 'x'.repeat(2 ** 20) }]);
    await expect(publishing).rejects.toMatchObject({ kind: 'InvalidInput', message: expect.stringContaining('message large for pivo-commit-events is too large') as string, hint: expect.stringContaining('maxMessageBytes') as string });
    expect((await log.offsets([TOPIC.commits])).every(({ high }) => high === 0)).toBe(true);
  });

  it('names the message that a topic of others does not take, after all before it', async () => {
    await broker.create({ topic: TOPIC.commits, numPartitions: 1, configEntries: [{ name: 'max.message.bytes', value: '20000' }] });
    const log = open();
    const some = Array.from({ length: 50 }, (_, n) => ({ key: 'k', id: `k:${n}`, value: 'x'.repeat(1_000) }));
    await expect(log.publish(TOPIC.commits, [...some, { key: 'k', id: 'large', value: 'x'.repeat(30_000) }])).rejects.toMatchObject({ kind: 'InvalidInput', facts: { id: 'large' } });
    const read = await readUntil(log, TOPIC.commits, (all) => all.length >= some.length);
    expect(read.map(({ message }) => message.id)).toEqual(some.map(({ id }) => id));
  });

  it('tells tools how far a group has read', async () => {
    const log = open();
    await log.publish(TOPIC.commits, Array.from({ length: 5 }, (_, n) => ({ key: 'k', id: `k:${n}`, value: '{}' })));
    const stop = new AbortController();
    let committed = '';
    const reading = log.subscribe({ group: 'pivo-metadata', topics: [TOPIC.commits], position: () => 0, handle: () => Promise.resolve(), signal: stop.signal });
    const partition = partitionOf('k', 4);
    await expect
      .poll(async () => {
        const [offsets] = await withAdmin((admin) => admin.fetchOffsets({ groupId: 'pivo-metadata', topics: [TOPIC.commits] }));
        committed = offsets?.partitions.find((each) => each.partition === partition)?.offset ?? '';
        return committed;
      }, { timeout: 20_000 })
      .toBe('5');
    stop.abort();
    await reading;
  });
});

async function firstMessage(kafka: Kafka, topic: string): Promise<KafkaMessage> {
  const consumer = kafka.consumer({ groupId: `look-${process.hrtime.bigint()}`, maxWaitTimeInMs: 200 });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  const message = await new Promise<KafkaMessage>((resolve, reject) => {
    consumer.run({ eachMessage: ({ message }) => Promise.resolve(resolve(message)) }).catch(reject);
  });
  await consumer.disconnect();
  return message;
}
