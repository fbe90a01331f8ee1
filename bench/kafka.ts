// Kafka: COMMIT events into the topic, and from the topic to rows of the index.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { openStore } from '../archive/open.ts';
import type { PivoEvent } from '../contract/events.ts';
import type { Log } from '../contract/log.ts';
import { TOPIC } from '../contract/names.ts';
import { enginePlaces, startKafka } from '../engines/index.ts';
import type { EventLog, OutgoingMessage } from '../events/log.ts';
import { openEventLog } from '../events/open.ts';
import { MetadataService } from '../workers/metadata-service.ts';
import type { Bench, Row } from './bench.ts';
import { REPOSITORIES, commitEvent, repositoryOf, snapshotEvent } from './index-events.ts';

const COMMITS = 200_000;
/** As many as an ingest hands over at once. */
const BATCH = 1_000;

const silent: Log = { debug() {}, info() {}, warn: console.warn, error: console.error, child: () => silent };

export const kafkaBench: Bench = { name: 'kafka', title: `Kafka: ${COMMITS.toLocaleString('en')} COMMIT events in, and out into SQLite`, run: ({ scratch }) => measure(scratch) };

async function measure(scratch: string): Promise<Row[]> {
  const broker = await startKafka(enginePlaces(process.env, join(scratch, 'engines')));
  const events = openEventLog(`kafka://${broker.brokers}`, { log: silent });
  try {
    return [await publishing(events), await consuming(events, scratch)];
  } finally {
    await events.close();
    await broker.stop();
  }
}

const messageOf = (event: PivoEvent): OutgoingMessage => ({ key: event.repository ?? '', id: event.id, value: JSON.stringify(event), type: event.type });

/** The events are made beforehand: what counts is the way into the topic. */
async function publishing(events: EventLog): Promise<Row> {
  const batches = Array.from({ length: COMMITS / BATCH }, (_, batch) => Array.from({ length: BATCH }, (_, n) => messageOf(commitEvent(batch * BATCH + n, COMMITS))));
  await events.publish(TOPIC.commits, [messageOf(snapshotEvent(0, 1))]); // topics and producer are there
  const began = performance.now();
  for (const batch of batches) await events.publish(TOPIC.commits, batch);
  const seconds = (performance.now() - began) / 1000;
  await events.publish(TOPIC.commits, Array.from({ length: REPOSITORIES }, (_, n) => messageOf(snapshotEvent(n, 2))));
  return { what: `publish ${COMMITS} COMMIT events, acks from all replicas`, unit: 'per second', pivo: COMMITS / seconds, allowed: 20_000 };
}

/** A metadata service that starts with an empty index. */
async function consuming(events: EventLog, scratch: string): Promise<Row> {
  const began = performance.now();
  const service = new MetadataService({ index: join(scratch, 'kafka-index.db'), events, store: openStore(pathToFileURL(join(scratch, 'kafka-archive')).href), cache: join(scratch, 'kafka-cache'), log: silent });
  try {
    const never = new AbortController().signal;
    await Promise.all(Array.from({ length: REPOSITORIES }, (_, n) => service.waitFor(repositoryOf(n), 2, never)));
    return { what: `a service ${COMMITS} events behind: topic to rows`, unit: 'per second', pivo: (COMMITS / (performance.now() - began)) * 1000, allowed: 10_000 };
  } finally {
    await service.stop();
  }
}
