// What PostgreSQL and its driver complain of, as PIVO's failures; never with a password.
import { PivoError, type FailureKind } from '../../contract/failures.ts';

/** SQLSTATE (PostgreSQL manual, appendix A): whole codes before their classes of two characters. */
const KINDS: Readonly<Record<string, FailureKind>> = {
  '28P01': 'CredentialMissing',
  '28': 'CredentialMissing',
  '3D': 'NotFound',
  '42501': 'NotAllowed',
  '22': 'InvalidInput',
  '08': 'Unavailable',
  '25P03': 'Unavailable', // idle too long within a transaction
  '40': 'Unavailable', // rolled back for another one
  '53': 'Unavailable', // no connections, memory or disk left
  '55': 'Unavailable', // a lock was not had in time
  '57': 'Unavailable', // stopped, starting, or the statement took too long
  '58': 'Unavailable', // its disk
  XX: 'Unavailable',
};

const HINTS: Partial<Record<FailureKind, string>> = {
  CredentialMissing: 'Set PIVO_RECORDS_PASSWORD or [records] passwordFile, and look at the user in the address and at pg_hba.conf.',
  NotFound: 'Make it with `createdb`, or correct the address of the records database.',
  NotAllowed: 'The user of the address needs CREATE on schema public and TEMPORARY on the database.',
  Unavailable: 'Check that PostgreSQL runs at that address and has connections and disk left; it is tried again.',
};

/** Codes of OpenSSL and Node about a certificate that is not believed. */
const CERTIFICATE = /CERT|ALTNAME|LEAF_SIGNATURE|ISSUER/;

/** A failure of the database at `url` as PivoError; one of ours stays what it is. */
export function failureOf(error: unknown, url: string): PivoError {
  if (error instanceof PivoError) return error;
  const { code, message } = error as { code?: unknown; message?: unknown };
  const sqlState = typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : null;
  const kind = kindOf(sqlState, code, String(message));
  const said = typeof message === 'string' && message !== '' ? message : typeof code === 'string' ? code : 'it does not answer';
  const hint = typeof code === 'string' && CERTIFICATE.test(code) ? 'Name the file of its authorities in the address: ?sslmode=verify-full&sslrootcert=FILE.' : HINTS[kind];
  return new PivoError(kind, `the records database ${url}: ${said}`, { ...(hint === undefined ? {} : { hint }), ...(sqlState === null ? {} : { facts: { sqlState } }), cause: error });
}

/** Without a SQLSTATE it is the driver that speaks: of the network, of TLS, of a password that it was not given. */
function kindOf(sqlState: string | null, code: unknown, message: string): FailureKind {
  if (sqlState !== null) return KINDS[sqlState] ?? KINDS[sqlState.slice(0, 2)] ?? 'Internal';
  if (/^SASL: .*password/.test(message)) return 'CredentialMissing';
  if (typeof code === 'string' || /connection|timeout|terminated|SSL/i.test(message)) return 'Unavailable';
  return 'Internal';
}
