// Recognises who asks: by a token, or as a program of this machine where that is enough.
import { createHash, timingSafeEqual } from 'node:crypto';
import { Refusal } from '../problem.ts';
import type { Visitor } from './roles.ts';

/** A token as it is known here: its SHA-256, never itself. */
export interface KnownToken extends Visitor {
  sha256: string;
}

/** What of a request tells who asks. */
export interface Asking {
  /** The header `Authorization`. */
  authorization: string | undefined;
  /** It comes from this machine, straight to a loopback address. */
  direct: boolean;
}

export interface TokenCheck {
  tokens: readonly KnownToken[];
  /** A token is wanted of this machine's programs as well. */
  requireToken: boolean;
}

const digest = (token: string): Buffer => createHash('sha256').update(token).digest();

/** Who asks. Fails with a 401 when there is no token where one is needed, and for every wrong one. */
export function visitorOf({ authorization, direct }: Asking, { tokens, requireToken }: TokenCheck, scheme: 'Bearer' | 'Basic'): Visitor {
  if (authorization === undefined) {
    if (direct && !requireToken) return { user: 'local', role: 'local' };
    throw unauthorized('this address wants a token', scheme);
  }
  const given = digest(tokenIn(authorization));
  const known = tokens.filter(({ sha256 }) => timingSafeEqual(Buffer.from(sha256, 'hex'), given));
  const [first] = known;
  if (first === undefined) throw unauthorized('the token is not known here', scheme);
  return { user: first.user, role: first.role };
}

/** Of `Bearer {token}`, or the password of `Basic` (RFC 7617), which is how git sends one. */
function tokenIn(authorization: string): string {
  const [, scheme = '', value = ''] = /^(\S+)\s+(\S+)$/.exec(authorization.trim()) ?? [];
  if (scheme.toLowerCase() === 'bearer') return value;
  if (scheme.toLowerCase() !== 'basic') return '';
  const login = Buffer.from(value, 'base64').toString('utf8');
  return login.slice(login.indexOf(':') + 1);
}

function unauthorized(message: string, scheme: 'Bearer' | 'Basic'): Refusal {
  return new Refusal(401, 'NotAllowed', message, {
    hint: scheme === 'Basic' ? 'Give the token as the password; any user name will do.' : 'Send `Authorization: Bearer {token}`; `pivo console` prints the owner\'s address with its token.',
    headers: { 'www-authenticate': scheme === 'Basic' ? 'Basic realm="PIVO", charset="UTF-8"' : 'Bearer realm="PIVO"' },
  });
}
