// The metadata service: the one consumer of the topics and the one writer of the index.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Store } from '../archive/store.ts';
import type { PivoEvent } from '../contract/events.ts';
import { PivoError, isPivoError } from '../contract/failures.ts';
import type { Progress } from '../contract/ingest.ts';
import type { Log } from '../contract/log.ts';
import type { Batch, EventLog } from '../events/log.ts';
import { checkEvent } from '../metadata/check-events.ts';
import { lockIndex, type IndexLock } from '../metadata/index-file.ts';
import { removeUnfinishedRebuild, startRebuild, type Rebuild } from '../metadata/rebuild.ts';
import { openIndexWriter, type IndexWriter } from '../metadata/writer.ts';
import type { OpenVault } from '../vault/open.ts';
import { backoffMs } from './backoff.ts';
import { LogEnds } from './log-ends.ts';
import { buryDeadLetters, type DeadLetter } from './metadata-dead-letters.ts';
import { CONSUMED_TOPICS, fillFromArchive, fillFromLog, hidden, refuseLoss } from './metadata-reindex.ts';

export interface MetadataServiceOptions {
  /** Path of the index. */
  index: string;
  events: EventLog;
  store: Store;
  /** Folder of the disposable caches. */
  cache: string;
  log: Log;
  /** Who people are; missing: the vault is off. */
  vault?: OpenVault | undefined;
}

/** `kafka` is the log, and only where the log is Kafka. */
export type ReindexFrom = 'log' | 'kafka' | 'archive';

export interface ReindexResult {
  from: ReindexFrom;
  /** The logical digest of the new index. */
  digest: string;
  rows: Record<string, number>;
}

export interface MetadataHealth {
  state: 'consuming' | 'reindexing' | 'stalled';
  /** Why nothing is consumed. */
  reason: string | null;
  index: string;
  rows: Record<string, number>;
  partitions: { topic: string; partition: number; next: number; high: number; lag: number }[];
}

interface Waiter {
  repository: string;
  visit: number;
  resolve(): void;
}

/** Holds the index's lock from construction to `stop`. Fails with Unavailable when another service holds it. */
export class MetadataService {
  readonly #options: MetadataServiceOptions;
  readonly #lock: IndexLock;
  readonly #ends: LogEnds;
  readonly #waiters = new Set<Waiter>();
  readonly #stopping = new AbortController();
  #writer: IndexWriter;
  #state: MetadataHealth['state'] = 'consuming';
  #reason: string | null = null;
  #pause = new AbortController();
  #consuming: Promise<void>;
  #reindexing: Promise<unknown> = Promise.resolve();

  constructor(options: MetadataServiceOptions) {
    this.#options = options;
    this.#lock = lockIndex(options.index);
    this.#ends = new LogEnds(options.events, CONSUMED_TOPICS);
    removeUnfinishedRebuild(options.index);
    this.#writer = openIndexWriter(options.index);
    this.#consuming = this.#consume();
  }

