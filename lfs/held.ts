// Which objects of Git LFS the archive has: by the ledger, or where that is damaged by looking at each.
import { isPivoError } from '../contract/failures.ts';
import type { LfsPointer } from '../contract/lfs.ts';
import { eachAtOnce } from '../archive/at-once.ts';
import { lfsObjectPath } from '../archive/layout.ts';
import { readLedger } from '../archive/ledger.ts';
import type { Store } from '../archive/store.ts';
import { pointersReached } from './find-pointers.ts';

const AT_ONCE = 8;

export interface Reached {
  /** Objects that the archive has. */
  held: LfsPointer[];
  /** Objects that it has not. */
  missing: LfsPointer[];
}

/** Objects that pointers reached from `tips` mean, each once. Fails as the store does, with GitFailed or Cancelled. */
export async function reachedObjects(store: Store, repository: string, gitDir: string, tips: Iterable<string>, signal?: AbortSignal): Promise<Reached> {
  const pointers = new Map<string, LfsPointer>();
  for await (const { oid, size } of pointersReached(gitDir, tips, signal)) if (!pointers.has(oid)) pointers.set(oid, { oid, size });
  const archived = await archivedAmong(store, repository, [...pointers.keys()], signal);
  const [held, missing]: [LfsPointer[], LfsPointer[]] = [[], []];
  for (const { oid, size } of pointers.values()) {
    const bytes = archived.get(oid);
    if (bytes === undefined) missing.push({ oid, size });
    else held.push({ oid, size: bytes }); // two pointers can differ in what they say
  }
  return { held, missing };
}

/** Bytes of those that the archive has, by oid. */
async function archivedAmong(store: Store, repository: string, oids: readonly string[], signal?: AbortSignal): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  if (oids.length === 0) return found;
  try {
    const { entries } = await readLedger(store, repository);
    for (const oid of oids) {
      const entry = entries.get(oid);
      if (entry?.state === 'archived') found.set(oid, entry.size);
    }
  } catch (error) {
    if (!isPivoError(error, 'Damaged')) throw error;
    await eachAtOnce(oids, AT_ONCE, async (oid) => {
      const there = await store.stat(lfsObjectPath(repository, oid));
      if (there !== null) found.set(oid, there.bytes);
    }, signal);
  }
  return found;
}
