// Fills a new index from the log or from the archive.
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Store } from '../archive/store.ts';
import type { PivoEvent } from '../contract/events.ts';
import { PivoError } from '../contract/failures.ts';
import type { Progress } from '../contract/ingest.ts';
import type { Log } from '../contract/log.ts';
import { TOPIC } from '../contract/names.ts';
import type { EventLog, PartitionOffsets } from '../events/log.ts';
import { checkEvent } from '../metadata/check-events.ts';
import type { Rebuild } from '../metadata/rebuild.ts';
import type { Position } from '../metadata/writer.ts';
import type { OpenVault } from '../vault/open.ts';
import { hideEvent } from '../vault/people.ts';
import { archiveEvents } from './metadata-archive.ts';

export const CONSUMED_TOPICS: string[] = Object.values(TOPIC);
const EVENTS_A_BATCH = 5_000;

export interface ReindexSource {
  /** How far the index that is replaced had read a partition. */
  position: (topic: string, partition: number) => number;
  events: EventLog;
  store: Store;
  /** Folder of the disposable caches. */
  cache: string;
  log: Log;
  /** Where it is on: people are tokens, also those of messages from before. */
  vault?: OpenVault | undefined;
  signal: AbortSignal;
  onProgress: (progress: Progress) => void;
}

/** Writes every event of the log into `rebuild`; returns the positions after them. Messages that are no events are passed over: they are among the dead letters already. */
export async function fillFromLog(rebuild: Rebuild, { events, signal, onProgress, position, vault }: ReindexSource): Promise<Position[]> {
  const ends = await events.offsets(CONSUMED_TOPICS);
  refuseShorterLog(events.url, ends, position);
  const total = ends.reduce((sum, { low, high }) => sum + high - low, 0);
  const reading = new AbortController();
  const left = new Map(ends.filter(({ low, high }) => high > low).map((end) => [keyOf(end), end.high]));
  let done = 0;
  if (left.size > 0) {
    await events.subscribe({
      group: null,
      topics: CONSUMED_TOPICS,
      position: (topic, partition) => ends.find((end) => end.topic === topic && end.partition === partition)?.low ?? 0,
      // oxlint-disable-next-line require-await -- the port is asynchronous, SQLite is not
      handle: async (batch) => {
        const end = left.get(keyOf(batch));
        if (end === undefined) return;
        const messages = batch.messages.filter((message) => message.offset < end);
        rebuild.write(hidden(messages.flatMap(({ value }) => eventsIn(value)), vault));
        done += messages.length;
        onProgress({ phase: 'reading the log', done, total });
        if ((batch.messages.at(-1)?.offset ?? 0) + 1 >= end) left.delete(keyOf(batch));
        if (left.size === 0) reading.abort();
      },
      signal: AbortSignal.any([signal, reading.signal]),
    });
  }
  signal.throwIfAborted();
  return ends.map(({ topic, partition, high }) => ({ topic, partition, next: high }));
}

/** A log that lost what the index has would only empty the index. */
function refuseShorterLog(url: string, ends: readonly PartitionOffsets[], position: ReindexSource['position']): void {
  const short = ends.find(({ topic, partition, high }) => high < position(topic, partition));
  if (short === undefined) return;
  throw new PivoError('Damaged', `the event log ${url} ends at ${short.high} in ${short.topic}/${short.partition}, and the index had read it to ${position(short.topic, short.partition)}: it is not the log that was read before`, { hint: 'Run `pivo reindex --from archive`; the index is as it was.', facts: { url } });
}

/** The same for a log that lost its beginning, or that never had it: `repository` is one of which the index has more. */
export function refuseLoss(url: string, repository: string | null): void {
  if (repository === null) return;
  throw new PivoError('Damaged', `the event log ${url} lacks visits or commits of ${repository} that the index has`, { hint: 'Run `pivo reindex --from archive`; the index is as it was.', facts: { url, repository } });
}

const keyOf = ({ topic, partition }: { topic: string; partition: number }): string => `${topic}/${partition}`;

function eventsIn(value: string): PivoEvent[] {
  const checked = checkEvent(value);
  return 'event' in checked ? [checked.event] : [];
}

/**
 * Writes what the archive tells into `rebuild`; returns the positions to go on from. A visit is archived before it is
 * published, so what the log held before is in the archive; an audit record is published first, so its topic is read again.
 */
export async function fillFromArchive(rebuild: Rebuild, { events, store, cache, log, signal, onProgress, vault }: ReindexSource): Promise<Position[]> {
  const ends: PartitionOffsets[] = await events.offsets(CONSUMED_TOPICS);
  const onDamage = (error: Error): void => log.warn({ error }, 'part of the archive cannot be read and is not in the index');
  let batch: PivoEvent[] = [];
  let done = 0;
  const flush = async (): Promise<void> => {
    rebuild.write(hidden(batch, vault));
    done += batch.length;
    batch = [];
    onProgress({ phase: 'reading the archive', done });
    await nextTurn();
  };
  for await (const event of archiveEvents(store, { signal, cache, onDamage, vault: vault?.vault })) {
    batch.push(event);
    if (batch.length >= EVENTS_A_BATCH) await flush();
  }
  await flush();
  return ends.map(({ topic, partition, low, high }) => ({ topic, partition, next: topic === TOPIC.audit ? low : high }));
}

/** Events as the index may have them: where the vault is on, its people are stored there first. */
export function hidden(events: PivoEvent[], vault: OpenVault | undefined): PivoEvent[] {
  if (vault === undefined) return events;
  const clean = events.map((event) => hideEvent(vault, event));
  vault.vault.flush();
  return clean;
}
