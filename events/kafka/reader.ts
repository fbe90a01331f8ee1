// One subscription: a member of a consumer group that goes on from the positions its subscriber keeps.
import { randomUUID } from 'node:crypto';
import type { Consumer, EachBatchPayload } from 'kafkajs';
import { PivoError } from '../../contract/failures.ts';
import type { Log } from '../../contract/log.ts';
import type { IncomingMessage, PartitionOffsets, Subscription } from '../log.ts';
import type { KafkaClient } from './client.ts';
import { unavailable } from './failures.ts';
import { fromRecord } from './message.ts';

/** Without a sign of life for this long a member is lost; so long waits its successor after a kill. Brokers take no less by default. */
const SESSION_MS = 6_000;
const HEARTBEAT_MS = 2_000;
/** How long a member may take to finish its batches when others come or go. */
const REBALANCE_MS = 30_000;
/** How long a broker holds a question when nothing is new; ending a subscription waits for the answer. */
const POLL_MS = 250;
/** A consumer that is behind is faster with large batches. */
const PARTITION_BYTES = 8 * 2 ** 20;
const FETCH_BYTES = 16 * 2 ** 20;
/** How long ending may take before the connections are cut. */
const END_MS = 3_000;
const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 5_000;

export interface ReaderOptions {
  url: string;
  client: KafkaClient;
  subscription: Subscription;
  /** Asked before reading, and again when offsets are not what they should be. */
  offsets: () => Promise<PartitionOffsets[]>;
  log: Log;
}

/** Reads until the subscription's signal aborts. Fails with Unavailable when the brokers do, with InvalidInput when the log does not hold what comes next. */
export async function read(options: ReaderOptions): Promise<void> {
  await new Reader(options).run();
}

const keyOf = (topic: string, partition: number): string => `${topic}/${partition}`;

class Reader {
  readonly #options: ReaderOptions;
  readonly #consumer: Consumer;
  readonly #ended = Promise.withResolvers<void>();
  /** Offset of the message that comes next, by topic and partition; for those that this member reads. */
  readonly #next = new Map<string, number>();
  readonly #busy = new Set<string>();
  readonly #retries = new Map<string, number>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #partitions = 0;
  #over = false;

