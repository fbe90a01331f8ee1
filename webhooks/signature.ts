// Proofs that a request comes from who has the secret, each compared in constant time.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** `stale`: signed rightly, but at another time than now. */
export type Verdict = 'right' | 'wrong' | 'stale';

/** Seconds that a signed time may differ from this machine's, as Standard Webhooks recommends. */
const WINDOW_SECONDS = 300;
/** Signatures of one header that are looked at: a sender that changes its secret sends two. */
const MOST_SIGNATURES = 5;

const hmac = (key: string | Uint8Array, ...parts: (string | Uint8Array)[]): Buffer => {
  const sum = createHmac('sha256', key);
  for (const part of parts) sum.update(part);
  return sum.digest();
};

/** Also what is malformed costs a comparison. */
const isSame = (right: Buffer, given: Buffer): boolean => timingSafeEqual(right, given.length === right.length ? given : Buffer.alloc(right.length)) && given.length === right.length;

/** HMAC-SHA256 of the body in hex, after `prefix` (GitHub: "Validating webhook deliveries"; Gitea and Forgejo: "Webhooks"). */
export function checkHex(secret: string, body: Uint8Array, given: string | undefined, prefix = ''): Verdict {
  const [, hex = ''] = new RegExp(`^${prefix}([0-9a-f]{64})$`, 'i').exec(given ?? '') ?? [];
  return isSame(hmac(secret, body), Buffer.from(hex, 'hex')) ? 'right' : 'wrong';
}

/** The secret itself, as GitLab sends it in `X-Gitlab-Token`. Its length does not show either. */
export function checkToken(secret: string, given: string | undefined): Verdict {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(secret), digest(given ?? '')) && given !== undefined ? 'right' : 'wrong';
}

/** What Standard Webhooks signs, from its three headers. */
export interface Signed {
  id: string | undefined;
  /** Seconds since 1970. */
  timestamp: string | undefined;
  signature: string | undefined;
}

/** Standard Webhooks 1.0.0, symmetric: `v1,{base64}` of HMAC-SHA256 over `{id}.{timestamp}.{body}`. `now` in milliseconds. */
export function checkStandard(key: Uint8Array, body: Uint8Array, { id = '', timestamp = '', signature = '' }: Signed, now: number): Verdict {
  const right = hmac(key, `${id}.${timestamp}.`, body);
  const given = signature.split(' ').slice(0, MOST_SIGNATURES).map((each) => Buffer.from(/^v1,([A-Za-z0-9+/]{43}=)$/.exec(each)?.[1] ?? '', 'base64'));
  const matches = given.filter((each) => isSame(right, each)).length > 0;
  if (!matches || id === '' || !/^\d{1,12}$/.test(timestamp)) return 'wrong';
  return Math.abs(now / 1000 - Number(timestamp)) <= WINDOW_SECONDS ? 'right' : 'stale';
}
