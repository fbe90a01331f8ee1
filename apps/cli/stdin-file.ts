// Stdin as a file, for work that needs one.
import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** The path of a new file in the folder with all of stdin, for the owner only; none is left when the signal aborts. */
export async function stdinFile(folder: string, signal: AbortSignal): Promise<string> {
  const file = join(folder, `stdin-${randomUUID()}`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  try {
    await pipeline(process.stdin, createWriteStream(file, { mode: 0o600 }), { signal });
    return file;
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  }
}
