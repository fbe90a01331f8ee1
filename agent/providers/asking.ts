// Asks a provider over HTTP: once, with patience, and with failures that tell no secret.
import { isPivoError, PivoError } from '../../contract/failures.ts';
import { refusalFailure, withoutKey } from './refusals.ts';

export interface Asked {
  provider: string;
  /** Seconds without a word of the provider. */
  timeout: number;
  key: string | undefined;
}

/** The asking as it goes on: `signal` ends it, `heard` says that the provider spoke. */
export interface Asking {
  signal: AbortSignal;
  heard(): void;
}

/**
 * Runs one asking. Fails with the reason of `signal` when that ends it, and with Unavailable when the provider is silent
 * for too long, is not reached, or breaks off; a PivoError of `run` passes as it is.
 */
export async function ask<T>({ provider, timeout, key }: Asked, signal: AbortSignal, run: (asking: Asking) => Promise<T>): Promise<T> {
  const silence = new AbortController();
  const giveUp = (): void => silence.abort();
  let timer = setTimeout(giveUp, timeout * 1000);
  const heard = (): void => {
    clearTimeout(timer);
    timer = setTimeout(giveUp, timeout * 1000);
  };
  try {
    signal.throwIfAborted();
    return await run({ signal: AbortSignal.any([signal, silence.signal]), heard });
  } catch (error) {
    signal.throwIfAborted();
    if (silence.signal.aborted) throw new PivoError('Unavailable', `${provider} said nothing for ${timeout} s`, { hint: 'A slow model needs a larger llm.timeout.' });
    if (isPivoError(error)) throw error;
    throw new PivoError('Unavailable', `${provider} cannot be asked: ${withoutKey(reasonOf(error), key)}`, { hint: 'Check llm.baseUrl and that the server runs.' });
  } finally {
    clearTimeout(timer);
  }
}

/** The code of a network failure, which fetch hides in causes, or what the first of them said. */
function reasonOf(error: unknown): string {
  let said = 'an unknown failure';
  for (let cause = error, depth = 0; cause instanceof Error && depth < 8; depth++) {
    if ('code' in cause && typeof cause.code === 'string') return cause.code;
    said = cause.message || said;
    cause = cause.cause;
  }
  return said;
}

/** `fetch` that follows no redirect, which could carry the key elsewhere, and fails with what a refusal means. */
export function refusingFetch({ provider, key }: Omit<Asked, 'timeout'>): typeof fetch {
  return async (input, init) => {
    const response = await fetch(input, { ...init, redirect: 'error' });
    if (response.ok) return response;
    throw refusalFailure({ provider, status: response.status, body: (await response.text()).slice(0, 65_536), retryAfter: response.headers.get('retry-after'), key });
  };
}
