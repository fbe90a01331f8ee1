// The store that a drill restores through: reads the archive, and keeps what a restore writes in a scratch folder.
import { pathToFileURL } from 'node:url';
import { openStore } from '../archive/open.ts';
import type { Store } from '../archive/store.ts';

/** Paths below this belong to restores. */
const RESTORES = 'restores/';

/** Plans and receipts of drills are no part of the archive: what is below `restores/` lies in `folder`, the rest in `archive`, which is only read. */
export function drillStore(archive: Store, folder: string): Store {
  const scratch = openStore(pathToFileURL(folder).href);
  const of = (path: string): Store => (path.startsWith(RESTORES) ? scratch : archive);
  return {
    url: archive.url,
    create: (path, content, signal) => scratch.create(path, content, signal),
    adopt: (path, localFile, proof, signal) => scratch.adopt(path, localFile, proof, signal),
    open: (path, range, signal) => of(path).open(path, range, signal),
    stat: (path) => of(path).stat(path),
    list: (path) => of(path).list(path),
    usage: (path, signal) => of(path).usage(path, signal),
    seal: () => Promise.resolve(), // the scratch is removed
    layOut: (path, source, signal) => scratch.layOut(path, source, signal),
    removeCheckout: (path) => scratch.removeCheckout(path),
    localPath: (path) => (path.startsWith(RESTORES) ? null : archive.localPath(path)),
  };
}
