// Readers of all repositories of an archive: opened when first asked for, kept, and brought up to date when a visit was added.
import { join } from 'node:path';
import { PivoError } from '../../contract/failures.ts';
import { RepositoryName } from '../../contract/names.ts';
import { parseInput } from '../../contract/validation.ts';
import type { CatFile } from '../../git/cat-file.ts';
import { visitPath } from '../layout.ts';
import type { Store } from '../store.ts';
import { openReadCache } from './read-cache.ts';
import { openReader, type RepositoryReader } from './reader.ts';

export interface LibraryOptions {
  store: Store;
  /** Folder of disposable caches; the library keeps `{cache}/{repository}/read.git`. */
  cache: string;
}

export interface Library {
  /**
   * The reader of a repository, which knows its last visit of this moment.
   * Fails with InvalidInput for an impossible name, NotFound for an unknown repository, and Damaged.
   */
  reader(repository: string): Promise<RepositoryReader>;
  /** Folder of the disposable caches of a repository. */
  cacheOf(repository: string): string;
  /** Ends all git processes. */
  close(): Promise<void>;
}

export function openLibrary({ store, cache }: LibraryOptions): Library {
  const readers = new Map<string, Promise<RepositoryReader>>();
  let closed = false;

  const open = async (repository: string, objects?: CatFile): Promise<RepositoryReader> => openReader(store, repository, await openReadCache(store, repository, join(cache, repository)), objects);
  /** Visits have no gaps, so that one look at the next number tells whether there is a newer one. */
  const refreshed = async (repository: string, reader: RepositoryReader): Promise<RepositoryReader> => {
    const next = (reader.visits.at(-1)?.seq ?? 0) + 1;
    return (await store.stat(visitPath(repository, next))) === null ? reader : open(repository, reader.objects);
  };
  return {
    async reader(repository) {
      const name = parseInput(RepositoryName, repository, 'repository');
      if (closed) throw new PivoError('Cancelled', 'the library was closed');
      const before = readers.get(name);
      const reader = before === undefined ? open(name) : before.then((known) => refreshed(name, known), () => open(name));
      readers.set(name, reader);
      reader.catch(() => readers.get(name) === reader && readers.delete(name));
      return reader;
    },
    cacheOf: (repository) => join(cache, repository),
    async close() {
      closed = true;
      const open = await Promise.allSettled(readers.values());
      await Promise.all(open.map(async (each) => (each.status === 'fulfilled' ? each.value.close() : undefined)));
      readers.clear();
    },
  };
}
