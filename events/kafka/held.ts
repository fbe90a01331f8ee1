// A connected client, made at first use and made anew after it failed: one that failed may be in any state.
import { PivoError } from '../../contract/failures.ts';
import type { KafkaClient } from './client.ts';

/** What both kafkajs' Producer and Admin have. */
interface Connectable {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
}

interface Connected<T> {
  client: KafkaClient;
  it: T;
}

/** How long a client may take to say goodbye, in milliseconds. */
const GOODBYE_MS = 2_000;

export class Held<T extends Connectable> {
  readonly #makeClient: () => Promise<KafkaClient>;
  readonly #make: (client: KafkaClient) => T;
  readonly #leaving = new Set<Promise<void>>();
  #connected: Promise<Connected<T>> | null = null;
  #closed = false;

  /** `make` gives a client of its own, not yet connected. */
  constructor(makeClient: () => Promise<KafkaClient>, make: (client: KafkaClient) => T) {
    this.#makeClient = makeClient;
    this.#make = make;
  }

  /** Fails as `act` or the connecting fails; the next use then connects anew. */
  async use<R>(act: (it: T) => Promise<R>): Promise<R> {
    if (this.#closed) throw new PivoError('Unavailable', 'the event log was closed');
    const connected = (this.#connected ??= this.#connect());
    try {
      return await act((await connected).it);
    } catch (error) {
      this.#drop(connected);
      throw error;
    }
  }

  /** What is under way fails after a few seconds. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#connected !== null) this.#drop(this.#connected);
    await Promise.all(this.#leaving);
  }

  async #connect(): Promise<Connected<T>> {
    const client = await this.#makeClient();
    try {
      const it = this.#make(client);
      await it.connect();
      return { client, it };
    } catch (error) {
      client.cut();
      throw error;
    }
  }

  #drop(connected: Promise<Connected<T>>): void {
    if (this.#connected !== connected) return;
    this.#connected = null;
    const leaving = connected.then(leave, () => {}).finally(() => this.#leaving.delete(leaving));
    this.#leaving.add(leaving);
  }
}

async function leave({ client, it }: { client: KafkaClient; it: Connectable }): Promise<void> {
  const timer = setTimeout(client.cut, GOODBYE_MS);
  await it.disconnect().catch(() => {});
  clearTimeout(timer);
  client.cut();
}
