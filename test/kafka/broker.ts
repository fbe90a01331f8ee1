// A real broker of a test file's own, so that it can be killed, and emptied between tests.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import { enginePlaces, startKafka, type Kafka as Broker } from '../../engines/index.ts';
import type { KAFKA_VERSIONS } from '../../engines/kafka.ts';

export interface TestBroker extends Broker {
  /** `kafka://…`, as `events` names it. */
  url: string;
  /** A client that is not ours, to look at what ours did. */
  plain: Kafka;
  /** Removes every topic of PIVO. */
  empty(): Promise<void>;
  dispose(): Promise<void>;
}

export async function startTestBroker(version?: (typeof KAFKA_VERSIONS)[number]): Promise<TestBroker> {
  const home = await mkdtemp(join(tmpdir(), 'pivo-kafka-'));
  const broker = await startKafka({ ...enginePlaces(process.env, home), ...(version === undefined ? {} : { version }) });
  const plain = new Kafka({ clientId: 'test', brokers: [broker.brokers], logLevel: logLevel.NOTHING });
  return {
    ...broker,
    url: `kafka://${broker.brokers}`,
    plain,
    empty: () => removeTopics(plain),
    dispose: async () => {
      await broker.stop();
      await rm(home, { recursive: true, force: true });
    },
  };
}

async function removeTopics(plain: Kafka): Promise<void> {
  const admin = plain.admin();
  await admin.connect();
  const ours = async (): Promise<string[]> => (await admin.listTopics()).filter((topic) => topic.startsWith('pivo-'));
  const topics = await ours();
  if (topics.length > 0) await admin.deleteTopics({ topics });
  while ((await ours()).length > 0) await sleep(20); // the broker forgets a moment after the controller
  await admin.disconnect();
}
