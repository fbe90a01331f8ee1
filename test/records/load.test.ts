// Loading apart: what is stored when the process is killed, the disk is full or a segment is broken, and what memory it takes.
import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SegmentEnd } from '../../contract/spool.ts';
import { loadApart } from '../../records/load-apart.ts';
import type { LoadMessage, LoadNews } from '../../records/load-process.ts';
import type { SegmentFile } from '../../records/load.ts';
import { openRecordStore } from '../../records/open.ts';
import type { RecordStore } from '../../records/store.ts';
import { numbered, writeSegment } from './segments.ts';

const PROCESS = fileURLToPath(new URL('../../records/load-process.ts', import.meta.url));
const LOADING = fileURLToPath(new URL('loading.ts', import.meta.url));
const TAG = 'event-1763720000000-abc';

let folder: string;
let path: string;
let records: { url: string; password(): string | undefined };
let store: RecordStore;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pivo-load-'));
  path = join(folder, 'records.db');
  records = { url: `sqlite:${path}`, password: () => undefined };
  store = await openRecordStore(records);
  await store.prepare();
  await store.openBatch({ tag: TAG, kind: 'event', reason: 'records', opened: '2026-11-21T10:00:00.000Z' });
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

const load = (segments: readonly SegmentFile[], signal = new AbortController().signal, onProgress = (): void => {}): Promise<SegmentEnd[]> => loadApart({ records, tag: TAG, kind: 'event', segments }, { signal, onProgress });
const rows = async (): Promise<number | undefined> => (await store.counts())['events'];

/** Every record of the segments is there, once. */
function expectOnceEach(count: number): void {
  const db = new Database(path, { readonly: true });
  expect(db.prepare('SELECT count(*) AS rows, count(DISTINCT id) AS ids, count(DISTINCT record) AS records FROM events').get()).toEqual({ rows: count, ids: count, records: count });
  expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
  db.close();
}

/** Another process is in the middle of a segment. */
function isBeingWritten(): boolean {
  const db = new Database(path, { timeout: 0 });
  try {
    db.exec('BEGIN IMMEDIATE; ROLLBACK');
    return false;
  } catch {
    return true;
  } finally {
    db.close();
  }
}

