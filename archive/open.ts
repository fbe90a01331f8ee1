// Opens the store that a URL names.
import { fileURLToPath } from 'node:url';
import { PivoError } from '../contract/failures.ts';
import { localStore } from './local/store.ts';
import type { Store } from './store.ts';

/** `file:///path`. Fails with InvalidInput for a scheme that has no adapter. */
export function openStore(url: string): Store {
  if (url.startsWith('file://')) return localStore(fileURLToPath(url));
  throw new PivoError('InvalidInput', `no store adapter for ${JSON.stringify(url.replace(/:.*$/, ':…'))}`, { hint: 'Use file:///path.' });
}
