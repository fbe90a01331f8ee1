// Write-once files on a POSIX file system: a file appears whole by link(2), which never replaces, and is read-only.
import { randomUUID } from 'node:crypto';
import { createHash } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { chmod, copyFile, link, lstat, mkdir, open, unlink, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { FileProof } from '../../contract/visit.ts';

const FILE_MODE = 0o444;

/** Writes `content` to a new file beside its final place, then links it there. Fails with EEXIST when the place is taken. */
export async function writeOnce(path: string, content: Uint8Array | AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<FileProof> {
  await mkdir(dirname(path), { recursive: true });
  await refuseTaken(path);
  return atPlace(path, async (temporary) => {
    const file = await open(temporary, 'wx', 0o600);
    try {
      const proof = await writeAll(file, content, signal);
      await file.chmod(FILE_MODE);
      await file.sync();
      return proof;
    } finally {
      await file.close();
    }
  });
}

/** Makes a finished local file the file at `path`: by a hard link where the file system allows, else by a copy. `check` sees the file before it has its name there. */
export async function linkOnce(path: string, localFile: string, check: (file: string, how: 'linked' | 'copied') => Promise<void>): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await refuseTaken(path);
  await chmod(localFile, FILE_MODE);
  await syncFile(localFile);
  await check(localFile, 'linked');
  try {
    await link(localFile, path);
    return await syncFile(dirname(path));
  } catch (error) {
    if (!cannotLink(error)) throw error;
  }
  await atPlace(path, async (temporary) => {
    await copyFile(localFile, temporary, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    await chmod(temporary, FILE_MODE);
    await syncFile(temporary);
    await check(temporary, 'copied');
  });
}

/** Too many links, another device, or a file system without them: a copy serves as well. */
export const cannotLink = (error: unknown): boolean => ['EMLINK', 'EXDEV', 'EPERM', 'ENOTSUP'].includes((error as NodeJS.ErrnoException).code ?? '');

/** A cheap look first, so that a retry does not write the bytes only to find the place taken; link(2) decides. */
async function refuseTaken(path: string): Promise<void> {
  const there: Stats | null = await lstat(path).catch(() => null);
  if (there !== null) throw Object.assign(new Error(`${path} exists`), { code: 'EEXIST' });
}

async function atPlace<T>(path: string, fill: (temporary: string) => Promise<T>): Promise<T> {
  const temporary = join(dirname(path), `.tmp-${randomUUID()}`);
  try {
    const result = await fill(temporary);
    await link(temporary, path);
    return result;
  } finally {
    await unlink(temporary).catch(() => {});
    await syncFile(dirname(path)).catch(() => {});
  }
}

async function writeAll(file: FileHandle, content: Uint8Array | AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<FileProof> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of content instanceof Uint8Array ? [content] : content) {
    signal?.throwIfAborted();
    hash.update(chunk);
    bytes += chunk.length;
    await writeWhole(file, chunk);
  }
  return { bytes, sha256: hash.digest('hex') };
}

/** write(2) may take less than it is given, on a full disk without an error: go on until it has taken all or fails. */
async function writeWhole(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let from = 0; from < chunk.length; ) from += (await file.write(chunk, from)).bytesWritten;
}

/** fsync of a file or a folder. */
async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
