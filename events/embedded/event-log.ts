// The embedded event log: Kafka's shape (topics, partitions, offsets) in one SQLite file, shared by processes.
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type Database from 'better-sqlite3';
import { PivoError, isPivoError } from '../../contract/failures.ts';
import type { EventLog, IncomingMessage, OutgoingMessage, PartitionOffsets, Subscription } from '../log.ts';
import { partitionOf } from '../partition.ts';
import { OFFSETS_PER_PARTITION, openLogFile } from './schema.ts';
import { openWake, type Wake } from './wake.ts';

/** Most messages of one transaction: keeps other writers' waits short. */
const APPEND_MESSAGES = 2_000;
/** Most messages and characters of one batch: a consumer that is behind is faster with large ones. */
const BATCH_MESSAGES = 10_000;
const BATCH_CHARACTERS = 8 * 2 ** 20;
/** Most UTF-16 units of one message. */
const MESSAGE_CHARACTERS = 256 * 2 ** 20;
const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 5_000;

interface Partition {
  id: number;
  topic: string;
  partition: number;
}

/** Opens the log in the SQLite file at `path`. Fails with Unavailable. */
export function openEmbeddedLog(path: string): EventLog {
  return new EmbeddedLog(path);
}

class EmbeddedLog implements EventLog {
  readonly url: string;
  readonly #db: Database.Database;
  readonly #wake: Wake;
  readonly #topics = new Map<string, Partition[]>();
  readonly #running = new Set<Promise<void>>();
  readonly #closing = new AbortController();
  readonly #insert: Database.Statement;
  readonly #advance: Database.Statement;
  readonly #next: Database.Statement;
  readonly #read: Database.Statement;

  constructor(path: string) {
    this.url = `sqlite:${path}`;
    this.#db = openLogFile(path);
    this.#wake = openWake(`${path}.wake`);
    for (const row of this.#db.prepare('SELECT id, topic, partition FROM partitions ORDER BY topic, partition').all() as Partition[]) {
      this.#topics.set(row.topic, [...(this.#topics.get(row.topic) ?? []), row]);
    }
    this.#insert = this.#db.prepare('INSERT INTO messages (row, time, key, id, value) VALUES (?, ?, ?, ?, ?)');
    this.#advance = this.#db.prepare('UPDATE partitions SET next = ? WHERE id = ?');
    this.#next = this.#db.prepare('SELECT next FROM partitions WHERE id = ?').pluck();
    this.#read = this.#db.prepare('SELECT row, time, key, id, value FROM messages WHERE row >= ? AND row < ? ORDER BY row').raw();
  }

  async publish(topic: string, messages: OutgoingMessage[], signal?: AbortSignal): Promise<void> {
    const partitions = this.#partitions(topic);
    for (const message of messages) checkMessage(topic, message);
    for (let from = 0; from < messages.length; from += APPEND_MESSAGES) {
      if (from > 0) await nextTurn();
      throwIfAborted(signal);
      this.#append(partitions, messages.slice(from, from + APPEND_MESSAGES));
      this.#wake.ring();
    }
  }

