// What a provider's HTTP answer means when it is no answer: which failure, what it said, when to come back.
import { PivoError, type FailureKind } from '../../contract/failures.ts';

/** A refusal as it came in. */
export interface Refusal {
  provider: string;
  status: number;
  /** The body, any text. */
  body: string;
  /** Header `Retry-After`. */
  retryAfter: string | null;
  /** The secret that was sent, to be taken out of whatever is shown. */
  key: string | undefined;
}

const HINTS: Partial<Record<FailureKind, string>> = {
  CredentialMissing: 'Set GEMINI_API_KEY or OPENAI_API_KEY for the process that runs the agent, and start it again.',
  InvalidInput: 'Correct llm.model and llm.baseUrl (or PIVO_LLM_MODEL and the base URL in the environment); a conversation that is too long is begun anew.',
  Unavailable: 'Ask again after a while.',
};

/**
 * The failure of an HTTP status, with `facts.status` and, where the provider says so, `facts.retryAfter` in seconds.
 * A refused key is told without the provider's words: some of them repeat it.
 */
export function refusalFailure({ provider, status, body, retryAfter, key }: Refusal): PivoError {
  const said = parseBody(body);
  const kind = kindOf(status, said.reasons);
  const after = secondsOf(retryAfter) ?? said.retryAfter;
  const words = kind === 'CredentialMissing' || said.message === '' ? '' : `: ${withoutKey(said.message, key)}`;
  const facts = { status, ...(after === undefined ? {} : { retryAfter: after }) };
  return new PivoError(kind, `${provider} ${kind === 'CredentialMissing' ? 'refused the key' : `answered ${status}`}${words}`, { facts, ...(HINTS[kind] === undefined ? {} : { hint: HINTS[kind] }) });
}

/** The failure of a key that is not there. */
export function keyMissing(provider: string, variables: string): PivoError {
  return new PivoError('CredentialMissing', `${provider} needs a key and none is configured`, { hint: `Set ${variables} for the process that runs the agent, or choose another provider with PIVO_LLM.` });
}

/** Text without the key, at most 300 characters of it. */
export function withoutKey(text: string, key: string | undefined): string {
  return (key === undefined || key === '' ? text : text.replaceAll(key, '[key]')).slice(0, 300);
}

function kindOf(status: number, reasons: readonly string[]): FailureKind {
  if (status === 401 || status === 403 || reasons.some((reason) => reason.startsWith('API_KEY_'))) return 'CredentialMissing';
  if (status >= 500 || [408, 409, 425, 429].includes(status)) return 'Unavailable';
  return 'InvalidInput';
}

interface Said {
  message: string;
  reasons: string[];
  retryAfter?: number;
}

/** Reads the shapes that are about: `{error: {message, details}}`, `{error: text}`, `{message}`, `{detail}`, plain text. */
function parseBody(body: string): Said {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return { message: body.trim().startsWith('<') ? '' : body.trim(), reasons: [] };
  }
  const outer = objectOf(value);
  const error = typeof outer['error'] === 'string' ? { message: outer['error'] } : objectOf(outer['error'] ?? outer);
  const details = Array.isArray(error['details']) ? error['details'].map(objectOf) : [];
  const delay = details.map(({ retryDelay }) => retryDelay).find((delay) => typeof delay === 'string');
  const seconds = delay === undefined ? undefined : secondsOf(delay.replace(/s$/, ''));
  return {
    message: [error['message'], error['detail']].find((text) => typeof text === 'string') ?? '',
    reasons: details.flatMap(({ reason }) => (typeof reason === 'string' ? [reason] : [])),
    ...(seconds === undefined ? {} : { retryAfter: seconds }),
  };
}

const objectOf = (value: unknown): Record<string, unknown> => (typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {});

/** Seconds of a `Retry-After` (RFC 9110, 10.2.3): a number, or a date that is yet to come. */
function secondsOf(text: string | null): number | undefined {
  if (text === null || text.trim() === '') return undefined;
  const seconds = /^\s*\d+(\.\d+)?\s*$/.test(text) ? Number(text) : (Date.parse(text) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, Math.ceil(seconds)) : undefined;
}
