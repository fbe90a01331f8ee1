// Reads a JSON document of a restore from the store.
import { readSmall } from '../../archive/read.ts';
import type { Store } from '../../archive/store.ts';
import { PivoError, isPivoError } from '../../contract/failures.ts';

/** The document, or null where none is kept. Fails with Damaged when it cannot be read, and as the store does. */
export async function storedJsonOrNull<T>(store: Store, path: string): Promise<T | null> {
  try {
    return JSON.parse((await readSmall(store, path)).toString('utf8')) as T;
  } catch (error) {
    if (isPivoError(error, 'NotFound')) return null;
    if (error instanceof SyntaxError) throw new PivoError('Damaged', `${path} cannot be read`, { hint: 'Start the restore again under another id.', cause: error });
    throw error;
  }
}
