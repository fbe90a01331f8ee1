// PostgreSQL behind the port, where it differs from SQLite: partitions, several loaders, a server that goes away, passwords and TLS.
import { execFile } from 'node:child_process';
import { chown, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { PivoError } from '../../contract/failures.ts';
import type { Frame } from '../../contract/spool.ts';
import { openPostgresRecords } from '../../records/postgres/store.ts';
import type { RecordSettings } from '../../records/settings.ts';
import type { RecordStore } from '../../records/store.ts';
import { debianPostgres, startPostgres, type Postgres } from '../harness/postgres.ts';

const programs = await debianPostgres();
const openssl = await promisify(execFile)('openssl', ['version']).then(() => true, () => false);
const NOVEMBER = Date.UTC(2026, 10, 21);

let postgres: Postgres;
const stores: RecordStore[] = [];

async function opened(settings: RecordSettings): Promise<RecordStore> {
  const store = openPostgresRecords(settings);
  stores.push(store);
  await store.prepare();
  return store;
}

async function fresh(): Promise<{ store: RecordStore; settings: RecordSettings }> {
  const settings = await postgres.database();
  return { settings, store: await opened(settings) };
}

const event = (id: string, time = NOVEMBER): Frame => ({ kind: 'event', key: 'node-1', time, id, payload: { type: 'log', text: `said ${id}` } });
const events = (from: number, count: number): Frame[] => Array.from({ length: count }, (_, at) => event(`e${from + at}`));
const chunks = async function* (...given: readonly (readonly Frame[])[]): AsyncGenerator<readonly Frame[]> {
  yield* given;
};
const open = (store: RecordStore, tag = 'b1') => store.openBatch({ tag, kind: 'event', reason: 'records', opened: '2026-11-21T00:00:00.000Z' });
const failure = (work: Promise<unknown>): Promise<PivoError> => work.then(() => Promise.reject(new Error('it did not fail')), (error: PivoError) => error);

describe.skipIf(programs === null)('PostgreSQL of Debian', () => {
  beforeAll(async () => {
    if (programs !== null) postgres = await startPostgres(programs);
  });
  afterAll(async () => {
    await Promise.all(stores.map((store) => store.close()));
    await postgres.close();
  });

  describe('partitions', () => {
    it('are made for each month that comes, by whoever comes first', async () => {
      const { store, settings } = await fresh();
      await open(store);
      const other = await opened(settings);
      const months = Array.from({ length: 6 }, (_, month) => Date.UTC(2026, month, 3));
      await Promise.all([store, other].map((each, at) => each.loadSegment('b1', { name: `s${at}`, bytes: 1 }, chunks(months.map((time) => event(`${at}-${time}`, time))))));
      const rows = await postgres.sql<{ part: string; rows: string }>(settings, 'SELECT tableoid::regclass::text AS part, count(*)::text AS rows FROM events GROUP BY 1 ORDER BY 1');
      expect(rows).toEqual(['01', '02', '03', '04', '05', '06'].map((month) => ({ part: `events_2026_${month}`, rows: '2' })));
    });

    it('have an index of block ranges on their time, and a question by time reads its months only', async () => {
      const { store, settings } = await fresh();
      await open(store);
      await store.loadSegment('b1', { name: 's', bytes: 1 }, chunks([event('a', Date.UTC(2026, 0, 2)), event('b', NOVEMBER)]));
      const indexes = await postgres.sql<{ indexdef: string }>(settings, "SELECT indexdef FROM pg_indexes WHERE tablename = 'events_2026_11'");
      expect(indexes.map(({ indexdef }) => indexdef).filter((definition) => definition.includes('USING brin ("time")'))).toHaveLength(1);
      const plan = await postgres.sql<{ 'QUERY PLAN': string }>(settings, "EXPLAIN SELECT count(*) FROM events WHERE time >= '2026-11-01Z' AND time < '2026-12-01Z'");
      const text = plan.map((line) => line['QUERY PLAN']).join('\n');
      expect(text).toContain('events_2026_11');
      expect(text).not.toContain('events_2026_01');
    });

    it('take over what lay among the other times when their month comes near', async () => {
      const { store, settings } = await fresh();
      await open(store);
      const far = Date.UTC(2029, 4, 5, 6, 7, 8, 9);
      await store.loadSegment('b1', { name: 's1', bytes: 1 }, chunks([event('far', far), event('farther', Date.UTC(9999, 11, 31, 23, 59, 59, 999))]));
      const lie = () => postgres.sql(settings, "SELECT tableoid::regclass::text AS part, id, to_char(time, 'YYYY-MM-DD HH24:MI:SS.US') AS time FROM events ORDER BY id");
      expect(await lie()).toEqual([{ part: 'events_other', id: 'far', time: '2029-05-05 06:07:08.009000' }, { part: 'events_other', id: 'farther', time: '9999-12-31 23:59:59.999000' }]);
      vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2028, 1, 1) });
      try {
        await store.loadSegment('b1', { name: 's2', bytes: 1 }, chunks([event('near', far)]));
      } finally {
        vi.useRealTimers();
      }
      expect(await lie()).toMatchObject([{ part: 'events_2029_05', id: 'far' }, { part: 'events_other', id: 'farther' }, { part: 'events_2029_05', id: 'near' }]);
    });
  });

  it('several loaders of the same records store each once, and none waits for a segment that is still read', async () => {
    const { store, settings } = await fresh();
    await open(store);
    const others = await Promise.all([1, 2, 3].map(() => opened(settings)));
    const frames = events(0, 2_000);
    const read = Promise.withResolvers<void>();
    const slow = store.loadSegment('b1', { name: 'slow', bytes: 1 }, (async function* () {
      yield frames;
      await read.promise;
    })());
    const ends = await Promise.all(others.map((each, at) => each.loadSegment('b1', { name: `s${at}`, bytes: 1 }, chunks(at === 1 ? frames.toReversed() : frames))));
    read.resolve();
    ends.push(await slow);
    expect(ends.map(({ records }) => records).toSorted((a, b) => b - a)).toEqual([2_000, 0, 0, 0]);
    expect(ends.map(({ records, duplicates }) => records + duplicates)).toEqual([2_000, 2_000, 2_000, 2_000]);
    expect(await store.counts()).toMatchObject({ events: 2_000 });
  });

  it('the same segment of a batch by two at once is stored once, and both are told the same', async () => {
    const { store, settings } = await fresh();
    await open(store);
    const other = await opened(settings);
    const [one, two] = await Promise.all([store, other].map((each) => each.loadSegment('b1', { name: 's', bytes: 7 }, chunks(events(0, 500)))));
    expect(one).toEqual({ name: 's', bytes: 7, records: 500, duplicates: 0, failure: null });
    expect(two).toEqual(one);
    expect(await store.segmentsOf('b1')).toEqual([one]);
  });

  it('needs no pgvector for records, and says so clearly where vectors are asked for', async ({ skip }) => {
    const { store, settings } = await fresh();
    const [found] = await postgres.sql<{ there: boolean }>(settings, "SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'vector') AS there");
    skip(found?.there === true, 'this Debian has pgvector');
    await open(store);
    await store.loadSegment('b1', { name: 's', bytes: 1 }, chunks(events(0, 3)));
    expect(await failure(store.claimTexts('hashed 384', 10, 1_000))).toMatchObject({ kind: 'InvalidInput', permanent: true, message: expect.stringContaining('has no pgvector') as string, hint: expect.stringContaining('postgresql-NN-pgvector') as string });
    expect(await store.topK({ embedder: 'hashed 384', vector: new Float32Array(384).fill(1), k: 3 })).toEqual([]);
    expect(await store.counts()).toMatchObject({ events: 3 });
  });

  it('refuses tables of a newer PIVO', async () => {
    const { settings } = await fresh();
    await postgres.sql(settings, 'UPDATE record_schema SET version = 99');
    const newer = openPostgresRecords(settings);
    stores.push(newer);
    expect(await failure(newer.prepare())).toMatchObject({ kind: 'InvalidInput', message: expect.stringContaining('newer PIVO') as string });
  });

  describe('a server that goes away', () => {
    it('in the middle of a segment leaves nothing of it; the repeated load stores all once', async () => {
      const { store } = await fresh();
      await open(store);
      await store.loadSegment('b1', { name: 'before', bytes: 1 }, chunks(events(0, 100)));
      const cut = store.loadSegment('b1', { name: 'cut', bytes: 1 }, (async function* () {
        yield events(100, 1_000);
        await postgres.crash();
        yield events(1_100, 1_000);
      })());
      expect(await failure(cut)).toMatchObject({ kind: 'Unavailable', permanent: false });
      expect(await failure(store.counts())).toMatchObject({ kind: 'Unavailable', hint: expect.stringContaining('PostgreSQL runs') as string });
      await postgres.start();
      expect(await store.counts()).toMatchObject({ events: 100 });
      expect(await store.loadSegment('b1', { name: 'cut', bytes: 1 }, chunks(events(100, 1_000), events(1_100, 1_000)))).toMatchObject({ records: 2_000, duplicates: 0 });
      expect(await store.loadSegment('b1', { name: 'before', bytes: 1 }, chunks(events(0, 100)))).toMatchObject({ records: 100, duplicates: 0 });
      expect(await store.counts()).toMatchObject({ events: 2_100 });
    });

    it('between the end of the frames and their storing', async () => {
      const { store, settings } = await fresh();
      await open(store);
      const locking = new Client({ connectionString: settings.url.replace('@', `:${postgres.password}@`) });
      locking.on('error', () => {});
      await locking.connect();
      await locking.query('BEGIN; LOCK TABLE record_ids IN ACCESS EXCLUSIVE MODE');
      const storing = failure(store.loadSegment('b1', { name: 's', bytes: 1 }, chunks(events(0, 1_000))));
      const waiting = () => postgres.sql(settings, "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'");
      await expect.poll(waiting).toHaveLength(1);
      await postgres.crash();
      expect(await storing).toMatchObject({ kind: 'Unavailable' });
      await postgres.start();
      expect(await store.segmentsOf('b1')).toEqual([]);
      expect(await store.loadSegment('b1', { name: 's', bytes: 1 }, chunks(events(0, 1_000)))).toMatchObject({ records: 1_000, duplicates: 0 });
    });

    it('has no connection left: is tried again later', async () => {
      const { settings } = await fresh();
      const { url } = settings;
      const name = new URL(url).pathname.slice(1);
      await postgres.sql(settings, `CREATE USER few PASSWORD '${postgres.password}' CONNECTION LIMIT 0; GRANT CONNECT ON DATABASE ${name} TO few`);
      const store = openPostgresRecords({ url: url.replace('pivo@', 'few@'), password: settings.password });
      stores.push(store);
      expect(await failure(store.prepare())).toMatchObject({ kind: 'Unavailable', facts: { sqlState: '53300' } });
    });
  });

  describe('a password', () => {
    const attempt = async (change: (settings: RecordSettings) => RecordSettings): Promise<PivoError> => {
      const store = openPostgresRecords(change((await fresh()).settings));
      stores.push(store);
      return failure(store.prepare());
    };

    it('that is wrong or missing is a failure for good, and stands in none of it', async () => {
      const wrong = await attempt(({ url }) => ({ url, password: () => 'open-sesame-1' }));
      expect(wrong).toMatchObject({ kind: 'CredentialMissing', permanent: true, hint: expect.stringContaining('PIVO_RECORDS_PASSWORD') as string });
      const missing = await attempt(({ url }) => ({ url, password: () => undefined }));
      expect(missing).toMatchObject({ kind: 'CredentialMissing', message: expect.stringContaining('none is configured') as string });
      const told = JSON.stringify([wrong, wrong.report(), missing.report(), wrong.cause, String(wrong.stack)]);
      expect(told).not.toContain('open-sesame-1');
      expect(await readFile(join(postgres.folder, 'password'), 'utf8').then((text) => told.includes(text))).toBe(false);
    });

    it('is read anew for each connection', async () => {
      const { settings } = await fresh();
      let asked = 0;
      const store = openPostgresRecords({ url: settings.url, password: () => (asked++ === 0 ? 'old' : settings.password()) });
      stores.push(store);
      await failure(store.prepare());
      await store.prepare();
      expect(await store.counts()).toEqual({ events: 0, metrics: 0, ingestion_manifest: 0 });
    });
  });

  it('a database that is not there, and a user without rights, are said as such', async () => {
    const { settings } = await fresh();
    const gone = openPostgresRecords({ ...settings, url: `${settings.url}-gone` });
    await postgres.sql(settings, `CREATE USER reader PASSWORD '${postgres.password}'`);
    const empty = await postgres.database();
    const reader = openPostgresRecords({ ...empty, url: empty.url.replace('pivo@', 'reader@') });
    stores.push(gone, reader);
    expect(await failure(gone.prepare())).toMatchObject({ kind: 'NotFound', hint: expect.stringContaining('createdb') as string });
    expect(await failure(reader.prepare())).toMatchObject({ kind: 'NotAllowed' });
  });
});