  /** Resolves with true when the visit is in the index, with false when the signal aborts before. */
  async waitFor(repository: string, visit: number, signal: AbortSignal): Promise<boolean> {
    if (this.#writer.hasVisit(repository, visit)) return true;
    if (signal.aborted) return false;
    return new Promise((resolve) => {
      const end = (found: boolean): void => {
        this.#waiters.delete(waiter);
        signal.removeEventListener('abort', giveUp);
        resolve(found);
      };
      const giveUp = (): void => end(false);
      const waiter: Waiter = { repository, visit, resolve: () => end(true) };
      this.#waiters.add(waiter);
      signal.addEventListener('abort', giveUp, { once: true });
    });
  }

  /** Answers within two seconds: while the log does not, the state is `stalled` and the lag is that of its last answer. */
  async health(): Promise<MetadataHealth> {
    const { offsets, reason } = await this.#ends.look();
    const partitions = offsets.map(({ topic, partition, high }) => {
      const next = this.#writer.position(topic, partition);
      return { topic, partition, next, high, lag: Math.max(0, high - next) };
    });
    const now = reason !== null && this.#state === 'consuming' ? { state: 'stalled' as const, reason } : { state: this.#state, reason: this.#reason };
    return { ...now, index: this.#options.index, rows: this.#writer.counts(), partitions };
  }

  /** Builds the index anew and puts it in the place of the old one; consuming waits meanwhile. One at a time. */
  async reindex(from: ReindexFrom, onProgress: (progress: Progress) => void, signal: AbortSignal): Promise<ReindexResult> {
    const { url } = this.#options.events;
    if (from === 'kafka' && !url.startsWith('kafka:')) throw new PivoError('InvalidInput', `events are not in Kafka but at ${url}`, { hint: 'Run `pivo reindex --from log`.' });
    if (this.#state === 'reindexing') throw new PivoError('Unavailable', 'the index is being rebuilt already', { hint: 'Wait for it to end.' });
    this.#state = 'reindexing';
    const result = this.#reindex(from, onProgress, AbortSignal.any([signal, this.#stopping.signal]));
    this.#reindexing = result.catch(() => {});
    return result;
  }

  /** Ends consuming after the batch that is being written, and lets go of the index. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#reindexing;
    await this.#consuming;
    this.#writer.close();
    this.#lock.release();
  }

  async #reindex(from: ReindexFrom, onProgress: (progress: Progress) => void, signal: AbortSignal): Promise<ReindexResult> {
    this.#pause.abort();
    await this.#consuming;
    const rebuild = startRebuild(this.#options.index);
    try {
      return await this.#rebuild(rebuild, from, onProgress, signal);
    } catch (error) {
      if (signal.aborted) throw new PivoError('Cancelled', 'the reindex was cancelled; the index is as it was', { cause: error });
      throw error;
    } finally {
      rebuild.discard();
      [this.#state, this.#reason] = ['consuming', null];
      this.#pause = new AbortController();
      this.#consuming = this.#consume();
    }
  }

  async #rebuild(rebuild: Rebuild, from: ReindexFrom, onProgress: (progress: Progress) => void, signal: AbortSignal): Promise<ReindexResult> {
    const { index, events, store, cache, log, vault } = this.#options;
    const fill = from === 'archive' ? fillFromArchive : fillFromLog;
    const positions = await fill(rebuild, { events, store, cache, log, vault, signal, onProgress, position: (topic, partition) => this.#writer.position(topic, partition) });
    if (from !== 'archive') refuseLoss(events.url, rebuild.lacksOf(index));
    onProgress({ phase: 'completing the index' });
    signal.throwIfAborted();
    const { digest, rows } = rebuild.finish(positions);
    onProgress({ phase: 'replacing the index' });
    signal.throwIfAborted();
    await rebuild.replace(index);
    this.#writer.close();
    this.#writer = openIndexWriter(index);
    this.#wakeWaiters(() => true);
    log.info({ from, digest, rows }, 'the index was rebuilt');
    return { from, digest, rows };
  }

  async #consume(): Promise<void> {
    const { events } = this.#options;
    const signal = AbortSignal.any([this.#stopping.signal, this.#pause.signal]);
    let failures = 0;
    const started = (): void => {
      failures = 0;
      this.#goesOn();
      void this.#ends.look(); // so that the lag is known when the log is gone
    };
    while (!signal.aborted) {
      try {
        await events.subscribe({ group: 'pivo-metadata', topics: CONSUMED_TOPICS, position: (topic, partition) => this.#writer.position(topic, partition), started, handle: (batch) => this.#handle(batch), signal });
      } catch (error) {
        this.#stalls(error);
        await sleep(backoffMs(++failures), undefined, { signal }).catch(() => {});
      }
    }
  }

  /** An outage is logged when it begins, however often the log is tried. */
  #stalls(error: unknown): void {
    const before = this.#state;
    if (before === 'reindexing') return;
    [this.#state, this.#reason] = ['stalled', (error as Error).message];
    if (before === 'consuming') this.#options.log.error({ hint: isPivoError(error) ? error.hint : undefined }, `consuming stopped: ${this.#reason}`);
  }

  #goesOn(): void {
    const before = this.#state;
    if (before === 'reindexing') return;
    [this.#state, this.#reason] = ['consuming', null];
    if (before === 'stalled') this.#options.log.info({}, 'consuming again');
  }

  async #handle(batch: Batch): Promise<void> {
    const { log, vault } = this.#options;
    try {
      const { found, dead } = sort(batch);
      await buryDeadLetters(this.#options, batch, dead);
      const next = (batch.messages.at(-1)?.offset ?? 0) + 1;
      this.#writer.write(hidden(found, vault), { topic: batch.topic, partition: batch.partition, next });
      this.#goesOn();
      log.debug({ topic: batch.topic, partition: batch.partition, next, events: found.length }, 'indexed');
      if (found.some((event) => event.type === 'SNAPSHOT')) this.#wakeWaiters((waiter) => found.some((event) => event.type === 'SNAPSHOT' && event.repository === waiter.repository));
    } catch (error) {
      log.error({ topic: batch.topic, partition: batch.partition, error }, 'a batch could not be indexed; it is tried again');
      throw error;
    }
  }

  #wakeWaiters(concerned: (waiter: Waiter) => boolean): void {
    for (const waiter of this.#waiters) if (concerned(waiter) && this.#writer.hasVisit(waiter.repository, waiter.visit)) waiter.resolve();
  }
}

/** Events and dead letters of a batch, in order. */
function sort(batch: Batch): { found: PivoEvent[]; dead: DeadLetter[] } {
  const found: PivoEvent[] = [];
  const dead: DeadLetter[] = [];
  for (const message of batch.messages) {
    const checked = checkEvent(message.value);
    if ('event' in checked) found.push(checked.event);
    else dead.push({ message, reason: checked.reason });
  }
  return { found, dead };
}
