// Empties a broker: PIVO's topics have fixed names, so that what one suite published another would read.
import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';

/** Removes every topic of PIVO from the broker at `host:port`. */
export async function removeTopics(brokers: string): Promise<void> {
  const admin = new Kafka({ clientId: 'test', brokers: [brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  for (;;) {
    const topics = (await admin.listTopics()).filter((topic) => topic.startsWith('pivo-'));
    if (topics.length === 0) break;
    await admin.deleteTopics({ topics }).catch(() => {}); // gone already: the broker forgets a moment after the controller
    await sleep(20);
  }
  await admin.disconnect();
}
