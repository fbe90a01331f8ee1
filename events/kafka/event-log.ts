// The event log on Kafka: the port's four verbs over a publisher, an admin client and one reader a subscription.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Admin } from 'kafkajs';
import { PivoError } from '../../contract/failures.ts';
import type { Log } from '../../contract/log.ts';
import type { EventLog, OutgoingMessage, PartitionOffsets, Subscription } from '../log.ts';
import { makeClient, type KafkaPlace } from './client.ts';
import { isKafkaError, unavailable } from './failures.ts';
import { Held } from './held.ts';
import { Publisher } from './publisher.ts';
import { read } from './reader.ts';
import { brokersOf, type KafkaSettings } from './settings.ts';
import { checkTopic, ensureTopics, offsetsOf } from './topics.ts';

/** The group's broker is there and not ready yet: it was just started, or the group just moved to it. */
const COORDINATOR_MOVES = ['GROUP_LOAD_IN_PROGRESS', 'GROUP_COORDINATOR_NOT_AVAILABLE', 'NOT_COORDINATOR_FOR_GROUP'];
const COORDINATOR_TRIES = 20;
const COORDINATOR_WAIT_MS = 250;

/** The log at `kafka://host:port,…`. Nothing is connected until it is used. Fails with InvalidInput for a URL that names no brokers. */
export function openKafkaLog(url: string, settings: KafkaSettings, log: Log): EventLog {
  return new KafkaLog(url, { brokers: brokersOf(url), settings, log });
}

class KafkaLog implements EventLog {
  readonly url: string;
  readonly #place: KafkaPlace;
  readonly #admin: Held<Admin>;
  readonly #publisher: Publisher;
  readonly #reading = new Set<Promise<void>>();
  readonly #closing = new AbortController();
  #topics: Promise<void> | null = null;

  constructor(url: string, place: KafkaPlace) {
    this.url = url;
    this.#place = place;
    this.#admin = new Held(() => makeClient(place), ({ kafka }) => kafka.admin());
    this.#publisher = new Publisher(url, place);
  }

  async publish(topic: string, messages: OutgoingMessage[], signal?: AbortSignal): Promise<void> {
    checkTopic(topic);
    if (messages.length === 0) return;
    await this.#ready();
    await this.#publisher.publish(topic, messages, signal).catch((error: unknown) => this.#doubt(error));
  }

  async subscribe(subscription: Subscription): Promise<void> {
    for (const topic of subscription.topics) checkTopic(topic);
    const signal = AbortSignal.any([subscription.signal, this.#closing.signal]);
    const reading = this.#read({ ...subscription, signal });
    const settled = reading.catch(() => {});
    this.#reading.add(settled);
    await reading.finally(() => this.#reading.delete(settled));
  }

  async offsets(topics: string[]): Promise<PartitionOffsets[]> {
    for (const topic of topics) checkTopic(topic);
    await this.#ready();
    return this.#ask('the offsets of topics cannot be read', async (admin) => (await Promise.all(topics.map((topic) => offsetsOf(admin, topic)))).flat());
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all(this.#reading);
    await Promise.all([this.#publisher.close(), this.#admin.close()]);
  }

  async #read(subscription: Subscription): Promise<void> {
    await this.#ready();
    for (let attempt = 1; !subscription.signal.aborted; attempt++) {
      try {
        const client = await makeClient(this.#place);
        return await read({ url: this.url, client, subscription, offsets: () => this.offsets(subscription.topics), log: this.#place.log });
      } catch (error) {
        if (attempt === COORDINATOR_TRIES || !COORDINATOR_MOVES.some((type) => isKafkaError(error, type))) throw error;
        await sleep(COORDINATOR_WAIT_MS, undefined, { signal: subscription.signal }).catch(() => {});
      }
    }
  }

  /** The topics are there; looked at once, and again when anything failed. */
  async #ready(): Promise<void> {
    if (this.#closing.signal.aborted) throw new PivoError('Unavailable', `the event log ${this.url} was closed`);
    const { settings, log } = this.#place;
    this.#topics ??= this.#ask('the topics cannot be prepared', (admin) => ensureTopics(admin, settings, log));
    await this.#topics;
  }

  #doubt(error: unknown): never {
    this.#topics = null;
    throw error;
  }

  async #ask<R>(failing: string, question: (admin: Admin) => Promise<R>): Promise<R> {
    try {
      return await this.#admin.use(question);
    } catch (error) {
      return this.#doubt(unavailable(this.url, failing, error));
    }
  }
}
