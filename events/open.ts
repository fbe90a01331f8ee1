// Opens the event log that a URL names.
import { resolve } from 'node:path';
import { PivoError } from '../contract/failures.ts';
import { openEmbeddedLog } from './embedded/event-log.ts';
import type { EventLog } from './log.ts';

/**
 * The log at `sqlite:{path}`. Fails with InvalidInput for another URL, with Unavailable when it cannot be opened.
 */
export function openEventLog(url: string): EventLog {
  const path = /^sqlite:(?:\/\/(?=\/))?(.+)$/.exec(url)?.[1];
  if (path !== undefined) return openEmbeddedLog(resolve(path));
  if (url.startsWith('kafka:')) throw new PivoError('InvalidInput', 'events at kafka: comes with the Kafka adapter', { hint: 'Use `sqlite:/path/events.db` until then.' });
  throw new PivoError('InvalidInput', 'the event log URL is not one that PIVO knows', { hint: 'Use `sqlite:/path/events.db`.', facts: { scheme: url.split(':')[0] } });
}
