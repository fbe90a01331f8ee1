// The index: COMMIT events from log to rows, and questions at a million commits.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import Database from 'better-sqlite3';
import { openStore } from '../archive/open.ts';
import type { PivoEvent } from '../contract/events.ts';
import type { Progress } from '../contract/ingest.ts';
import type { Log } from '../contract/log.ts';
import { TOPIC } from '../contract/names.ts';
import type { EventLog } from '../events/log.ts';
import { openEventLog } from '../events/open.ts';
import { MetadataService } from '../workers/metadata-service.ts';
import { median, type Bench, type Row } from './bench.ts';
import { REPOSITORIES, commitEvent, hashOf, pathOf, pick, repositoryOf, snapshotEvent, wordOf } from './index-events.ts';

/** Consumed by a running service; the others are in the log when the index is built anew. */
const LIVE = 200_000;

const silent: Log = { debug() {}, info() {}, warn: console.warn, error: console.error, child: () => silent };

/** The bench at a number of commits: 1,000,000 is what is promised for. */
export function indexBenchAt(commits: number): Bench {
  return { name: 'index', title: `Index: log to rows, and questions at ${commits.toLocaleString('en')} commits`, run: ({ scratch }) => measure(scratch, commits) };
}

export const indexBench = indexBenchAt(1_000_000);

async function measure(scratch: string, commits: number): Promise<Row[]> {
  const live = Math.min(LIVE, commits);
  const index = join(scratch, 'index.db');
  const events = openEventLog(`sqlite:${join(scratch, 'index-events.db')}`);
  await publishCommits(events, 0, live, commits);
  await publish(events, Array.from({ length: REPOSITORIES }, (_, n) => snapshotEvent(n, 1)));
  const started = performance.now();
  const service = new MetadataService({ index, events, store: openStore(pathToFileURL(join(scratch, 'index-archive')).href), cache: join(scratch, 'index-cache'), log: silent });
  try {
    const caughtUp = await catchUp(service, live, started);
    await publishCommits(events, live, commits, commits);
    return [caughtUp, ...(await rebuild(service, commits)), ...questions(index, commits)];
  } finally {
    await service.stop();
    await events.close();
  }
}

/** A service that starts `live` events behind. */
async function catchUp(service: MetadataService, live: number, started: number): Promise<Row> {
  const signal = new AbortController().signal;
  await Promise.all(Array.from({ length: REPOSITORIES }, (_, n) => service.waitFor(repositoryOf(n), 1, signal)));
  return { what: `a service ${live} events behind: log to rows`, unit: 'per second', pivo: (live / (performance.now() - started)) * 1000, allowed: 20_000 };
}

async function publish(events: EventLog, batch: PivoEvent[]): Promise<void> {
  await events.publish(TOPIC.commits, batch.map((event) => ({ key: event.repository ?? '', id: event.id, value: JSON.stringify(event) })));
}

async function publishCommits(events: EventLog, from: number, to: number, commits: number): Promise<void> {
  for (let at = from; at < to; at += 2_000) await publish(events, Array.from({ length: Math.min(2_000, to - at) }, (_, n) => commitEvent(at + n, commits)));
}

async function rebuild(service: MetadataService, commits: number): Promise<Row[]> {
  const began = performance.now();
  let read = 0;
  const onProgress = ({ phase }: Progress): void => {
    if (phase === 'completing the index') read = performance.now() - began;
  };
  await service.reindex('log', onProgress, new AbortController().signal);
  return [
    { what: `reindex of ${commits} events: log to rows`, unit: 'per second', pivo: (commits / read) * 1000, allowed: 20_000 },
    { what: 'reindex as a whole, with indexes and digest', unit: 's', pivo: (performance.now() - began) / 1000 },
  ];
}

const SEARCH = 'SELECT repo_name, commit_hash, subject FROM message_search WHERE query MATCH ?';

/** Medians at the library call: prepare once, ask often. */
function questions(index: string, commits: number): Row[] {
  const db = new Database(index, { readonly: true });
  const ask = (what: string, sql: string, value: () => unknown, rounds: number, allowed?: number): Row => {
    const statement = db.prepare(sql);
    const times = Array.from({ length: rounds }, () => {
      const began = performance.now();
      statement.all(value());
      return performance.now() - began;
    });
    return { what, unit: 'ms', pivo: median(times), ...(allowed === undefined ? {} : { allowed }) };
  };
  try {
    return [
      ask('one commit by its hash', 'SELECT * FROM repo_snapshots WHERE commit_hash = ?', () => hashOf(pick(commits)), 2_000, 0.2),
      ask('changes of one commit', 'SELECT status, path FROM changes WHERE commit_hash = ?', () => hashOf(pick(commits)), 2_000, 0.2),
      ask('full text, a word of any frequency, best 20', `${SEARCH} ORDER BY rank LIMIT 20`, () => wordOf(pick(5_000)), 200, 20),
      ask('full text, one of the 20 most frequent words, best 20', `${SEARCH} ORDER BY rank LIMIT 20`, () => wordOf(pick(20)), 20),
      ask('full text, one of the 20 most frequent words, any 20', `${SEARCH} LIMIT 20`, () => wordOf(pick(20)), 200, 20),
      ask('full text, two of the 50 most frequent words, best 20', `${SEARCH} ORDER BY rank LIMIT 20`, () => `${wordOf(5 + pick(50))} ${wordOf(5 + pick(50))}`, 100),
      ask('paths by two words, best 20', 'SELECT path FROM path_search WHERE query MATCH ? ORDER BY rank LIMIT 20', () => `${wordOf(pick(97))} ${pick(commits / 20)}`, 200, 20),
      ask('commits of one path, newest 20', 'SELECT commit_hash, committed_at FROM changes WHERE path = ? ORDER BY committed_at DESC LIMIT 20', () => pathOf(100 + pick(5_000)), 200, 20),
    ];
  } finally {
    db.close();
  }
}
