// A store that notes every call that adds to the archive: thrift is asserted by counting, not by a clock.
import type { Store } from '../../archive/store.ts';

export interface Addition {
  verb: 'create' | 'adopt' | 'layOut' | 'seal';
  path: string;
}

/** The store with its additions noted in `additions`, in order. */
export function countingStore(store: Store, additions: Addition[]): Store {
  return {
    ...store,
    create: (path, content, signal) => (additions.push({ verb: 'create', path }), store.create(path, content, signal)),
    adopt: (path, file, proof, signal) => (additions.push({ verb: 'adopt', path }), store.adopt(path, file, proof, signal)),
    layOut: (path, source, signal) => (additions.push({ verb: 'layOut', path }), store.layOut(path, source, signal)),
    seal: (path) => (additions.push({ verb: 'seal', path }), store.seal(path)),
  };
}
