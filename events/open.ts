// Opens the event log that a URL names.
import { resolve } from 'node:path';
import { PivoError } from '../contract/failures.ts';
import type { Log } from '../contract/log.ts';
import { openEmbeddedLog } from './embedded/event-log.ts';
import { openKafkaLog } from './kafka/event-log.ts';
import { KafkaTable, kafkaSettings, type KafkaSettings } from './kafka/settings.ts';
import type { EventLog } from './log.ts';

export interface EventLogOptions {
  /** How to speak to Kafka; missing: plain text, default topics. */
  kafka?: KafkaSettings;
  log?: Log;
}

const ignore = (): void => {};
const silent: Log = { debug: ignore, info: ignore, warn: ignore, error: ignore, child: () => silent };

/**
 * The log at `sqlite:{path}` or `kafka://host:port,…`. Fails with InvalidInput for another URL, with Unavailable when a
 * file cannot be opened; Kafka is not asked before the log is used.
 */
export function openEventLog(url: string, { kafka = kafkaSettings(KafkaTable.parse({}), undefined), log = silent }: EventLogOptions = {}): EventLog {
  const path = /^sqlite:(?:\/\/(?=\/))?(.+)$/.exec(url)?.[1];
  if (path !== undefined) return openEmbeddedLog(resolve(path));
  if (url.startsWith('kafka:')) return openKafkaLog(url, kafka, log.child({ component: 'EVENTS' }));
  throw new PivoError('InvalidInput', 'the event log URL is not one that PIVO knows', { hint: 'Use `sqlite:/path/events.db` or `kafka://host:9092`.', facts: { scheme: url.split(':')[0] } });
}
