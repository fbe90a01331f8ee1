// Where the records are, as config.toml and the environment say it.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../config.ts';
import { recordEngine, recordSettings, type RecordsTable } from '../../records/settings.ts';

const urlOf = (table: RecordsTable, env: Record<string, string> = {}): string => recordSettings(table, env, '/home/pivo/records.db').url;

describe('the address of the records', () => {
  it('is a file of the home unless another is named, in the environment first', () => {
    expect(urlOf({})).toBe('sqlite:/home/pivo/records.db');
    expect(urlOf({ url: 'sqlite:other.db' })).toBe(`sqlite:${resolve('other.db')}`);
    expect(urlOf({ url: 'sqlite:/a.db' }, { PIVO_RECORDS: 'postgres://pivo@db.example:5433/pivo?sslmode=verify-full' })).toBe('postgres://pivo@db.example:5433/pivo?sslmode=verify-full');
    expect(urlOf({ url: 'postgresql://pivo@[::1]/pivo' }, { PIVO_RECORDS: '' })).toBe('postgresql://pivo@[::1]/pivo');
  });

  it('names the engine', () => {
    expect(recordEngine('sqlite:/a b.db')).toEqual({ engine: 'sqlite', path: '/a b.db' });
    expect(recordEngine('postgres://pivo@db/pivo')).toEqual({ engine: 'postgres' });
  });

  it.each([
    ['mysql://pivo@db/pivo', 'neither SQLite nor PostgreSQL'],
    ['records.db', 'neither SQLite nor PostgreSQL'],
    ['sqlite:', 'neither SQLite nor PostgreSQL'],
    ['postgres://pivo:canary@db/pivo', 'holds a password'],
    ['postgres://pivo@db/pivo?password=canary', 'holds a password'],
    ['postgres://pivo@db/pivo?sslpassword=canary', 'parameter that is not known'],
    ['postgres://pivo@db/', 'names no PostgreSQL server and database'],
    ['postgres:///canary', 'names no PostgreSQL server and database'],
    ['postgres://pivo@db/a/b', 'names no PostgreSQL server and database'],
    ['postgres://pivo@db:port/pivo', 'names no PostgreSQL server and database'],
  ])('%s is refused, and not shown', (url, message) => {
    const failure = expect.objectContaining({ kind: 'InvalidInput', message: expect.stringContaining(message) as string }) as Error;
    expect(() => urlOf({ url })).toThrow(failure);
    expect(() => urlOf({}, { PIVO_RECORDS: url })).toThrow(failure);
    try {
      urlOf({ url });
    } catch (error) {
      expect(`${String(error)} ${JSON.stringify(error)}`).not.toContain('canary');
    }
  });
});

describe('the password of the records', () => {
  let home = '';
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'pivo-records-home-'));
    await writeFile(join(home, 'password'), 'from the file\n');
    await writeFile(join(home, 'config.toml'), `[records]\nurl = "postgres://pivo@db.example/pivo"\npasswordFile = "${join(home, 'password')}"\n`);
  });
  afterAll(() => rm(home, { recursive: true }));

  it('comes from the file, else from the environment, and is in no property', () => {
    const { records } = loadConfig({ PIVO_HOME: home, PIVO_RECORDS_PASSWORD: 'from the environment' });
    expect(records.url).toBe('postgres://pivo@db.example/pivo');
    expect(records.password()).toBe('from the file');
    expect(recordSettings({}, { PIVO_RECORDS_PASSWORD: 'from the environment' }, '/r.db').password()).toBe('from the environment');
    expect(recordSettings({}, {}, '/r.db').password()).toBeUndefined();
    expect(JSON.stringify(records)).not.toContain('from');
  });

  it('in a file that cannot be read is Unavailable, when it is asked for', () => {
    const settings = recordSettings({ passwordFile: join(home, 'none') }, {}, '/r.db');
    expect(() => settings.password()).toThrow(expect.objectContaining({ kind: 'Unavailable', message: expect.stringContaining('ENOENT') as string }) as Error);
  });
});
