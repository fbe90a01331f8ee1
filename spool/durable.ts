// File system acts that hold after a power loss: whole writes, moves, and the folders that name them.
import { mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf } from './faults.ts';

/** Only the owner of the home reads what waits in its spool. */
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;

/** Makes a folder and those above it. */
export async function makeFolder(path: string): Promise<void> {
  if ((await mkdir(path, { recursive: true, mode: FOLDER_MODE })) !== undefined) await syncFolder(dirname(path));
}

/** fsync of a folder: the names in it are durable. */
export async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Writes a new file and has it on the disk; a failure leaves none. Returns the bytes written. */
export async function writeNew(path: string, chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<number> {
  const file = await open(path, 'wx', FILE_MODE);
  try {
    let bytes = 0;
    for await (const chunk of chunks) bytes += await writeWhole(file, chunk);
    await file.sync();
    return bytes;
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}

/** write(2) may take less than it is given, on a full disk without an error: go on until it has taken all or fails. */
async function writeWhole(file: FileHandle, chunk: Uint8Array): Promise<number> {
  for (let from = 0; from < chunk.length; ) from += (await file.write(chunk, from)).bytesWritten;
  return chunk.length;
}

/** Moves within one file system; false when there is nothing at `from`. What is at `to` would be replaced: its name must be its own. */
export async function move(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}
