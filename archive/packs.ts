// Packs: how they come into the archive, and which of them a new visit joins into one.
import { isPivoError, PivoError } from '../contract/failures.ts';
import type { FileProof, PackProof } from '../contract/visit.ts';
import { packPath } from './layout.ts';
import { provePack, proveStream } from './proof.ts';
import type { LocalProof, Store } from './store.ts';

/** A pack on this machine's disk, as it was when it was read. */
export interface LocalPack {
  proof: PackProof;
  /** Path without extension. */
  base: string;
  /** The store's own checksum of the pack, where it has one. */
  checksum?: string | undefined;
}

/** Reads a local pack once for all that must be known to archive it. Fails with Damaged when it is not whole. */
export async function proveLocalPack(store: Store, base: string, name: string): Promise<LocalPack> {
  const checksum = store.checksum?.();
  const proof = await provePack(base, name, checksum);
  return { base, proof, checksum: checksum?.digest() };
}

/** Archives a local pack, then its index: a pack without index is not yet there for readers. */
export async function putPack(store: Store, repository: string, { base, proof, checksum }: LocalPack, signal?: AbortSignal): Promise<void> {
  await adoptOnce(store, packPath(repository, proof.name, 'pack'), `${base}.pack`, { ...proof.pack, checksum }, signal);
  await adoptOnce(store, packPath(repository, proof.name, 'idx'), `${base}.idx`, proof.idx, signal);
}

/** Another attempt may have archived the file before: then its bytes must be the same. */
async function adoptOnce(store: Store, path: string, localFile: string, proof: LocalProof, signal?: AbortSignal): Promise<void> {
  try {
    await store.adopt(path, localFile, { bytes: proof.bytes, sha256: proof.sha256, checksum: proof.checksum }, signal);
  } catch (error) {
    if (!isPivoError(error, 'Exists')) throw error;
    const stored = await proveStream(store.open(path, undefined, signal));
    if (stored.bytes === proof.bytes && stored.sha256 === proof.sha256) return;
    throw new PivoError('Damaged', `${path} is in the archive with other bytes`, { hint: 'Run `pivo verify`: the stored pack is damaged.', facts: { path }, cause: error });
  }
}

/** A pack by its name, with the lengths that a visit says. */
export interface PackLengths {
  name: string;
  pack: Pick<FileProof, 'bytes'>;
  idx: Pick<FileProof, 'bytes'>;
}

/** Every pack and index is in the archive with its length. Fails with Damaged that names the first that is not. */
export async function checkPacks(store: Store, repository: string, packs: readonly PackLengths[], cause?: unknown): Promise<void> {
  const files = packs.flatMap(({ name, pack, idx }) => [{ path: packPath(repository, name, 'pack'), bytes: pack.bytes }, { path: packPath(repository, name, 'idx'), bytes: idx.bytes }]);
  const found = await Promise.all(files.map(async (file) => ({ ...file, found: (await store.stat(file.path))?.bytes ?? null })));
  const bad = found.find((file) => file.found !== file.bytes);
  if (bad === undefined) return;
  throw new PivoError('Damaged', `${bad.path} ${bad.found === null ? 'is missing' : `has ${bad.found} bytes instead of ${bad.bytes}`}`, { hint: 'Run `pivo verify` to see what else is damaged, and `pivo repair` to fetch it again from the origin.', facts: { path: bad.path }, ...(cause === undefined ? {} : { cause }) });
}

/** More packs than this in one visit, and the small ones are joined. */
export const MAX_PACKS = 32;

/**
 * The packs to join: the small ones, so that every pack left has at least twice the objects of all smaller ones
 * together (geometric, as `git repack --geometric=2`). None while there are few packs.
 */
export function packsToJoin(packs: readonly PackProof[], most = MAX_PACKS): PackProof[] {
  if (packs.length <= most) return [];
  const ascending = [...packs].sort((a, b) => a.objects - b.objects);
  let join = 0;
  let sum = 0;
  ascending.forEach((pack, i) => {
    if (pack.objects < 2 * sum) join = i + 1;
    sum += pack.objects;
  });
  return join < 2 ? [] : ascending.slice(0, join);
}