  async subscribe(subscription: Subscription): Promise<void> {
    const failed = new AbortController();
    const signal = AbortSignal.any([subscription.signal, this.#closing.signal, failed.signal]);
    const partitions = subscription.topics.flatMap((topic) => this.#partitions(topic));
    const loops = partitions.map(async (partition) => {
      try {
        await this.#consume(partition, subscription, signal);
      } catch (error) {
        failed.abort();
        throw error;
      }
    });
    if (!failed.signal.aborted) subscription.started?.(); // every position was found good
    const all = Promise.allSettled(loops).then((results) => {
      for (const result of results) if (result.status === 'rejected') throw result.reason;
    });
    const tracked = all.catch(() => {});
    this.#running.add(tracked);
    await all.finally(() => this.#running.delete(tracked));
  }

  // oxlint-disable-next-line require-await -- the port is asynchronous, SQLite is not
  async offsets(topics: string[]): Promise<PartitionOffsets[]> {
    return topics.flatMap((topic) => this.#partitions(topic)).map((each) => ({ topic: each.topic, partition: each.partition, low: 0, high: this.#high(each) }));
  }

  async close(): Promise<void> {
    if (!this.#db.open) return;
    this.#closing.abort();
    await Promise.all(this.#running);
    this.#wake.close();
    this.#db.close();
  }

  #partitions(topic: string): Partition[] {
    const partitions = this.#topics.get(topic);
    if (partitions === undefined) throw new PivoError('InvalidInput', `the event log has no topic ${topic}`, { facts: { topics: [...this.#topics.keys()] } });
    return partitions;
  }

  #high(partition: Partition): number {
    return this.#guard(() => this.#next.get(partition.id) as number);
  }

  #append(partitions: Partition[], messages: OutgoingMessage[]): void {
    const next = new Map<number, number>();
    const write = this.#db.transaction(() => {
      const time = Date.now();
      for (const message of messages) {
        const { id } = partitions[partitionOf(message.key, partitions.length)] as Partition;
        const offset = next.get(id) ?? (this.#next.get(id) as number);
        this.#insert.run(id * OFFSETS_PER_PARTITION + offset, time, message.key, message.id, message.value);
        next.set(id, offset + 1);
      }
      for (const [id, offset] of next) this.#advance.run(offset, id);
    });
    this.#guard(() => write.immediate());
  }

  async #consume(partition: Partition, subscription: Subscription, signal: AbortSignal): Promise<void> {
    const { topic } = partition;
    let position = subscription.position(topic, partition.partition);
    this.#checkPosition(partition, position);
    let retry = FIRST_RETRY_MS;
    while (!signal.aborted) {
      const seen = this.#wake.count();
      const messages = this.#batch(partition, position);
      if (messages.length === 0) {
        await this.#wake.wait(seen, signal);
        continue;
      }
      try {
        await subscription.handle({ topic, partition: partition.partition, messages });
        position = (messages.at(-1)?.offset ?? position) + 1;
        retry = FIRST_RETRY_MS;
        await nextTurn();
      } catch {
        await sleep(retry, undefined, { signal }).catch(() => {});
        retry = Math.min(retry * 2, LAST_RETRY_MS);
      }
    }
  }

  #checkPosition(partition: Partition, position: number): void {
    const high = this.#high(partition);
    if (position <= high) return;
    throw new PivoError('InvalidInput', `position ${position} of ${partition.topic}/${partition.partition} is past the log's end ${high}: this is not the log that was read before`, {
      hint: 'Run `pivo reindex --from archive`.',
      facts: { position, high },
    });
  }

  #batch(partition: Partition, position: number): IncomingMessage[] {
    const base = partition.id * OFFSETS_PER_PARTITION;
    return this.#guard(() => {
      const messages: IncomingMessage[] = [];
      let characters = 0;
      for (const row of this.#read.iterate(base + position, base + OFFSETS_PER_PARTITION)) {
        const [rowId, time, key, id, value] = row as [number, number, string, string, string];
        messages.push({ offset: rowId - base, time, key, id, value });
        characters += value.length;
        if (messages.length >= BATCH_MESSAGES || characters >= BATCH_CHARACTERS) break;
      }
      return messages;
    });
  }

  #guard<T>(act: () => T): T {
    try {
      return act();
    } catch (error) {
      if (isPivoError(error)) throw error;
      throw new PivoError('Unavailable', `the event log ${this.url} failed: ${(error as Error).message}`, { hint: 'Check free space and permissions of its folder.', cause: error });
    }
  }
}

function checkMessage(topic: string, message: OutgoingMessage): void {
  if (message.value.length <= MESSAGE_CHARACTERS) return;
  throw new PivoError('InvalidInput', `message ${message.id} for ${topic} is too large: ${message.value.length} characters, at most ${MESSAGE_CHARACTERS}`);
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new PivoError('Cancelled', 'publishing events was cancelled', { cause: signal.reason });
}
