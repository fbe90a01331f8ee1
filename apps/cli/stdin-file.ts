// Stdin as a file, for work that needs one.
import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { writeWhole } from '../../whole-file.ts';

/** The path of a new file in the folder with all of stdin, for the owner only; none is left when the signal aborts. */
export async function stdinFile(folder: string, signal: AbortSignal): Promise<string> {
  const file = join(folder, `stdin-${randomUUID()}`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeWhole(file, (sink) => pipeline(process.stdin, sink, { signal }));
  return file;
}
