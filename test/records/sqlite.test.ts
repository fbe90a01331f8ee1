// SQLite behind the port RecordStore: the promises of all stores, and what only a file has.
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Frame } from '../../contract/spool.ts';
import { openRecordStore } from '../../records/open.ts';
import type { RecordStore } from '../../records/store.ts';
import { recordStoreConformance } from './conformance.ts';

const openAt = (path: string): Promise<RecordStore> => openRecordStore({ url: `sqlite:${path}`, password: () => undefined });

recordStoreConformance('SQLite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pivo-records-'));
  return { open: () => openAt(join(folder, 'records.db')), withoutVectors: null, remove: () => rm(folder, { recursive: true }) };
});

describe('a records database of SQLite', () => {
  let folder: string;
  let path: string;
  let store: RecordStore;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pivo-records-'));
    path = join(folder, 'records.db');
    store = await openAt(path);
    await store.prepare();
  });
  afterEach(async () => {
    await store.close();
    await rm(folder, { recursive: true });
  });

  const rows = (sql: string): unknown[] => {
    const db = new Database(path, { readonly: true });
    try {
      return db.prepare(sql).all();
    } finally {
      db.close();
    }
  };
  const load = async (...frames: Frame[]): Promise<void> => {
    await store.openBatch({ tag: 'batch-1', kind: 'event', reason: 'seconds', opened: '2026-11-21T10:00:00.000Z' });
    await store.loadSegment('batch-1', { name: `segment of ${frames[0]?.id}`, bytes: 10 }, (async function* () {
      yield frames;
    })());
  };
  const event = (id: string, time: number): Frame => ({ kind: 'event', key: 'node-1', time, id, payload: { type: 'log', source: 'ci', subject: 'job 7', text: 'it ran', data: { seconds: 1.5 } } });

  it('is readable by its owner only, with all that belongs to it', async () => {
    await load(event('a', 0));
    for (const suffix of ['', '-wal', '-shm']) expect((await stat(`${path}${suffix}`)).mode & 0o777).toBe(0o600);
  });

  it('keeps each month in a table of its own, far times in another, and shows all of them as one', async () => {
    const next = new Date().getUTCFullYear() + 1;
    await load(event('a', Date.UTC(2026, 10, 30, 23, 59, 59, 999)), event('b', Date.UTC(2026, 11, 1)), event('c', Date.UTC(1999, 11, 31)), event('d', Date.UTC(next, 11, 31, 23)), event('e', Date.UTC(next + 1, 0, 1)));
    const tables = rows("SELECT name FROM sqlite_schema WHERE type = 'table' AND name GLOB 'events_*' ORDER BY name");
    expect(tables).toEqual(['2026_11', '2026_12', `${next}_12`, 'other'].map((part) => ({ name: `events_${part}` })));
    expect(rows('SELECT id, month FROM events ORDER BY id')).toEqual([['a', '2026-11'], ['b', '2026-12'], ['c', 'other'], ['d', `${next}-12`], ['e', 'other']].map(([id, month]) => ({ id, month })));
  });

  it('has every column that people ask, the batch tag among them', async () => {
    await load(event('a', 1_795_255_200_000), { kind: 'metric', key: 'node-1', time: 1_795_255_200_000, id: 'm', payload: { name: 'load', value: 0.5, unit: 's', labels: { core: '0' } } });
    expect(rows('SELECT * FROM events')).toEqual([{ record: 1, id: 'a', key: 'node-1', time: 1_795_255_200_000, type: 'log', source: 'ci', subject: 'job 7', text: 'it ran', data: '{"seconds":1.5}', batch: 'batch-1', month: '2026-11' }]);
    expect(rows('SELECT * FROM metrics')).toEqual([{ record: 2, id: 'm', key: 'node-1', time: 1_795_255_200_000, name: 'load', value: 0.5, unit: 's', labels: '{"core":"0"}', batch: 'batch-1', month: '2026-11' }]);
    expect(rows('SELECT tag, status, records FROM ingestion_manifest')).toEqual([{ tag: 'batch-1', status: 'open', records: 2 }]);
  });

  it('reads one month only where the question names it, by the index of key and time where it names a key', async () => {
    await load(event('a', Date.UTC(2026, 9, 1)), event('b', Date.UTC(2026, 10, 1)));
    const plan = JSON.stringify(rows("EXPLAIN QUERY PLAN SELECT id FROM events WHERE key = 'node-1' AND time >= 5"));
    expect(plan).toContain('USING INDEX events_2026_10_key (key=? AND time>?)');
    expect(rows("SELECT id FROM events WHERE month = '2026-11'")).toEqual([{ id: 'b' }]);
  });

  it('of a newer PIVO is refused, and so is a file that is none', async () => {
    await store.close();
    const db = new Database(path);
    db.pragma('user_version = 99');
    db.close();
    store = await openAt(path);
    await expect(store.prepare()).rejects.toMatchObject({ kind: 'InvalidInput', message: expect.stringContaining('version 99') as string });
    const other = join(folder, 'other.db');
    await writeFile(other, 'this is no database'.repeat(1_000));
    await expect(openAt(other)).rejects.toMatchObject({ kind: 'Damaged', hint: expect.stringContaining('pivo spool replay --all') as string });
    await expect(openAt(folder)).rejects.toMatchObject({ kind: 'Unavailable' });
  });

  it('waits for another process that writes, without holding up its own', async () => {
    const db = new Database(path);
    db.exec('BEGIN IMMEDIATE');
    let ended = false;
    const waiting = load(event('a', 0)).then(() => (ended = true));
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(ended).toBe(false);
    db.exec('COMMIT');
    db.close();
    await waiting;
    expect(await store.counts()).toMatchObject({ events: 1 });
  });
});
