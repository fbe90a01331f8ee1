// Publishes messages: durable on all in-sync replicas, in order, one batch in flight at a time.
import { setTimeout as sleep } from 'node:timers/promises';
import type { ICustomPartitioner, Producer } from 'kafkajs';
import { PivoError } from '../../contract/failures.ts';
import type { OutgoingMessage } from '../log.ts';
import { partitionOf } from '../partition.ts';
import { makeClient, type KafkaPlace } from './client.ts';
import { isKafkaError, unavailable } from './failures.ts';
import { Held } from './held.ts';
import { recordBytes, toRecord } from './message.ts';

/** All in-sync replicas. */
const ACKS = -1;
/** How long a broker waits for its replicas, in milliseconds. */
const ACKS_MS = 15_000;
const CLOSE_MS = 3_000;
/** Most messages and bytes of one request: under Kafka's stock limit of 1 MiB a batch, which topics that others made may have. */
const BATCH_MESSAGES = 1_000;
const BATCH_BYTES = 900 * 2 ** 10;

/**
 * Kafka tells a resent batch from a new one by the producer's sequence numbers. kafkajs takes the numbers of a batch back when
 * sending fails, though the batch may be stored; another batch under the same numbers would then be dropped as its copy, and
 * reported as stored. So batches go one after the other, and a producer that failed sends nothing more: the next has an id of its own.
 */
export class Publisher {
  readonly #url: string;
  readonly #limit: number;
  readonly #producer: Held<Producer>;
  #last: Promise<void> = Promise.resolve();

  constructor(url: string, place: KafkaPlace) {
    this.#url = url;
    this.#limit = place.settings.maxMessageBytes;
    this.#producer = new Held(
      () => makeClient(place),
      ({ kafka }) => kafka.producer({ idempotent: true, allowAutoTopicCreation: false, maxInFlightRequests: 1, createPartitioner: partitioner }),
    );
  }

  /**
   * Returns when every message is on all in-sync replicas. Fails with InvalidInput for one that is too large, with Unavailable
   * otherwise; then some may be stored. When the signal aborts it fails with Cancelled, and what is on its way may be stored.
   */
  async publish(topic: string, messages: readonly OutgoingMessage[], signal?: AbortSignal): Promise<void> {
    for (const message of messages) this.#checkSize(topic, message);
    const sent = this.#last.then(() => this.#sendAll(topic, messages, signal));
    this.#last = sent.catch(() => {});
    await (signal === undefined ? sent : orCancelled(sent, signal));
  }

  /** What was handed over is sent, if it can be within seconds. */
  async close(): Promise<void> {
    const waiting = new AbortController();
    await Promise.race([this.#last, sleep(CLOSE_MS, undefined, { signal: waiting.signal }).catch(() => {})]);
    waiting.abort();
    await this.#producer.close();
  }

  async #sendAll(topic: string, messages: readonly OutgoingMessage[], signal: AbortSignal | undefined): Promise<void> {
    for (const batch of batchesOf(messages)) {
      if (signal?.aborted === true) throw cancellation(signal);
      await this.#send(topic, batch);
    }
  }

  async #send(topic: string, batch: OutgoingMessage[]): Promise<void> {
    try {
      await this.#producer.use((producer) => producer.send({ topic, acks: ACKS, timeout: ACKS_MS, messages: batch.map((message) => toRecord(topic, message)) }));
    } catch (error) {
      if (!isKafkaError(error, 'MESSAGE_TOO_LARGE')) throw unavailable(this.#url, 'events cannot be published', error);
      if (batch.length === 1) throw tooLarge(topic, batch[0] as OutgoingMessage, 'the topic takes');
      const half = Math.ceil(batch.length / 2);
      await this.#send(topic, batch.slice(0, half));
      await this.#send(topic, batch.slice(half));
    }
  }

  #checkSize(topic: string, message: OutgoingMessage): void {
    if (recordBytes(message) > this.#limit) throw tooLarge(topic, message, `kafka.maxMessageBytes allows (${this.#limit})`);
  }
}

/** Where Kafka's own clients would put the key. */
const partitioner: ICustomPartitioner = () => ({ partitionMetadata, message }) => partitionOf(String(message.key), partitionMetadata.length);

function tooLarge(topic: string, message: OutgoingMessage, limit: string): PivoError {
  return new PivoError('InvalidInput', `message ${message.id} for ${topic} is too large: ${recordBytes(message)} bytes, more than ${limit}`, {
    hint: 'Raise kafka.maxMessageBytes in config.toml and max.message.bytes of the topic.',
    facts: { topic, id: message.id, bytes: recordBytes(message) },
  });
}

function* batchesOf(messages: readonly OutgoingMessage[]): Generator<OutgoingMessage[]> {
  let batch: OutgoingMessage[] = [];
  let bytes = 0;
  for (const message of messages) {
    const more = recordBytes(message);
    if (batch.length > 0 && (batch.length >= BATCH_MESSAGES || bytes + more > BATCH_BYTES)) {
      yield batch;
      [batch, bytes] = [[], 0];
    }
    batch.push(message);
    bytes += more;
  }
  if (batch.length > 0) yield batch;
}

const cancellation = (signal: AbortSignal): PivoError => new PivoError('Cancelled', 'publishing events was cancelled', { cause: signal.reason });

async function orCancelled(sent: Promise<void>, signal: AbortSignal): Promise<void> {
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(cancellation(signal));
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    await Promise.race([sent, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
