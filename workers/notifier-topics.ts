// Reads the commit and audit topics, and writes down what of it others are to be told.
import { setTimeout as delay } from 'node:timers/promises';
import { isPivoError } from '../contract/failures.ts';
import type { Log } from '../contract/log.ts';
import { TOPIC } from '../contract/names.ts';
import type { Batch, EventLog } from '../events/log.ts';
import { newsOf } from '../notify/news.ts';
import { ordersFor } from '../notify/orders.ts';
import type { NotifyTarget } from '../notify/settings.ts';
import { advanceNotifier, notifierPositions, type Position } from '../state/notifier-positions.ts';
import { backoffMs } from './backoff.ts';

const TOPICS = [TOPIC.commits, TOPIC.audit];

export interface TopicReading {
  events: Pick<EventLog, 'subscribe' | 'offsets'>;
  /** Path of the state database. */
  state: string;
  targets: readonly NotifyTarget[];
  /** Each home reads everything: its targets are its own. */
  workerId: string;
  /** Called when something was written down. */
  onNews(): void;
  log: Log;
}

/** Reads until the signal aborts; a log that is down is tried again. The first time it begins at the end: old news is no news. */
export async function readTopics(reading: TopicReading, signal: AbortSignal): Promise<void> {
  const { events, workerId, log } = reading;
  let failures = 0;
  while (!signal.aborted) {
    try {
      const positions = await positionsToReadFrom(reading);
      const started = (): void => void (failures = 0);
      await events.subscribe({ group: `pivo-notifier-${workerId}`, topics: TOPICS, position: (topic, partition) => positions.get(keyOf(topic, partition))?.next ?? 0, started, handle: (batch) => handle(reading, positions, batch), signal });
    } catch (error) {
      if (++failures === 1) log.error({ hint: isPivoError(error) ? error.hint : undefined }, `notifications of visits wait: ${(error as Error).message}`);
      await delay(backoffMs(failures), undefined, { signal }).catch(() => {});
    }
  }
}

type Positions = Map<string, Position>;
const keyOf = (topic: string, partition: number): string => `${topic}/${partition}`;

/** Kept positions; the end of a partition that was never read, of one whose log is not the one that was read, and the beginning of one that was added to a topic. */
async function positionsToReadFrom({ events, state }: TopicReading): Promise<Positions> {
  const kept = notifierPositions(state);
  const known = new Map(kept.map((each) => [keyOf(each.topic, each.partition), each]));
  const positions = (await events.offsets(TOPICS)).map(({ topic, partition, low, high }): Position => {
    const before = known.get(keyOf(topic, partition))?.next;
    const fresh = kept.some((each) => each.topic === topic) && before === undefined ? low : high;
    return { topic, partition, next: before === undefined || before > high ? fresh : Math.max(before, low) };
  });
  advanceNotifier(state, positions, []);
  return new Map(positions.map((each) => [keyOf(each.topic, each.partition), each]));
}

/** Position and deliveries are kept together: what is read again after a crash adds nothing. */
async function handle({ state, targets, onNews, log }: TopicReading, positions: Positions, { topic, partition, messages }: Batch): Promise<void> {
  const position: Position = { topic, partition, next: (messages.at(-1)?.offset ?? -1) + 1 };
  const orders = messages.flatMap(newsOf).flatMap((news) => ordersFor(news, targets));
  try {
    if (advanceNotifier(state, [position], orders) > 0) onNews();
  } catch (error) {
    log.error({ topic, partition, error }, 'what a batch has to tell could not be written down; it is tried again');
    throw error;
  }
  positions.set(keyOf(topic, partition), position);
  return Promise.resolve();
}
