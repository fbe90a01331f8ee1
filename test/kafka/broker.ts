// A real broker of a test file's own, so that it can be killed, and emptied between tests.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel, type ITopicConfig } from 'kafkajs';
import { enginePlaces, startKafka, type Kafka as Broker, type KafkaVersion } from '../../engines/index.ts';

export interface TestBroker extends Broker {
  /** `kafka://…`, as `events` names it. */
  url: string;
  /** A client that is not ours, to look at what ours did. */
  plain: Kafka;
  /** Removes every topic of PIVO. */
  empty(): Promise<void>;
  /** Makes a topic as an administrator would, and returns when it is served. */
  create(topic: ITopicConfig): Promise<void>;
  dispose(): Promise<void>;
}

export async function startTestBroker(version?: KafkaVersion): Promise<TestBroker> {
  const home = await mkdtemp(join(tmpdir(), 'pivo-kafka-'));
  const broker = await startKafka({ ...enginePlaces(process.env, home), ...(version === undefined ? {} : { version }) });
  const plain = new Kafka({ clientId: 'test', brokers: [broker.brokers], logLevel: logLevel.NOTHING });
  return {
    ...broker,
    url: `kafka://${broker.brokers}`,
    plain,
    empty: () => removeTopics(plain),
    create: (topic) => createTopic(plain, topic),
    dispose: async () => {
      await broker.stop();
      await rm(home, { recursive: true, force: true });
    },
  };
}

async function removeTopics(plain: Kafka): Promise<void> {
  const admin = plain.admin();
  await admin.connect();
  for (;;) {
    const topics = (await admin.listTopics()).filter((topic) => topic.startsWith('pivo-'));
    if (topics.length === 0) break;
    await admin.deleteTopics({ topics }).catch(() => {}); // gone already: the broker forgets a moment after the controller
    await sleep(20);
  }
  await admin.disconnect();
}

async function createTopic(plain: Kafka, config: ITopicConfig): Promise<void> {
  const admin = plain.admin();
  await admin.connect();
  await admin.createTopics({ topics: [config], waitForLeaders: false });
  const served = (): Promise<boolean> => admin.fetchTopicOffsets(config.topic).then(() => true, () => false);
  while (!(await served())) await sleep(20);
  await admin.disconnect();
}
