// What a forge's HTTP answer means when it is a refusal: which failure, in its words without the token, and when to come back.
import { PivoError, type FailureKind } from '../contract/failures.ts';

/** A refusal as it came in. */
export interface Refusal {
  /** `GitLab`, `GitHub` or `Gitea`. */
  forge: string;
  /** Method and path, for people. */
  request: string;
  /** Name of the credential that was used; null: none. */
  credential: string | null;
  status: number;
  headers: Headers;
  /** The body, any text. */
  body: string;
  /** The token that was sent, to be taken out of whatever is shown; null: none. */
  token: string | null;
}

/** Seconds: what a forge asks for is believed up to a day. */
const LONGEST_WAIT = 86_400;

/** Seconds to wait after GitHub's secondary limit where it names none (GitHub, "Rate limits for the REST API": at least one minute). */
const SECONDARY_WAIT = 60;

const RIGHTS: Record<string, string> = {
  GitHub: 'A fine-grained token needs Contents, Workflows and Pull requests (write) and Actions (read) of this repository; a classic one the scopes repo and workflow.',
  GitLab: 'The token needs the scope api and at least the role Developer, and a protected branch must let that role push.',
  Gitea: 'The token needs the scopes read:organization, read:repository, read:issue and read:user.',
};

/**
 * The failure of a refusal, with `facts.status` and, where the forge says when to come back, `facts.retryAfter` in seconds.
 * 401 is CredentialMissing and told without the forge's words; 403 is NotAllowed, or Unavailable where a rate limit is behind it;
 * 404 and 410 NotFound, 409 Exists, 408, 425, 429 and 5xx Unavailable, everything else InvalidInput.
 */
export function refusalFailure(refusal: Refusal): PivoError {
  const { forge, request, credential, status } = refusal;
  const words = wordsOf(refusal.body);
  const limited = isLimited(refusal, words);
  const kind = limited ? 'Unavailable' : kindOf(status);
  const wait = kind === 'Unavailable' ? waitOf(refusal, limited) : undefined;
  const facts = { status, ...(wait === undefined ? {} : { retryAfter: wait }) };
  const hint = hintOf(kind, refusal);
  if (kind === 'CredentialMissing') return new PivoError(kind, credential === null ? `${forge} does not show this to everybody: ${request}` : `${forge} refused the token of credential "${credential}"`, { facts, hint });
  const said = withoutToken(words, refusal.token);
  return new PivoError(kind, `${forge} ${limited ? 'limits how often it is asked' : 'refused'}: ${request} (${status})${said === '' ? '' : `: ${said}`}`, { facts, hint });
}

function kindOf(status: number): FailureKind {
  if (status === 401) return 'CredentialMissing';
  if (status === 403 || status === 451) return 'NotAllowed';
  if (status === 404 || status === 410) return 'NotFound';
  if (status === 409) return 'Exists';
  return status >= 500 || [408, 425, 429].includes(status) ? 'Unavailable' : 'InvalidInput';
}

function hintOf(kind: FailureKind, { forge, credential, request }: Refusal): string {
  if (kind === 'CredentialMissing') return credential === null ? 'Store a token (`pivo credential add NAME`) and name that credential.' : `Store one that is valid: pivo credential add ${credential}`;
  if (kind === 'NotAllowed') return RIGHTS[forge] ?? 'The token lacks a right.';
  if (kind === 'NotFound') return `Check that it is there and that ${credential === null ? 'everybody' : `the token of credential "${credential}"`} may see it: ${forge} shows what is hidden as if it were not there.`;
  if (kind === 'Unavailable') return 'It is asked again after a while.';
  if (kind === 'Exists') return 'Look at what is there already.';
  return `${forge} does not take this as it is; what it said is about ${request}.`;
}

/** GitHub says 403 for both of its limits, too (same page); 429 says it by itself. */
function isLimited({ status, headers }: Refusal, words: string): boolean {
  if (status === 429) return true;
  return status === 403 && (headers.has('retry-after') || headers.get('x-ratelimit-remaining') === '0' || /secondary rate limit|abuse detection/i.test(words));
}

/** Seconds of `Retry-After`, else until `X-RateLimit-Reset` (GitHub) or `RateLimit-Reset` (GitLab), both in seconds since 1970, by the forge's own clock. */
function waitOf({ headers }: Refusal, limited: boolean): number | undefined {
  const now = Date.parse(headers.get('date') ?? '') || Date.now();
  const asked = secondsOf(headers.get('retry-after'), now);
  if (asked !== undefined || !limited) return asked;
  const spent = [headers.get('x-ratelimit-remaining'), headers.get('ratelimit-remaining')].some((left) => left?.trim() === '0');
  const reset = Number(headers.get('x-ratelimit-reset') ?? headers.get('ratelimit-reset') ?? Number.NaN);
  return spent && Number.isFinite(reset) ? bounded(reset - now / 1000) : SECONDARY_WAIT;
}

/** RFC 9110, 10.2.3: a number of seconds, or a date. */
function secondsOf(text: string | null, now: number): number | undefined {
  if (text === null || text.trim() === '') return undefined;
  const seconds = /^\s*\d+(\.\d+)?\s*$/.test(text) ? Number(text) : (Date.parse(text) - now) / 1000;
  return Number.isFinite(seconds) ? bounded(seconds) : undefined;
}

const bounded = (seconds: number): number => Math.min(LONGEST_WAIT, Math.max(1, Math.ceil(seconds)));

/** The shapes that are about: `{message, errors}` with texts, lists and objects of lists in them, `{error, error_description}`, plain text. */
function wordsOf(body: string): string {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return body.trim().startsWith('<') ? '' : body;
  }
  if (typeof value !== 'object' || value === null) return typeof value === 'string' ? value : '';
  const { message, error, error_description: description, errors } = value as Record<string, unknown>;
  return [...new Set([message, error, description, errors].flatMap(textsIn))].join('; ');
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return value === '' ? [] : [value];
  if (Array.isArray(value)) return value.flatMap(textsIn);
  if (typeof value !== 'object' || value === null) return [];
  const { message, code, field } = value as Record<string, unknown>; // one of GitHub's errors
  if (typeof message === 'string') return [message];
  if (typeof code === 'string') return [`${typeof field === 'string' ? `${field} ` : ''}${code}`];
  return Object.entries(value).flatMap(([name, said]) => textsIn(said).map((text) => `${name} ${text}`));
}

/** Text on one line without the token, at most 300 characters of it. */
export function withoutToken(text: string, token: string | null): string {
  // eslint-disable-next-line no-control-regex
  return (token === null || token === '' ? text : text.replaceAll(token, '[token]')).replace(/[\u0000-\u001f\u007f]+/g, ' ').trim().slice(0, 300);
}
