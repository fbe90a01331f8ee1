// Tries again what a Git LFS server could not do just now, and waits as long as it asks for, within reason.
import { setTimeout as wait } from 'node:timers/promises';
import { isPivoError } from '../contract/failures.ts';

const ATTEMPTS = 4;
/** Seconds before the second attempt; each further wait is twice as long. */
const FIRST_WAIT = 0.5;
/** Seconds: a server that wants more is left alone until the next backup. */
const LONGEST_WAIT = 120;

/** The result of `act`; a failure of kind Unavailable is tried again. Fails as `act` does. */
export async function patiently<T>(act: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await act();
    } catch (error) {
      const asked = isPivoError(error, 'Unavailable') ? error.facts['retryAfter'] : undefined;
      const seconds = typeof asked === 'number' ? asked : FIRST_WAIT * 2 ** (attempt - 1);
      if (!isPivoError(error, 'Unavailable') || attempt === ATTEMPTS || seconds > LONGEST_WAIT) throw error;
      await wait(seconds * 1000, undefined, { signal });
    }
  }
}
