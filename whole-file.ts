// A file of this machine that is there only when it is whole.
import { open, rm } from 'node:fs/promises';
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
    await rm(path, { force: true });
    throw error;
  }
}
