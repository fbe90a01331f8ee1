// The records in read-only SQL, beside the index.
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Frame } from '../../contract/spool.ts';
import { ReadOnlyIndex } from '../../metadata/read-only.ts';
import { openIndexWriter } from '../../metadata/writer.ts';
import { openSqliteRecords } from '../../records/sqlite/store.ts';
import type { RecordStore } from '../../records/store.ts';
import { commits, snapshot } from '../metadata/service.ts';

let folder: string;
let path: string;
let index: ReadOnlyIndex;
let stores: RecordStore[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pivo-records-sql-'));
  path = join(folder, "re'cords.db");
  index = new ReadOnlyIndex(join(folder, 'pivo.db'), { records: path });
  stores = [];
});
afterEach(async () => {
  index.close();
  await Promise.all(stores.map((store) => store.close()));
  await rm(folder, { recursive: true });
});

function makeIndex(): void {
  const writer = openIndexWriter(join(folder, 'pivo.db'));
  writer.write([...commits('execa', 1, 0, 30), snapshot('execa', 1, 30)]);
  writer.close();
}

async function records(at = path): Promise<RecordStore> {
  const store = openSqliteRecords(at);
  stores.push(store);
  await store.prepare();
  await store.openBatch({ tag: 'batch-1', kind: 'event', reason: 'seconds', opened: '2026-11-21T10:00:00.000Z' });
  return store;
}

const event = (n: number): Frame => ({ kind: 'event', key: 'execa', time: Date.UTC(2026, n % 12, 1), id: `event-${n}`, payload: { type: 'build', data: { n } } });
const load = (store: RecordStore, name: string, frames: Frame[]) =>
  store.loadSegment('batch-1', { name, bytes: 1 }, (async function* () {
    yield frames;
  })());
const COUNT = 'SELECT count(*) AS n FROM records.events';

it('are asked together with the index, as soon as they are there', async () => {
  makeIndex();
  await expect(index.query(COUNT)).rejects.toMatchObject({ kind: 'InvalidInput', message: expect.stringContaining('records.events') as string });
  await load(await records(), 's', [event(0), event(1)]);
  const joined = "SELECT e.id, e.batch, e.month, e.data ->> '$.n' AS n, count(*) AS commits FROM records.events e JOIN commits c ON c.repo_name = e.key GROUP BY 1 ORDER BY 1";
  expect((await index.query(joined)).rows).toEqual([['event-0', 'batch-1', '2026-01', 0, 30], ['event-1', 'batch-1', '2026-02', 1, 30]]);
  expect((await index.query('SELECT tag, records FROM records.ingestion_manifest')).rows).toEqual([['batch-1', 2]]);
  expect((await index.query('SELECT count(*) FROM records.metrics')).rows).toEqual([[0]]);
});

it('are asked where there is no index yet', async () => {
  await load(await records(), 's', [event(0)]);
  expect((await index.query(COUNT)).rows).toEqual([[1]]);
  await expect(index.query('SELECT * FROM commits')).rejects.toMatchObject({ kind: 'InvalidInput', hint: expect.stringContaining('no index yet') as string });
  makeIndex();
  expect((await index.query('SELECT (SELECT count(*) FROM commits), (SELECT count(*) FROM records.events)')).rows).toEqual([[30, 1]]);
});

it('are asked while a segment is being stored, and show what was stored before', async () => {
  makeIndex();
  const store = await records();
  await load(store, 'before', [event(0)]);
  const half = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const storing = store.loadSegment('batch-1', { name: 's', bytes: 1 }, (async function* () {
    yield Array.from({ length: 500 }, (_, n) => event(n + 1));
    begun.resolve();
    await half.promise;
  })());
  await begun.promise;
  expect((await index.query(COUNT)).rows).toEqual([[1]]);
  half.resolve();
  await storing;
  expect((await index.query(COUNT)).rows).toEqual([[501]]);
});

it('are those of the file that has taken the place of another', async () => {
  makeIndex();
  await load(await records(), 's', [event(0)]);
  expect((await index.query(COUNT)).rows).toEqual([[1]]);
  const other = await records(join(folder, 'new.db'));
  await load(other, 's', [event(0), event(1), event(2)]);
  await Promise.all(stores.map((store) => store.close()));
  stores = [];
  for (const suffix of ['', '-wal', '-shm']) await rm(`${path}${suffix}`, { force: true }); // as SQLite wants it (sqlite.org/howtocorrupt.html)
  await rename(join(folder, 'new.db'), path);
  expect((await index.query(COUNT)).rows).toEqual([[3]]);
});

it.each([
  "INSERT INTO records.sequence VALUES (7)",
  'DELETE FROM records.events_other',
  'DROP VIEW records.events',
  'DETACH records',
  "ATTACH '/tmp/other.db' AS other",
  'PRAGMA records.user_version = 7',
  'WITH x AS (SELECT 1) DELETE FROM records.stored',
])('cannot be written, and nothing else is opened: %s', async (sql) => {
  makeIndex();
  await load(await records(), 's', [event(0)]);
  await expect(index.query(sql)).rejects.toMatchObject({ kind: 'InvalidInput' });
  await expect(index.query('SELECT * FROM pragma_database_list')).resolves.toMatchObject({ rows: [[0, 'main', join(folder, 'pivo.db')], [2, 'records', path]] });
  expect((await index.query(COUNT)).rows).toEqual([[1]]);
});

it('that cannot be read leave the index as it is', async () => {
  makeIndex();
  await writeFile(path, 'no database'.repeat(1_000));
  expect((await index.query('SELECT count(*) FROM commits')).rows).toEqual([[30]]);
  await expect(index.query(COUNT)).rejects.toMatchObject({ kind: 'InvalidInput' });
});

it.each(['events', 'metrics', 'ingestion_manifest'])('have every column of %s in docs/schema.md, in order', async (table) => {
  await records();
  const docs = await readFile(new URL('../../docs/schema.md', import.meta.url), 'utf8');
  const section = docs.split(`\n## records.${table}\n`)[1]?.split('\n## ')[0] ?? '';
  const documented = [...section.matchAll(/^\| (\w+) \|/gm)].map((match) => match[1]).slice(1);
  expect((await index.query(`SELECT * FROM records.${table}`)).columns).toEqual(documented);
});
