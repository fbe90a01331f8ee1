// Failures of Kafka, said by Kafka's own Java client.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Failure } from './failure.ts';
import { enginePlaces } from '../../../engines/index.ts';
import { log4j } from '../../../engines/java.ts';
import { KAFKA_VERSIONS } from '../../../engines/kafka.ts';
import { startSecuredBroker } from '../../kafka/secured-broker.ts';
import { put, type Lab } from './lab.ts';

const CLIENT = join(import.meta.dirname, 'jobs', 'KafkaClient.java');

async function jars(): Promise<string> {
  const { cache } = enginePlaces(process.env);
  const found = (await readdir(cache)).find((name) => name.startsWith(`kafka-${KAFKA_VERSIONS[0]}-`) && !name.endsWith('.part'));
  return join(cache, found ?? '', 'jars', '*');
}

async function client(lab: Lab, act: string, brokers: string, topic: string, ...settings: string[]): Promise<string> {
  const config = await put(join(await lab.fresh(), 'log4j.properties'), log4j('INFO'));
  return lab.say('java', ['-Xmx256m', '-XX:TieredStopAtLevel=1', `-Dlog4j.configuration=file:${config}`, '-cp', await jars(), CLIENT, act, brokers, topic, ...settings], { seconds: 60 });
}

const on = (name: string, act: string, topic: string, ...settings: string[]): Failure => ({
  name,
  provoke: async (lab) => {
    const { brokers } = await lab.kafka();
    if (act !== 'create' && !topic.includes('typo')) await client(lab, 'create', brokers, topic);
    if (act === 'consume-long' || act === 'slow') await client(lab, 'produce', brokers, topic, 'count=5');
    return client(lab, act, brokers, topic, ...settings);
  },
});

export const FAILURES: readonly Failure[] = [
  on('kafka-unknown-topic', 'produce', 'orders-typo'),
  on('kafka-message-too-large', 'produce', 'invoices', 'size=3000000', 'max.request.size=10000000'),
  on('kafka-request-too-large', 'produce', 'invoices', 'size=3000000'),
  on('kafka-offset-out-of-range', 'seek', 'clicks', 'auto.offset.reset=none'),
  on('kafka-bad-record', 'consume-long', 'prices', 'auto.offset.reset=earliest'),
  on('kafka-slow-consumer', 'slow', 'payments', 'auto.offset.reset=earliest', 'max.poll.interval.ms=4000', 'session.timeout.ms=6000', 'heartbeat.interval.ms=500'),
  on('kafka-replication-factor', 'create', 'shipments', 'replication=3'),
  { name: 'kafka-broker-down', provoke: async (lab) => client(lab, 'produce', `127.0.0.1:${await lab.deadPort()}`, 'orders') },
  { name: 'kafka-wrong-password', provoke: async (lab) => withSecured(lab, (url, ca) => client(lab, 'produce', url, 'orders', 'security.protocol=SASL_SSL', 'ssl.truststore.type=PEM', `ssl.truststore.location=${ca}`, 'sasl.mechanism=SCRAM-SHA-256', 'sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required username="loader" password="wrong";')) },
  { name: 'kafka-tls-untrusted', provoke: async (lab) => withSecured(lab, (url) => client(lab, 'produce', url, 'orders', 'security.protocol=SASL_SSL', 'sasl.mechanism=SCRAM-SHA-256', 'sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required username="loader" password="wrong";')) },
];

async function withSecured(lab: Lab, act: (url: string, ca: string) => Promise<string>): Promise<string> {
  await lab.kafka(); // fetches the jars
  const broker = await startSecuredBroker();
  try {
    return await act(broker.url.replace('kafka://', ''), broker.caFile);
  } finally {
    await broker.stop();
  }
}
