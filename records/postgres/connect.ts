// Connections to PostgreSQL: address and TLS from the URL, the password from its own setting.
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { Pool, types, type PoolConfig } from 'pg';
import { PivoError } from '../../contract/failures.ts';
import type { RecordSettings } from '../settings.ts';

/** Milliseconds. A segment of the largest size is stored in less. */
const STATEMENT_TIMEOUT = 600_000;
const LOCK_TIMEOUT = 60_000;
const CONNECT_TIMEOUT = 10_000;
/** A segment whose frames stop coming gives its connection back. */
const IDLE_IN_TRANSACTION_TIMEOUT = 300_000;

/** A load holds one and makes partitions on another. */
const CONNECTIONS = 4;

const INT8 = 20;
/** Counts and record numbers stay below 2^53. */
const TYPES = { getTypeParser: ((oid: number, format?: 'text' | 'binary') => (oid === INT8 ? Number : types.getTypeParser(oid, format))) as typeof types.getTypeParser };

/** Connects when a query is first made. Fails with InvalidInput for an unknown sslmode and with Unavailable for an authorities' file that cannot be read. */
export function openPool({ url, password }: RecordSettings): Pool {
  const { hostname, port, pathname, username, searchParams } = new URL(url);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const pool = new Pool({
    host,
    port: port === '' ? 5432 : Number(port),
    database: decodeURIComponent(pathname.slice(1)),
    ...(username === '' ? {} : { user: decodeURIComponent(username) }),
    password: () => secretOf(password, url),
    ssl: tlsOf(host, searchParams.get('sslmode'), searchParams.get('sslrootcert')),
    application_name: searchParams.get('application_name') ?? 'pivo',
    options: '-c timezone=UTC -c client_min_messages=warning',
    statement_timeout: STATEMENT_TIMEOUT,
    lock_timeout: LOCK_TIMEOUT,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT,
    connectionTimeoutMillis: CONNECT_TIMEOUT,
    keepAlive: true,
    max: CONNECTIONS,
    allowExitOnIdle: true,
    types: TYPES,
  } satisfies PoolConfig);
  pool.on('error', () => {}); // an idle connection ended: the next query makes another
  return pool;
}

/** Asked for by a server that wants one only. */
function secretOf(password: RecordSettings['password'], url: string): string {
  const secret = password();
  if (secret !== undefined) return secret;
  throw new PivoError('CredentialMissing', `the records database ${url} asks for a password and none is configured`, { hint: 'Set PIVO_RECORDS_PASSWORD or [records] passwordFile.' });
}

/**
 * libpq's words (PostgreSQL manual, "SSL Support"): `disable`; `require` encrypts and believes any certificate, or with authorities one of theirs;
 * `verify-ca`: one of the authorities; `verify-full`: and made for that host. Without any: `disable` on this machine, `verify-full` elsewhere.
 */
function tlsOf(host: string, asked: string | null, authorities: string | null): false | ConnectionOptions {
  const mode = asked ?? (isLoopback(host) ? 'disable' : 'verify-full');
  const ca = authorities === null ? {} : { ca: read(authorities) };
  if (mode === 'disable') return false;
  if (mode === 'verify-full') return ca;
  const anyHost = { ...ca, checkServerIdentity: () => undefined };
  if (mode === 'verify-ca' || (mode === 'require' && authorities !== null)) return anyHost;
  if (mode === 'require') return { rejectUnauthorized: false };
  throw new PivoError('InvalidInput', `the address of the records database has sslmode "${mode.slice(0, 40)}"`, { hint: 'It is disable, require, verify-ca or verify-full.' });
}

const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new PivoError('Unavailable', `the authorities of the records database cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'error'} ${file}`, { hint: 'Correct sslrootcert in the address.', cause: error });
  }
}
