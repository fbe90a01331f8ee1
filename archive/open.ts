// Opens the store that a URL names.
import { fileURLToPath } from 'node:url';
import { PivoError } from '../contract/failures.ts';
import { localStore } from './local/store.ts';
import type { Store } from './store.ts';
import { webHdfsStore } from './webhdfs/store.ts';
import type { WebHdfsSettings } from './webhdfs/settings.ts';

/** What stores are told besides their URL, by technology. */
export interface StoreSettings {
  webhdfs?: WebHdfsSettings;
}

/** `file:///path`, `webhdfs://namenode:9870/path` or `swebhdfs://…`. Fails with InvalidInput for a scheme that has no adapter. */
export function openStore(url: string, settings: StoreSettings = {}): Store {
  if (url.startsWith('file://')) return localStore(fileURLToPath(url));
  if (/^s?webhdfs:/.test(url)) return webHdfsStore(url, settings.webhdfs);
  throw new PivoError('InvalidInput', `no store adapter for ${JSON.stringify(url.replace(/:.*$/, ':…'))}`, { hint: 'Use file:///path, or webhdfs://namenode:9870/path.' });
}
