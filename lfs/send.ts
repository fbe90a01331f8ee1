// Brings archived objects of Git LFS to where a repository is restored: its Git LFS server, or the folder that git-lfs keeps there.
import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, link, mkdir, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PivoError, isPivoError } from '../contract/failures.ts';
import type { LfsPointer } from '../contract/lfs.ts';
import { eachAtOnce } from '../archive/at-once.ts';
import { lfsObjectPath } from '../archive/layout.ts';
import { proveStream } from '../archive/proof.ts';
import type { Store } from '../archive/store.ts';
import { wholeObject } from './content.ts';
import type { LfsPlace } from './endpoint.ts';
import { patiently } from './patience.ts';
import { BATCH_OBJECTS, batchesOf, openServer, type BatchObject } from './server.ts';

/** Objects that are on their way at the same time. */
const AT_ONCE = 4;

export interface Sending {
  store: Store;
  repository: string;
  place: LfsPlace;
  signal: AbortSignal;
  onProgress(progress: { done: number; total: number }): void;
}

/**
 * Sends what the target lacks; returns how many that were. Each object is checked on its way out of the archive. Fails with
 * Damaged that names the object, TargetRefused, TargetUnreachable, or as the store does; may be repeated.
 */
export async function sendObjects(objects: readonly LfsPointer[], sending: Sending): Promise<number> {
  const { place, onProgress, signal } = sending;
  let [done, sent] = [0, 0];
  const count = (brought: boolean): void => {
    done += 1;
    if (brought) sent += 1;
    onProgress({ done, total: objects.length });
  };
  if (place.kind === 'folder') {
    await eachAtOnce(objects, AT_ONCE, async (pointer, within) => count(await placeObject(pointer, place.objects, { ...sending, signal: within })), signal);
    return sent;
  }
  const server = openServer(place);
  for (const batch of batchesOf(objects, BATCH_OBJECTS)) {
    const said = await server.batch('upload', batch, signal).catch((error: unknown) => targetFailure(error, place.url.host));
    await eachAtOnce(batch, AT_ONCE, async (pointer, within) => {
      const answer = taken(said.get(pointer.oid), pointer, place.url.host);
      const upload = (): Promise<void> => server.upload(answer, pointer, { bytes: pointer.size, content: contentOf(pointer, { ...sending, signal: within }) }, within);
      await patiently(upload, within).catch((error: unknown) => targetFailure(error, place.url.host));
      count(answer.actions?.upload !== undefined);
    }, signal);
  }
  return sent;
}

/** Whether a target takes objects at all, by asking for the upload of one; null: it does, or that is not known now. Fails when cancelled. */
export async function refusalOfTarget(place: LfsPlace, object: LfsPointer, signal: AbortSignal): Promise<string | null> {
  if (place.kind === 'folder') return null;
  try {
    taken((await openServer(place).batch('upload', [object], signal)).get(object.oid), object, place.url.host);
    return null;
  } catch (error) {
    signal.throwIfAborted();
    if (isPivoError(error, 'Unavailable')) return null;
    if (isPivoError(error)) return error.message;
    throw error;
  }
}

function taken(said: BatchObject | undefined, { oid }: LfsPointer, host: string): BatchObject {
  if (said !== undefined && (said.error === undefined || said.error === null)) return said;
  // eslint-disable-next-line no-control-regex
  const words = (said?.error?.message ?? 'it says nothing of it').replace(/[\u0000-\u001f\u007f]+/g, ' ').slice(0, 200);
  throw new PivoError('TargetRefused', `${host} does not take the Git LFS object ${oid}: ${words}`, { hint: 'Allow it at the target, or switch Git LFS on for the repository there, and restore again.', facts: { oid } });
}

function targetFailure(error: unknown, host: string): never {
  if (isPivoError(error, 'Unavailable')) throw new PivoError('TargetUnreachable', error.message, { hint: 'No ref was pushed. Try again.', cause: error });
  if (isPivoError(error, 'CredentialMissing', 'NotAllowed', 'NotFound', 'OriginRefused', 'UrlRefused', 'LimitExceeded')) {
    throw new PivoError('TargetRefused', `the Git LFS server of ${host} refuses the objects: ${error.message}`, { hint: 'No ref was pushed. Check that the credential may write there, and that Git LFS is on for the repository.', cause: error });
  }
  throw error;
}

async function* contentOf(pointer: LfsPointer, { store, repository, signal }: Sending): AsyncGenerator<Uint8Array> {
  const path = lfsObjectPath(repository, pointer.oid);
  try {
    yield* wholeObject(store.open(path, undefined, signal), pointer);
  } catch (error) {
    if (!isPivoError(error, 'Damaged', 'NotFound')) throw error;
    throw new PivoError('Damaged', `${path} is damaged: ${error.message}`, { hint: 'Nothing was pushed. Run `pivo verify` to see what else is damaged, and bring the file back from a copy of the archive; `--lfs none` restores everything but such objects.', facts: { path }, cause: error });
  }
}

/** Puts an object where git-lfs looks for it; whole or not at all. False: it is there already. */
async function placeObject(pointer: LfsPointer, folder: string, sending: Sending): Promise<boolean> {
  const { oid } = pointer;
  const file = join(folder, oid.slice(0, 2), oid.slice(2, 4), oid);
  if (await isPlaced(file, pointer, sending.signal)) return false;
  await mkdir(dirname(file), { recursive: true });
  const aside = `${file}.${randomUUID()}`;
  const handle = await open(aside, 'wx', 0o644);
  try {
    for await (const piece of contentOf(pointer, sending)) await handle.writeFile(piece);
    await handle.sync();
    await link(aside, file).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST' || !(await isPlaced(file, pointer, sending.signal))) throw error;
    });
    return true;
  } catch (error) {
    throw placeFailure(error, folder);
  } finally {
    await handle.close();
    await unlink(aside);
  }
}

/** Whether the object is there. Fails with TargetRefused where something else is: nothing of a target is overwritten. */
async function isPlaced(file: string, { oid, size }: LfsPointer, signal: AbortSignal): Promise<boolean> {
  const there = await stat(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error;
    return null;
  });
  if (there === null) return false;
  if (there.isFile() && there.size === size && (await proveStream(createReadStream(file, { signal }))).sha256 === oid) return true;
  throw new PivoError('TargetRefused', `${file} is there, and is not the object of Git LFS that its name says`, { hint: 'No ref was pushed. Remove that file from the target, and restore again.', facts: { oid } });
}

function placeFailure(error: unknown, folder: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') return new PivoError('StorageFull', `there is no room for the objects of Git LFS at ${folder}`, { hint: 'Free some space and start the restore again.', cause: error });
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return new PivoError('TargetRefused', `${folder} cannot be written (${code})`, { hint: 'Give this user the right to write there.', cause: error });
  return error;
}
