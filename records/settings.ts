// Where records are kept: table [records] of config.toml, PIVO_RECORDS and PIVO_RECORDS_PASSWORD.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { PivoError } from '../contract/failures.ts';

/** Table `[records]` of config.toml; the password itself is nowhere in the configuration. */
export const RecordsTable = z.strictObject({
  /** `sqlite:{path}` or `postgres://user@host:port/database`. Default: `records.db` in PIVO_HOME. */
  url: z.string().optional(),
  /** File that holds the password of PostgreSQL. Default: PIVO_RECORDS_PASSWORD, or none. */
  passwordFile: z.string().min(1).optional(),
});
export type RecordsTable = z.output<typeof RecordsTable>;

export interface RecordSettings {
  /** `sqlite:{absolute path}` or `postgres://…`, without any secret. */
  url: string;
  /** The password of PostgreSQL, read anew for each connection, so that a changed one counts. No property, so that it cannot be printed by accident. Fails with Unavailable. */
  password(): string | undefined;
}

/** Where records go: SQLite, with its file, or PostgreSQL. */
export type RecordEngine = { engine: 'sqlite'; path: string } | { engine: 'postgres' };

const HINT = 'Write sqlite:/path/records.db or postgres://user@host:5432/database in [records] url of config.toml, or in PIVO_RECORDS.';

/** Parameters that a URL of PostgreSQL may have: none of them can hold a secret. */
const PARAMETERS = ['sslmode', 'sslrootcert', 'application_name'];

/**
 * The settings of the table and of PIVO_RECORDS (the URL) and PIVO_RECORDS_PASSWORD; the environment's URL goes before the table's, a password file before
 * the environment's password. `file`: the SQLite database where no URL is named. Fails with InvalidInput that never shows a URL, which may hold a secret.
 */
export function recordSettings(table: RecordsTable, env: Readonly<Record<string, string | undefined>>, file: string): RecordSettings {
  const url = checkedUrl(env['PIVO_RECORDS'] || (table.url ?? `sqlite:${file}`));
  const fromEnvironment = env['PIVO_RECORDS_PASSWORD'] || undefined;
  return { url, password: () => (table.passwordFile === undefined ? fromEnvironment : passwordIn(table.passwordFile)) };
}

/** What a checked URL names. Fails with InvalidInput for any other. */
export function recordEngine(url: string): RecordEngine {
  const [, path] = /^sqlite:(.+)$/s.exec(url) ?? [];
  if (path !== undefined) return { engine: 'sqlite', path };
  if (/^postgres(?:ql)?:\/\//.test(url)) return { engine: 'postgres' };
  throw new PivoError('InvalidInput', 'the address of the records database is neither SQLite nor PostgreSQL', { hint: HINT });
}

function checkedUrl(text: string): string {
  const named = recordEngine(text);
  if (named.engine === 'sqlite') return `sqlite:${resolve(named.path)}`;
  const url = URL.parse(text);
  if (url === null || url.hostname === '' || !/^\/[^/]+$/.test(url.pathname) || url.hash !== '') throw new PivoError('InvalidInput', 'the address of the records database names no PostgreSQL server and database', { hint: HINT });
  if (url.password !== '' || url.searchParams.has('password')) throw new PivoError('InvalidInput', 'the address of the records database holds a password', { hint: 'Take it out: PIVO_RECORDS_PASSWORD or the file [records] passwordFile holds it.' });
  const unknown = [...url.searchParams.keys()].filter((name) => !PARAMETERS.includes(name));
  if (unknown.length > 0) throw new PivoError('InvalidInput', 'the address of the records database has a parameter that is not known', { hint: `Parameters are ${PARAMETERS.join(', ')}.` });
  return text;
}

function passwordIn(file: string): string {
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    throw new PivoError('Unavailable', `the file of the records database's password cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'error'} ${file}`, { hint: 'Set [records] passwordFile in config.toml, or PIVO_RECORDS_PASSWORD in the environment.', cause: error });
  }
}
