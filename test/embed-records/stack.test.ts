// From the spool to an answer by meaning, with PIVO running and its records in PostgreSQL; the password is nowhere.
import { readFile, readdir, rm, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TopK } from '../../contract/record-search.ts';
import type { RecordSettings } from '../../records/settings.ts';
import { startPivo, type Pivo } from '../harness/pivo.ts';
import { startPostgres, vectorPostgres, type Postgres } from '../harness/postgres.ts';
import { EVENT_FRAMES } from './judged.ts';

const programs = await vectorPostgres();

describe.skipIf(programs === null)('a PIVO with its records in PostgreSQL', () => {
  let folder: string;
  let postgres: Postgres;
  let records: RecordSettings;
  let pivo: Pivo;
  beforeAll(async () => {
    if (programs === null) return;
    folder = await mkdtemp(join(tmpdir(), 'pv-'));
    postgres = await startPostgres(programs);
    records = await postgres.database();
    pivo = await startPivo(join(folder, 'h'), { PIVO_RECORDS: records.url, PIVO_RECORDS_PASSWORD: postgres.password });
  });
  afterAll(async () => {
    await pivo.close();
    await postgres.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('stores what is put into the spool, embeds it, and finds it by meaning', async () => {
    const lines = EVENT_FRAMES.map(({ key, time, id, payload }) => JSON.stringify({ key, time, id, payload }));
    await writeFile(join(folder, 'events.ndjson'), `${lines.join('\n')}\n`);
    await pivo.text('spool', 'put', 'event', join(folder, 'events.ndjson'));
    const ask = async (): Promise<string | undefined> => (await pivo.json<TopK>('top-k', 'no space left on the disk')).hits[0]?.id;
    await expect.poll(ask, { timeout: 60_000, interval: 500 }).toBe('disk-full');
    expect(await postgres.sql(records, 'SELECT kind, status, records::int FROM ingestion_manifest')).toEqual([{ kind: 'event', status: 'done', records: EVENT_FRAMES.length }]);
  });

  it('goes on where the server was away for a while', async () => {
    await postgres.crash();
    await writeFile(join(folder, 'more.ndjson'), `${JSON.stringify({ key: 'node-9', time: 1_790_000_000_000, id: 'late', payload: { type: 'alert', text: 'The fan of node-9 stopped turning' } })}\n`);
    await pivo.text('spool', 'put', 'event', join(folder, 'more.ndjson'));
    await expect(pivo.text('top-k', 'fans')).rejects.toThrow();
    await postgres.start();
    const ask = async (): Promise<string | undefined> => (await pivo.json<TopK>('top-k', 'a fan stopped')).hits[0]?.id;
    await expect.poll(ask, { timeout: 90_000, interval: 500 }).toBe('late');
  });

  it('writes the password into none of its files', async () => {
    const secret = Buffer.from(postgres.password);
    const files = (await readdir(join(folder, 'h'), { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    const holding = await Promise.all(files.map(async (file) => ((await readFile(file).catch(() => Buffer.alloc(0))).includes(secret) ? [file] : [])));
    expect(files.length).toBeGreaterThan(10);
    expect(holding.flat()).toEqual([]);
  });
});
