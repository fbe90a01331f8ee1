// The bytes of a plain file, unpacked, in pieces.
import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import { PivoError } from '../contract/failures.ts';
import { packingOf, unpack, type Packing } from '../unpacking.ts';
import { spoolFailure } from './faults.ts';

/** About a thousand frames of the usual size: what is read at once is what a reader of a segment gives at once. */
const PIECE = 128 * 1024;

/** Frames of Zstandard in one file: an empty one has nine bytes and costs as much time as a full one. */
const MOST_FRAMES = 10_000;

/**
 * Gives the file piece by piece. Follows no link and waits for no pipe: what is no plain file, or has more than `most` bytes, fails with
 * InvalidInput, as does what is not packed as `packing` says or damaged in it. Fails with NotFound when it is not there.
 */
export async function* fileBytes(path: string, packing: Packing | null, most: number, signal: AbortSignal): AsyncGenerator<Buffer> {
  const name = basename(path);
  const file = await openPlain(path, name, most);
  try {
    const chunks = pieces(file, name, signal);
    if (packing === null) yield* chunks;
    else yield* unpacked(packing, chunks);
  } finally {
    await file.close();
  }
}

async function openPlain(path: string, name: string, most: number): Promise<FileHandle> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch((error: unknown) => {
    throw spoolFailure(error, name);
  });
  const about = await file.stat();
  if (about.isFile() && about.size <= most) return file;
  await file.close();
  throw new PivoError('InvalidInput', about.isFile() ? `the file has ${about.size} bytes; at most ${most} are allowed` : 'it is not a file');
}

async function* pieces(file: FileHandle, name: string, signal: AbortSignal): AsyncGenerator<Buffer> {
  for (;;) {
    signal.throwIfAborted();
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(PIECE), 0, PIECE, null).catch((error: unknown) => {
      throw spoolFailure(error, name);
    });
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}

async function* unpacked(packing: Packing, chunks: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  const first = await chunks.next();
  if (first.done === true) return;
  if (packingOf(first.value) !== packing) throw new PivoError('InvalidInput', `the file is not packed as its name says (${packing})`);
  let cut: Error | undefined;
  yield* unpack(packing, first.value, chunks, (error) => (cut = error), MOST_FRAMES);
  if (cut !== undefined) throw new PivoError('InvalidInput', `the packed bytes are damaged or end early: ${cut.message}`, { cause: cut });
}
