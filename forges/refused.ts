// What a token may not see is as if it were not there.
import { isPivoError } from '../contract/failures.ts';

/** What `call` gives; `otherwise` where the token lacks the right, or the forge hides it or has no such thing. Fails as `call` does else. */
export async function unlessRefused<T, O>(call: Promise<T>, otherwise: O): Promise<T | O> {
  return call.catch((error: unknown) => {
    if (isPivoError(error, 'NotAllowed') || isPivoError(error, 'NotFound')) return otherwise;
    throw error;
  });
}