describe('loading segments in a process of its own', () => {
  it('stores each, keeps the broken ones as failed with their reason, and goes on', async () => {
    const segments = [await writeSegment(folder, 'event', numbered(0, 100)), await writeSegment(folder, 'event', numbered(100, 100)), await writeSegment(folder, 'event', numbered(150, 100))];
    await appendFile(segments[1]?.path ?? '', 'torn');
    const ends = await load(segments);
    expect(ends.map(({ records: stored, duplicates }) => [stored, duplicates])).toEqual([[100, 0], [0, 0], [100, 0]]);
    expect(ends[1]?.failure).toContain(segments[1]?.name);
    expect(ends[0]).toEqual({ name: segments[0]?.name, bytes: (await stat(segments[0]?.path ?? '')).size, records: 100, duplicates: 0, failure: null });
    expect(await store.closeBatch(TAG, '2026-11-21T10:00:05.000Z')).toMatchObject({ status: 'failed', segments: 3, failed: 1, records: 200 });
    expectOnceEach(200);
  });

  it('again gives the same, also when the files are gone by then', async () => {
    const segments = [await writeSegment(folder, 'event', numbered(0, 100)), await writeSegment(folder, 'event', [])];
    const ends = await load(segments);
    expect(ends.map(({ failure }) => failure !== null)).toEqual([false, true]);
    for (const segment of segments) await rm(segment.path);
    expect(await load(segments)).toEqual(ends);
  });

  it('fails when a file cannot be had, a batch is not open or the database cannot be opened', async () => {
    const segment = await writeSegment(folder, 'event', numbered(0, 10));
    await expect(load([segment, { name: 'gone', path: join(folder, 'gone') }])).rejects.toMatchObject({ kind: 'Unavailable', permanent: false });
    expect(await rows()).toBe(10);
    await expect(loadApart({ records, tag: 'none', kind: 'event', segments: [segment] }, { signal: new AbortController().signal, onProgress: () => {} })).rejects.toMatchObject({ kind: 'NotFound' });
    await expect(loadApart({ records: { ...records, url: `sqlite:${folder}` }, tag: TAG, kind: 'event', segments: [] }, { signal: new AbortController().signal, onProgress: () => {} })).rejects.toMatchObject({ kind: 'Unavailable' });
  });

  it('that is cancelled kills the process; what was stored is whole', async () => {
    const segments = [await writeSegment(folder, 'event', numbered(0, 100)), await writeSegment(folder, 'event', numbered(100, 50_000))];
    const controller = new AbortController();
    const loading = load(segments, controller.signal, () => controller.abort());
    await expect(loading).rejects.toMatchObject({ kind: 'Cancelled' });
    expect([100, 50_100]).toContain(await rows());
    await load(segments);
    expectOnceEach(50_100);
  });

  it('shows the password of the database to nobody', async () => {
    const child = fork(PROCESS, [], { env: {}, execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    const message: LoadMessage = { records: { url: 'postgres://pivo@127.0.0.1:9/none', password: 'open-sesame-1' }, tag: TAG, kind: 'event', segments: [] };
    const proc = `/proc/${child.pid}`;
    await once(child, 'spawn');
    const answering = once(child, 'message') as Promise<[LoadNews]>;
    child.send(message);
    const shown = await Promise.all(['cmdline', 'environ'].map((file) => readFile(join(proc, file), 'utf8').catch(() => '')));
    const answer = await answering;
    expect(answer[0]).toHaveProperty('failure');
    expect(JSON.stringify([shown, answer])).not.toContain('open-sesame-1');
  });
});

describe('a load whose process is killed in the middle of a segment', () => {
  it('leaves nothing of it, and the repeat stores all once', async () => {
    const segments = [await writeSegment(folder, 'event', numbered(0, 1_000)), await writeSegment(folder, 'event', numbered(500, 50_000))];
    const child = fork(PROCESS, [], { env: {}, execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    const news: LoadNews[] = [];
    child.on('message', (each: LoadNews) => news.push(each));
    child.send({ records: { url: records.url, password: undefined }, tag: TAG, kind: 'event', segments } satisfies LoadMessage);
    await expect.poll(() => news.length, { interval: 1 }).toBeGreaterThan(0); // the first is stored
    await expect.poll(isBeingWritten, { interval: 1 }).toBe(true); // the second is not
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(news.filter((each) => 'result' in each)).toEqual([]);
    expect(await rows()).toBe(1_000);
    expect(await store.segmentsOf(TAG)).toHaveLength(1);
    expect(await load(segments)).toMatchObject([{ records: 1_000, duplicates: 0 }, { records: 49_500, duplicates: 500 }]);
    expectOnceEach(50_500);
  });
});

interface Loaded {
  ends?: SegmentEnd[];
  failure?: { kind: string; facts: Record<string, unknown> };
  memory: number[];
}

async function loading(segments: readonly SegmentFile[], fileBlocks = 'unlimited'): Promise<Loaded> {
  const { stdout } = await promisify(execFile)('bash', ['-c', 'ulimit -f "$1"; shift; exec "$@"', 'bash', fileBlocks, process.execPath, LOADING, records.url, TAG, ...segments.map((segment) => segment.path)]);
  return JSON.parse(stdout) as Loaded;
}

it('a full disk is Unavailable and leaves nothing half; with space again, all is stored once', async () => {
  const segments = [await writeSegment(folder, 'event', numbered(0, 1_000)), await writeSegment(folder, 'event', numbered(1_000, 40_000))];
  const full = await loading(segments, String(4 * 1_024)); // blocks of a KiB: no file grows beyond 4 MiB
  expect(full.failure).toMatchObject({ kind: 'Unavailable' });
  expect(await rows()).toBe(1_000);
  expect(await store.segmentsOf(TAG)).toMatchObject([{ records: 1_000 }]);
  const { ends } = await loading(segments);
  expect(ends).toMatchObject([{ records: 1_000 }, { records: 40_000, duplicates: 0 }]);
  expectOnceEach(41_000);
});

it('a million frames in one run take no more memory than the first few hundred thousand', async () => {
  const segments: SegmentFile[] = [];
  for (let from = 0; from < 1_000_000; from += 100_000) segments.push(await writeSegment(folder, 'event', numbered(from, 100_000)));
  const { ends = [], memory } = await loading(segments);
  expect(ends.reduce((sum, { records: stored }) => sum + stored, 0)).toBe(1_000_000);
  expect(await rows()).toBe(1_000_000);
  expect(memory.at(-1)).toBeLessThan((memory[2] ?? 0) + 120); // 233 and 302 measured; the frames alone are 400
});
