// A real broker for a test file: the run's own, or one of another release; emptied between tests, killed and started again.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel, type ITopicConfig } from 'kafkajs';
import { enginePlaces, startKafka, type Kafka as Broker, type KafkaVersion } from '../../engines/index.ts';
import { sharedKafka, type Shared } from '../harness/engines.ts';
import { removeTopics } from '../harness/topics.ts';

export interface TestBroker extends Shared<Broker> {
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

/** The broker that the run shares, without topics. */
export async function testBroker(): Promise<TestBroker> {
  return underTest(await sharedKafka(), () => Promise.resolve());
}

/** A broker of another release, in a home of its own. */
export async function startTestBroker(version: KafkaVersion): Promise<TestBroker> {
  const home = await mkdtemp(join(tmpdir(), 'pivo-kafka-'));
  const broker = await startKafka({ ...enginePlaces(process.env, home), version });
  return underTest(broker, async () => {
    await broker.stop();
    await rm(home, { recursive: true, force: true });
  });
}

function underTest(broker: Shared<Broker>, dispose: () => Promise<void>): TestBroker {
  const plain = new Kafka({ clientId: 'test', brokers: [broker.brokers], logLevel: logLevel.NOTHING });
  return { ...broker, url: `kafka://${broker.brokers}`, plain, empty: () => removeTopics(broker.brokers), create: (topic) => createTopic(plain, topic), dispose };
}

async function createTopic(plain: Kafka, config: ITopicConfig): Promise<void> {
  const admin = plain.admin();
  await admin.connect();
  await admin.createTopics({ topics: [config], waitForLeaders: false });
  const served = (): Promise<boolean> => admin.fetchTopicOffsets(config.topic).then(() => true, () => false);
  while (!(await served())) await sleep(20);
  await admin.disconnect();
}
