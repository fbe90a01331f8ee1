// Which repository an origin has in the archive; a repository keeps its origin until it moves, so that each is read once.
import type { Store } from '../../archive/store.ts';
import { latestVisit } from '../../archive/visits.ts';
import { isPivoError } from '../../contract/failures.ts';
import { RepositoryName } from '../../contract/names.ts';
import { sameOrigin } from '../../webhooks/same-origin.ts';

export interface KnownOrigin {
  repository: string;
  /** As its visits write it. */
  origin: string;
}

/** By store: repositories that were read, by name. */
const read = new WeakMap<Store, Map<string, KnownOrigin>>();

/** Folders that are looked into at once. */
const AT_ONCE = 16;

/** The repositories of the archive by the common form of their origin. Fails as the store does. */
export async function knownOrigins(store: Store, signal: AbortSignal): Promise<Map<string, KnownOrigin>> {
  const known = read.get(store) ?? new Map<string, KnownOrigin>();
  read.set(store, known);
  const names = (await store.list('backups')).filter(({ kind, name }) => kind === 'folder' && !known.has(name) && RepositoryName.safeParse(name).success).map(({ name }) => name);
  for (let at = 0; at < names.length; at += AT_ONCE) {
    signal.throwIfAborted();
    await Promise.all(names.slice(at, at + AT_ONCE).map((repository) => readOne(store, repository, known)));
  }
  return new Map([...known.values()].map((each) => [sameOrigin(each.origin), each]));
}

/** A visit came from another origin than those before: the repository is read anew. */
export const forgetOrigin = (store: Store, repository: string): void => void read.get(store)?.delete(repository);

/** A folder without a visit is no repository yet, and one whose visit is damaged keeps no other from its backup: both are looked into again. */
async function readOne(store: Store, repository: string, known: Map<string, KnownOrigin>): Promise<void> {
  try {
    const visit = await latestVisit(store, repository);
    if (visit !== null) known.set(repository, { repository, origin: visit.origin });
  } catch (error) {
    if (!isPivoError(error, 'Damaged')) throw error;
  }
}