describe.skipIf(programs === null || !openssl)('TLS to PostgreSQL', () => {
  let secured: Postgres | undefined;
  let authorities = '';
  beforeAll(async () => {
    if (programs === null) return;
    secured = await startPostgres(programs);
    authorities = join(secured.folder, 'server.crt');
    const key = join(secured.folder, 'server.key');
    await promisify(execFile)('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=other.example', '-keyout', key, '-out', authorities]);
    const { uid, gid } = await stat(secured.folder);
    for (const file of [key, authorities]) await chown(file, uid, gid);
    const settings = await secured.database();
    for (const sql of [`ALTER SYSTEM SET ssl_cert_file = '${authorities}'`, `ALTER SYSTEM SET ssl_key_file = '${key}'`, "ALTER SYSTEM SET ssl = 'on'", 'SELECT pg_reload_conf()']) await secured.sql(settings, sql);
    await vi.waitFor(async () => expect(await attempt('sslmode=require')).toBe('encrypted'), { timeout: 20_000 });
  });
  afterAll(() => secured?.close());

  const attempt = async (parameters: string): Promise<PivoError | 'encrypted' | 'plain'> => {
    const settings = (await secured?.database()) as RecordSettings;
    let store: RecordStore | undefined;
    try {
      const url = `${settings.url}?${parameters.replace('FILE', authorities)}&application_name=asks`;
      store = openPostgresRecords({ ...settings, url });
      await store.prepare();
      const [found] = (await (secured as Postgres).sql<{ ssl: boolean }>(settings, "SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'asks'"));
      return found?.ssl === true ? 'encrypted' : 'plain';
    } catch (error) {
      return error as PivoError;
    } finally {
      await store?.close();
    }
  };

  it.each([
    ['disable', 'sslmode=disable', 'plain'],
    ['require', 'sslmode=require', 'encrypted'],
    ['verify-ca with its authority', 'sslmode=verify-ca&sslrootcert=FILE', 'encrypted'],
    ['nothing, on loopback', '', 'plain'],
  ] as const)('by sslmode %s', async (_mode, parameters, expected) => {
    expect(await attempt(parameters)).toBe(expected);
  });

  it.each([
    ['a certificate of nobody that is known', 'sslmode=verify-ca', 'Unavailable'],
    ['a certificate for another host', 'sslmode=verify-full&sslrootcert=FILE', 'Unavailable'],
    ['an unknown mode', 'sslmode=perhaps', 'InvalidInput'],
  ] as const)('is refused for %s', async (_what, parameters, kind) => {
    expect(await attempt(parameters)).toMatchObject({ kind });
  });

  it('says what to do about a certificate', async () => {
    expect(await attempt('sslmode=verify-full')).toMatchObject({ hint: expect.stringContaining('sslrootcert') as string });
  });
});
