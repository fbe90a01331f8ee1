// PIVO's topics in Kafka: created where they are missing, with settings under which nothing is ever lost.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Admin, ITopicConfig } from 'kafkajs';
import { PivoError } from '../../contract/failures.ts';
import type { Log } from '../../contract/log.ts';
import { TOPIC, deadLetterTopic } from '../../contract/names.ts';
import type { PartitionOffsets } from '../log.ts';
import type { KafkaSettings } from './settings.ts';

export const TOPICS: readonly string[] = Object.values(TOPIC).flatMap((topic) => [topic, deadLetterTopic(topic)]);

const SERVED_WITHIN_MS = 10_000;
const LOOK_AGAIN_MS = 50;

/** Fails with InvalidInput for a topic that is none of PIVO's: it would be created by a slip. */
export function checkTopic(topic: string): void {
  if (!TOPICS.includes(topic)) throw new PivoError('InvalidInput', `the event log has no topic ${topic}`, { facts: { topics: TOPICS } });
}

/** Creates the topics that are missing; warns of a topic that others made and that forgets. */
export async function ensureTopics(admin: Admin, settings: KafkaSettings, log: Log): Promise<void> {
  const there = new Set(await admin.listTopics());
  const missing = TOPICS.filter((topic) => !there.has(topic));
  if (missing.length > 0) {
    await admin.createTopics({ topics: missing.map((topic) => topicConfig(topic, settings)), waitForLeaders: false });
    await untilServed(admin, missing);
    log.info({ topics: missing, partitions: settings.partitions, ...(settings.replication === undefined ? {} : { replication: settings.replication }) }, 'topics were created');
  }
  await warnOfRetention(admin, TOPICS.filter((topic) => there.has(topic)), log);
}

function topicConfig(topic: string, { partitions, replication, maxMessageBytes }: KafkaSettings): ITopicConfig {
  const settings = {
    'cleanup.policy': 'delete', // the other policy keeps the last message of a key only
    'retention.ms': '-1',
    'retention.bytes': '-1',
    'message.timestamp.type': 'LogAppendTime',
    'max.message.bytes': String(maxMessageBytes),
    ...(replication === undefined ? {} : { 'min.insync.replicas': String(Math.max(1, replication - 1)) }),
  };
  return { topic, numPartitions: partitions, replicationFactor: replication ?? -1, configEntries: Object.entries(settings).map(([name, value]) => ({ name, value })) };
}

/** A topic that was just made is known to every broker, and led, a moment later: asking for its offsets tells. */
async function untilServed(admin: Admin, topics: string[]): Promise<void> {
  for (const end = Date.now() + SERVED_WITHIN_MS; ; await sleep(LOOK_AGAIN_MS)) {
    try {
      for (const topic of topics) await offsetsOf(admin, topic);
      return;
    } catch (error) {
      if (Date.now() > end) throw error;
    }
  }
}

const TOPIC_RESOURCE = 2;

/** Who may not look at a topic's settings is not warned. */
async function warnOfRetention(admin: Admin, topics: string[], log: Log): Promise<void> {
  if (topics.length === 0) return;
  const configNames = ['retention.ms', 'retention.bytes', 'cleanup.policy'];
  const described = await admin.describeConfigs({ includeSynonyms: false, resources: topics.map((name) => ({ type: TOPIC_RESOURCE, name, configNames })) }).catch(() => ({ resources: [] }));
  for (const { resourceName, configEntries } of described.resources) {
    const set = Object.fromEntries(configEntries.map(({ configName, configValue }) => [configName, configValue]));
    if (set['retention.ms'] === '-1' && set['retention.bytes'] === '-1' && set['cleanup.policy'] === 'delete') continue;
    log.warn({ topic: resourceName, ...set }, 'the topic forgets messages: an index can be built from it only in part; set retention.ms=-1, retention.bytes=-1 and cleanup.policy=delete');
  }
}

/** First and next offset of every partition, partitions in order. */
export async function offsetsOf(admin: Admin, topic: string): Promise<PartitionOffsets[]> {
  const offsets = await admin.fetchTopicOffsets(topic);
  return offsets.map(({ partition, low, high }) => ({ topic, partition, low: Number(low), high: Number(high) })).toSorted((a, b) => a.partition - b.partition);
}