  constructor(options: ReaderOptions) {
    this.#options = options;
    const { client, subscription } = options;
    this.#consumer = client.kafka.consumer({
      groupId: subscription.group ?? `pivo-${randomUUID()}`,
      sessionTimeout: SESSION_MS,
      heartbeatInterval: HEARTBEAT_MS,
      rebalanceTimeout: REBALANCE_MS,
      maxWaitTimeInMs: POLL_MS,
      maxBytesPerPartition: PARTITION_BYTES,
      maxBytes: FETCH_BYTES,
      allowAutoTopicCreation: false,
      retry: { restartOnFailure: () => Promise.resolve(false) },
    });
  }

  async run(): Promise<void> {
    const { signal } = this.#options.subscription;
    const abort = (): void => this.#end();
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    const reading = this.#start();
    try {
      await this.#ended.promise;
    } finally {
      signal.removeEventListener('abort', abort);
      await this.#leave(reading);
    }
  }

  #end(error?: unknown): void {
    this.#over = true;
    if (error === undefined) this.#ended.resolve();
    else this.#ended.reject(unavailable(this.#options.url, 'events cannot be read', error));
  }

  /** Returns when this member has joined its group, or could not. */
  async #start(): Promise<void> {
    const { topics } = this.#options.subscription;
    const { events } = this.#consumer;
    try {
      this.#partitions = (await this.#checkPositions()).length;
      this.#consumer.on(events.GROUP_JOIN, ({ payload }) => this.#assigned(payload.memberAssignment));
      this.#consumer.on(events.CRASH, ({ payload }) => this.#end(payload.error));
      if (this.#over) return;
      await this.#consumer.connect();
      await this.#consumer.subscribe({ topics, fromBeginning: true });
      if (this.#over) return;
      await this.#consumer.run({ autoCommit: false, eachBatchAutoResolve: false, partitionsConsumedConcurrently: Math.max(1, this.#partitions), eachBatch: (payload) => this.#take(payload) });
    } catch (error) {
      this.#end(error);
    }
  }

  /** kafkajs must have joined before it can leave; what does not answer in time is cut off. */
  async #leave(reading: Promise<void>): Promise<void> {
    const timer = setTimeout(this.#options.client.cut, END_MS);
    for (const waiting of this.#timers) clearTimeout(waiting);
    await reading;
    await this.#consumer.disconnect().catch(() => {});
    clearTimeout(timer);
    this.#options.client.cut();
  }

  async #checkPositions(): Promise<PartitionOffsets[]> {
    const ends = await this.#options.offsets();
    for (const end of ends) checkPosition(end, this.#options.subscription.position(end.topic, end.partition));
    return ends;
  }

  /** Every time the group has shared its partitions out: this member goes on where its subscriber is. */
  #assigned(assignment: Record<string, number[]>): void {
    const { subscription, log } = this.#options;
    this.#next.clear();
    try {
      for (const [topic, partitions] of Object.entries(assignment)) {
        for (const partition of partitions) {
          const offset = subscription.position(topic, partition);
          this.#next.set(keyOf(topic, partition), offset);
          this.#consumer.seek({ topic, partition, offset: String(offset) });
        }
      }
      subscription.started?.();
    } catch (error) {
      this.#end(error);
    }
    if (this.#next.size < this.#partitions) log.warn({ group: subscription.group, read: this.#next.size, of: this.#partitions }, 'other members of the consumer group read the other partitions');
    else log.debug({ group: subscription.group, partitions: this.#partitions }, 'reading every partition');
  }

  async #take({ batch: { topic, partition, messages }, isRunning, isStale, heartbeat, resolveOffset, pause, commitOffsetsIfNecessary }: EachBatchPayload): Promise<void> {
    const key = keyOf(topic, partition);
    if (this.#over || this.#busy.has(key) || !isRunning() || isStale()) return;
    const batch = messages.map((message) => fromRecord(topic, partition, message));
    const beating = setInterval(() => void heartbeat().catch(() => {}), HEARTBEAT_MS);
    this.#busy.add(key);
    try {
      const next = await this.#handle(topic, partition, batch);
      if (next === null) {
        this.#later(key, pause());
        return;
      }
      resolveOffset(String(next - 1));
      if (this.#options.subscription.group !== null) await commitOffsetsIfNecessary({ topics: [{ topic, partitions: [{ partition, offset: String(next) }] }] }).catch(() => {}); // for tools that show a group's lag
    } catch (error) {
      this.#end(error);
    } finally {
      this.#busy.delete(key);
      clearInterval(beating);
    }
  }

  /** The offset after the batch; null when it could not be handled now. */
  async #handle(topic: string, partition: number, messages: IncomingMessage[]): Promise<number | null> {
    const key = keyOf(topic, partition);
    const first = messages[0]?.offset ?? 0;
    const expected = this.#next.get(key) ?? first;
    if (first !== expected) await this.#checkPositions(); // another log, or messages that were removed
    if (first < expected) return expected; // it was on its way when the group shared its partitions out anew, and was handled
    try {
      await this.#options.subscription.handle({ topic, partition, messages });
    } catch {
      return null;
    }
    const next = (messages.at(-1)?.offset ?? first) + 1;
    this.#next.set(key, next);
    this.#retries.delete(key);
    return next;
  }

  /** The batch comes again after a while; other partitions go on meanwhile. */
  #later(key: string, resume: () => void): void {
    const wait = this.#retries.get(key) ?? FIRST_RETRY_MS;
    this.#retries.set(key, Math.min(wait * 2, LAST_RETRY_MS));
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      resume();
    }, wait);
    this.#timers.add(timer);
  }
}

function checkPosition({ topic, partition, low, high }: PartitionOffsets, position: number): void {
  if (position > high) throw anotherLog(topic, partition, position, high);
  if (position >= low) return;
  throw new PivoError('InvalidInput', `messages ${position} to ${low - 1} of ${topic}/${partition} were removed from Kafka before they were read`, {
    hint: 'Run `pivo reindex --from archive`, and give the topic retention.ms=-1 and retention.bytes=-1.',
    facts: { topic, partition, position, low },
  });
}

function anotherLog(topic: string, partition: number, position: number, high: number): PivoError {
  return new PivoError('InvalidInput', `position ${position} of ${topic}/${partition} is past the log's end ${high}: this is not the log that was read before`, {
    hint: 'Run `pivo reindex --from archive`.',
    facts: { position, high },
  });
}
