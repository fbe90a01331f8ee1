// Creates and lists topics over Kafka's protocol, to see a broker work without a client library.
import { askBroker } from '../../engines/kafka-ready.ts';
import type { KafkaAddress } from '../../engines/index.ts';

const METADATA = 3;
const CREATE_TOPICS = 19;

function ask({ brokers }: KafkaAddress, api: number, version: number, body: Buffer): Promise<Buffer> {
  const [host, port] = brokers.split(':');
  return askBroker(host ?? '', Number(port), { api, version, body });
}

/** CreateTopics v2 with one partition; the broker's error code, 0 when it was created. */
export async function createTopic(kafka: KafkaAddress, name: string): Promise<number> {
  const one = Buffer.from([0, 0, 0, 1]);
  const none = Buffer.alloc(4);
  const [text, replicas, patience, really] = [string(name), Buffer.from([0, 1]), Buffer.from([0, 0, 0x27, 0x10]), Buffer.from([0])];
  const answer = await ask(kafka, CREATE_TOPICS, 2, Buffer.concat([one, text, one, replicas, none, none, patience, really]));
  return answer.readInt16BE(8 + text.length); // after throttle time, count and name
}

/** True when Metadata v1 of all topics names it. */
export async function hasTopic(kafka: KafkaAddress, name: string): Promise<boolean> {
  const all = Buffer.from([0xff, 0xff, 0xff, 0xff]);
  return (await ask(kafka, METADATA, 1, all)).includes(string(name));
}

function string(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
}
