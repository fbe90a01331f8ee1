// Files of this machine that are there only when they are whole.
import { randomUUID } from 'node:crypto';
import { open, rename, rm, writeFile } from 'node:fs/promises';
import type { Writable } from 'node:stream';

/**
 * Makes a file for the owner only, in place of one that an interrupted attempt left, and has it filled. Fails as `fill` does, and no file is left then.
 * It is open before it is filled: a stream that opens its file by itself may make it after somebody has cleaned up.
 */
export async function writeWhole(path: string, fill: (sink: Writable) => Promise<void>): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    await fill(file.createWriteStream());
  } catch (error) {
    await file.close();
    await rm(path, { force: true });
    throw error;
  }
}

/** Writes aside and renames: readers see the old content or the new, also when several write it at once, the last of whom wins. `flush`: it is on the disk before it has its name. */
export async function replaceFile(path: string, content: string | Uint8Array, { flush = false } = {}): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await writeFile(aside, content, { flush });
    await rename(aside, path);
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  }
}
