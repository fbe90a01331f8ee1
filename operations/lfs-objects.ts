// Operations `lfs-batch` and `lfs-object`: archived objects of Git LFS for its clients, read-only.
import { z } from 'zod';
import { PivoError } from '../contract/failures.ts';
import { LfsOid } from '../contract/lfs.ts';
import { RepositoryName } from '../contract/names.ts';
import { eachAtOnce } from '../archive/at-once.ts';
import { lfsObjectPath } from '../archive/layout.ts';
import { listVisitNumbers } from '../archive/visits.ts';
import type { Store } from '../archive/store.ts';
import { defineOperation } from './operation.ts';

const AT_ONCE = 8;

export interface HeldObject {
  oid: string;
  /** Bytes that the archive has; null: it has not the object. */
  bytes: number | null;
}

export const lfsBatch = defineOperation({
  name: 'lfs-batch',
  description: 'Says which of some objects of Git LFS the archive has of a repository, in the order asked.',
  kind: 'reads',
  input: z.strictObject({ repository: RepositoryName, oids: z.array(LfsOid).max(1000) }),
  async run({ store }, { repository, oids }, { signal }): Promise<HeldObject[]> {
    await requireRepository(store, repository);
    const bytes = new Map<string, number>();
    await eachAtOnce([...new Set(oids)], AT_ONCE, async (oid) => {
      const there = await store.stat(lfsObjectPath(repository, oid));
      if (there !== null) bytes.set(oid, there.bytes);
    }, signal);
    return oids.map((oid) => ({ oid, bytes: bytes.get(oid) ?? null }));
  },
});

export interface LfsContent {
  oid: string;
  /** Bytes of `content`. */
  bytes: number;
  content: AsyncIterable<Uint8Array>;
}

export const lfsObject = defineOperation({
  name: 'lfs-object',
  description: 'Reads one archived object of Git LFS, or a part of it.',
  kind: 'reads',
  input: z.strictObject({
    repository: RepositoryName,
    oid: LfsOid,
    /** Byte to begin at. */
    offset: z.number().int().nonnegative().default(0),
    /** Most bytes. */
    length: z.number().int().positive().optional(),
  }),
  async run({ store }, { repository, oid, offset, length }, { signal }): Promise<LfsContent> {
    const path = lfsObjectPath(repository, oid);
    const there = await store.stat(path);
    if (there === null) throw new PivoError('NotFound', `the archive of ${repository} has no Git LFS object ${oid}`, { hint: `\`pivo lfs ${repository}\` says what is missing and why.` });
    const bytes = Math.max(0, Math.min(length ?? Number.POSITIVE_INFINITY, there.bytes - offset));
    return { oid, bytes, content: bytes === 0 ? nothing() : store.open(path, { offset, length: bytes }, signal) };
  },
});

async function requireRepository(store: Store, repository: string): Promise<void> {
  if ((await listVisitNumbers(store, repository)).length > 0) return;
  throw new PivoError('NotFound', `there is no repository "${repository}" in the archive`, { hint: '`pivo repos` lists what is there.' });
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
