// What a folder of a local file system takes.
import { lstat, readdir } from 'node:fs/promises';
import type { Usage } from '../store.ts';

/** Files that are looked at together. */
const AT_ONCE = 64;

/** Adds up a folder and everything below it; null when it is not there. Names are bytes, and symbolic links are not followed. */
export async function usageOf(folder: string, signal?: AbortSignal): Promise<Usage | null> {
  const sum = { files: 0, folders: 0, bytes: 0, stored: 0 };
  if (!(await addFolder(Buffer.from(folder), sum, signal))) return null;
  return { ...sum, stored: Math.round(sum.stored), blocks: null };
}

/** False when it is not there, or went meanwhile. */
async function addFolder(folder: Buffer, sum: Omit<Usage, 'blocks'>, signal: AbortSignal | undefined): Promise<boolean> {
  signal?.throwIfAborted();
  const entries = await orGone(readdir(folder, { withFileTypes: true, encoding: 'buffer' }));
  if (entries === null) return false;
  sum.folders += 1;
  const files: Buffer[] = [];
  for (const entry of entries) {
    const child = Buffer.concat([folder, Buffer.from('/'), entry.name]);
    if (entry.isDirectory()) await addFolder(child, sum, signal);
    else files.push(child);
  }
  for (let from = 0; from < files.length; from += AT_ONCE) {
    for (const found of await Promise.all(files.slice(from, from + AT_ONCE).map((file) => orGone(lstat(file))))) {
      if (found === null) continue;
      sum.files += 1;
      sum.bytes += found.size;
      sum.stored += found.size / found.nlink;
    }
  }
  return true;
}

async function orGone<T>(look: Promise<T>): Promise<T | null> {
  try {
    return await look;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}
