// The store on a local file system: `file:///path`.
import { createReadStream } from 'node:fs';
import { chmod, readdir, stat } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PivoError } from '../../contract/failures.ts';
import type { FileProof } from '../../contract/visit.ts';
import { proveStream } from '../proof.ts';
import type { Range, Store, StoredFile } from '../store.ts';
import { layOutFiles } from './checkout.ts';
import { storageFailure } from './failure.ts';
import { removeCheckoutFiles } from './remove-checkout.ts';
import { usageOf } from './usage.ts';
import { linkOnce, writeOnce } from './write-once.ts';

const SEALED_FOLDER = 0o555;

/** Opens the archive at `root`, an absolute path; the folder is made when the first file is. */
export function localStore(root: string): Store {
  const at = (path: string): string => {
    const full = resolve(root, path);
    if (full !== root && !full.startsWith(root + sep)) throw new PivoError('InvalidInput', `${path} leads out of the archive`);
    return full;
  };
  const guarded = async <T>(path: string, act: (full: string) => Promise<T>): Promise<T> => {
    try {
      return await act(at(path));
    } catch (error) {
      throw storageFailure(error, path);
    }
  };
  return {
    url: pathToFileURL(root).href,
    create: (path, content, signal) => guarded(path, (full) => writeOnce(full, content, signal)),
    adopt: (path, localFile, proof) => guarded(path, (full) => adopt(full, localFile, proof)),
    open: (path, range, signal) => read(path, at(path), range, signal),
    stat: (path) => guarded(path, statOf),
    list: (path) => guarded(path, listOf),
    usage: (path, signal) => guarded(path, (full) => usageOf(full, signal)),
    seal: (path) => guarded(path, sealAll),
    layOut: (path, source, signal) => guarded(path, (full) => layOutFiles(path, full, root, source, signal)),
    removeCheckout: (path) => guarded(path, () => removeCheckoutFiles(root, path)),
    localPath: (path) => at(path),
  };
}

/** Checks before the file has its name: what is in the archive cannot be taken back. A file that is linked was read a moment ago; a copy is read again. */
function adopt(full: string, localFile: string, proof: FileProof): Promise<void> {
  return linkOnce(full, localFile, async (file, how) => {
    const stored = how === 'linked' ? { bytes: (await stat(file)).size, sha256: proof.sha256 } : await proveStream(createReadStream(file));
    if (stored.bytes === proof.bytes && stored.sha256 === proof.sha256) return;
    throw new PivoError('Damaged', `${localFile} is not what it was when it was to be ${full}`, { hint: 'Check the disk; nothing of it is in the archive. Run the ingest again: it is fetched anew.', facts: { expected: proof, stored } });
  });
}

async function* read(path: string, full: string, range: Range = { offset: 0 }, signal?: AbortSignal): AsyncIterable<Uint8Array> {
  if (range.length === 0) return;
  const end = range.length === undefined ? {} : { end: range.offset + range.length - 1 };
  try {
    yield* createReadStream(full, { start: range.offset, ...end, highWaterMark: 1 << 20, ...(signal === undefined ? {} : { signal }) }) as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw storageFailure(error, path);
  }
}

async function statOf(full: string): ReturnType<Store['stat']> {
  try {
    const found = await stat(full);
    return { kind: found.isDirectory() ? 'folder' : 'file', bytes: found.size, mode: found.mode & 0o777 };
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}

/** Names that start with `.tmp-` are writes under way, or what a crash left of them: not part of the archive. */
async function listOf(full: string): Promise<StoredFile[]> {
  const entries = await readdir(full, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const named = entries.filter((entry) => !entry.name.startsWith('.tmp-'));
  return Promise.all(named.map(async (entry) => ({ name: entry.name, kind: entry.isDirectory() ? ('folder' as const) : ('file' as const), bytes: entry.isDirectory() ? 0 : (await stat(join(full, entry.name))).size })));
}

async function sealAll(full: string): Promise<void> {
  for (const entry of await readdir(full, { withFileTypes: true })) if (entry.isDirectory()) await sealAll(join(full, entry.name));
  await chmod(full, SEALED_FOLDER);
}
