// The packs of a visit as files of this machine, wherever the archive is: the store's own, or checked copies in a cache.
import { createHash, randomUUID, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { link, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { PivoError } from '../contract/failures.ts';
import type { FileProof } from '../contract/visit.ts';
import { eachAtOnce } from './at-once.ts';
import { objectsPath, packPath } from './layout.ts';
import type { Store } from './store.ts';

/** What must be known of a pack to copy it. */
export interface WantedPack {
  name: string;
  pack: FileProof;
  idx: FileProof;
}

/** Files that are copied at the same time. */
const AT_ONCE = 4;
/** A copy of another machine that nobody added to for this long has no writer any more. */
const ABANDONED_MS = 3_600_000;

/** Copies that this process is making, by file: a second one who wants it waits for the first. */
const underWay = new Map<string, Promise<void>>();

/**
 * A folder of git objects of this machine that holds these packs in `pack/` (others may be there as well).
 * `cacheFolder`: the folder of this repository's disposable caches; it is used only when the store has no local files.
 * A copy that was begun is gone on with; one appears whole and checked, pack before index, whoever else copies it.
 * Fails with NotFound, Damaged, Cancelled, or as the store does when it does not answer.
 */
export async function localObjects(store: Store, repository: string, packs: readonly WantedPack[], cacheFolder: string, signal?: AbortSignal): Promise<string> {
  const local = store.localPath(objectsPath(repository));
  if (local !== null) return local;
  const objects = join(cacheFolder, 'archived');
  await mkdir(join(objects, 'pack'), { recursive: true });
  await eachAtOnce(packs, AT_ONCE, async (pack) => {
    for (const extension of ['pack', 'idx'] as const) await haveCopy({ store, path: packPath(repository, pack.name, extension), file: join(objects, 'pack', `${pack.name}.${extension}`), proof: pack[extension], signal });
  });
  return objects;
}

/** Keeps a pack that was just archived, and its index, where `localObjects` looks: it need not be downloaded again. */
export async function keepLocally(store: Store, repository: string, base: string, name: string, cacheFolder: string): Promise<void> {
  if (store.localPath(objectsPath(repository)) !== null) return;
  const folder = join(cacheFolder, 'archived', 'pack');
  await mkdir(folder, { recursive: true });
  for (const extension of ['pack', 'idx']) {
    await link(`${base}.${extension}`, join(folder, `${name}.${extension}`)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

interface Copy {
  store: Store;
  /** Path in the archive. */
  path: string;
  /** File of this machine. */
  file: string;
  proof: FileProof;
  signal: AbortSignal | undefined;
}

async function haveCopy(copy: Copy): Promise<void> {
  while ((await sizeOf(copy.file)) !== copy.proof.bytes) {
    const other = underWay.get(copy.file);
    if (other === undefined) {
      const mine = makeCopy(copy).finally(() => underWay.delete(copy.file));
      underWay.set(copy.file, mine);
      return mine;
    }
    await other.catch(() => {}); // its caller hears of it; whoever waited tries again
    copy.signal?.throwIfAborted();
  }
}

const sizeOf = (file: string): Promise<number | null> => stat(file).then(({ size }) => size, () => null);

/** Downloads aside and renames. Bytes that an earlier attempt left can be wrong: then all are fetched anew, once. */
async function makeCopy(copy: Copy): Promise<void> {
  const aside = `${copy.file}.${asideMark()}`;
  const resumed = await takeOver(copy.file, aside);
  let found = await download(copy, aside);
  if (resumed && !isWhole(found, copy.proof)) {
    await rm(aside);
    found = await download(copy, aside);
  }
  if (!isWhole(found, copy.proof)) {
    await rm(aside);
    throw new PivoError('Damaged', `${copy.path} is not what its visit says: ${found.bytes} bytes, expected ${copy.proof.bytes}`, { hint: 'Run `pivo verify` to see what else is damaged.', facts: { path: copy.path, found, expected: copy.proof } });
  }
  await rename(aside, copy.file);
}

const isWhole = (found: FileProof, proof: FileProof): boolean => found.bytes === proof.bytes && found.sha256 === proof.sha256;

const HOST = createHash('sha256').update(hostname()).digest('hex').slice(0, 8);
/** Says who writes it: host, process, and which of its writes. */
const asideMark = (): string => `part-${HOST}-${process.pid}-${randomUUID().slice(0, 8)}`;

/** Makes an unfinished copy of a writer that is gone ours; a rename lets only one have it. */
async function takeOver(file: string, aside: string): Promise<boolean> {
  const folder = join(file, '..');
  const prefix = `${file.slice(folder.length + 1)}.part-`;
  for (const name of await readdir(folder)) {
    if (!name.startsWith(prefix) || !(await isAbandoned(join(folder, name), name.slice(prefix.length)))) continue;
    if (await rename(join(folder, name), aside).then(() => true, () => false)) return true;
  }
  return false;
}

async function isAbandoned(path: string, mark: string): Promise<boolean> {
  const [host, pid] = mark.split('-');
  if (host === HOST) return Number(pid) === process.pid || !isAlive(Number(pid)); // this process makes one copy of a file at a time
  const written = await stat(path).catch(() => null);
  return written !== null && Date.now() - written.mtimeMs > ABANDONED_MS;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Adds to `aside` what it lacks of the archived file; returns what it then is. */
async function download({ store, path, proof, signal }: Copy, aside: string): Promise<FileProof> {
  const hash = createHash('sha256');
  let bytes = await hashFile(aside, hash, proof.bytes);
  const file = await open(aside, bytes === 0 ? 'w' : 'r+', 0o644);
  try {
    await file.truncate(bytes);
    for await (const chunk of bytes < proof.bytes ? store.open(path, { offset: bytes }, signal) : []) {
      for (let from = 0; from < chunk.length; ) from += (await file.write(chunk, from, chunk.length - from, bytes + from)).bytesWritten;
      hash.update(chunk);
      bytes += chunk.length;
      if (bytes > proof.bytes) break;
    }
    await file.chmod(0o444);
    await file.sync();
  } finally {
    await file.close();
  }
  return { bytes, sha256: hash.digest('hex') };
}

/** Hashes the first `most` bytes of a file; returns how many there were, 0 when it is not there. */
async function hashFile(file: string, hash: Hash, most: number): Promise<number> {
  const there = await sizeOf(file);
  if (there === null || there === 0 || most === 0) return 0;
  let bytes = 0;
  for await (const chunk of createReadStream(file, { end: most - 1, highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return bytes;
}
