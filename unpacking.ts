// Unpacks gzip and Zstandard to the end of the source, however many members or frames it has.
import { setImmediate as turn } from 'node:timers/promises';
import { createGunzip, createZstdDecompress, type Gunzip, type ZstdDecompress } from 'node:zlib';

const CHUNK = 512 * 1024;

export type Packing = 'gzip' | 'zstd';

const MAGIC: Readonly<Record<Packing, readonly number[]>> = { gzip: [0x1f, 0x8b], zstd: [0x28, 0xb5, 0x2f, 0xfd] };

/** How a stream that begins with these bytes (four are enough) is packed; null for neither. */
export function packingOf(first: Uint8Array): Packing | null {
  if (MAGIC.gzip.every((byte, at) => first[at] === byte)) return 'gzip';
  return MAGIC.zstd.every((byte, at) => first[at] === byte) ? 'zstd' : null;
}

/** What of the packed bytes was taken from the source and not yet unpacked. */
interface Left {
  rest: Uint8Array;
  /** It ended early or is damaged: what is left is no beginning. */
  cut: boolean;
}

/**
 * The unpacked bytes of `first` and the chunks that follow it. Where the stream ends early or is damaged, what was read
 * before is given and `onCut` told why; so it is after `mostFrames` frames of Zstandard, each of which costs a decompressor. Fails as the source does.
 */
export async function* unpack(packing: Packing, first: Uint8Array, chunks: AsyncIterator<Uint8Array>, onCut: (error: Error) => void, mostFrames = Number.POSITIVE_INFINITY): AsyncGenerator<Buffer> {
  const left: Left = { rest: first, cut: false };
  if (packing === 'gzip') yield* stretch(createGunzip({ chunkSize: CHUNK }), left, chunks, onCut);
  else yield* unpackFrames(left, chunks, onCut, mostFrames);
}

/** Node's decompressor ends with the first frame. */
async function* unpackFrames(left: Left, chunks: AsyncIterator<Uint8Array>, onCut: (error: Error) => void, most: number): AsyncGenerator<Buffer> {
  for (let frames = 0; !left.cut && (await isMore(left, chunks)); frames++) {
    left.cut = frames === most;
    if (left.cut) onCut(new Error(`more than ${most} frames`));
    else yield* stretch(createZstdDecompress({ chunkSize: CHUNK }), left, chunks, onCut);
  }
}

async function isMore(left: Left, chunks: AsyncIterator<Uint8Array>): Promise<boolean> {
  while (left.rest.length === 0) {
    const next = await chunks.next();
    if (next.done === true) return false;
    left.rest = next.value;
  }
  return true;
}

/** What one decompressor makes of the source until either ends; `left` gets what it did not take. */
async function* stretch(unpacking: Gunzip | ZstdDecompress, left: Left, chunks: AsyncIterator<Uint8Array>, onCut: (error: Error) => void): AsyncGenerator<Buffer> {
  let sourceFailure: { error: unknown } | null = null;
  const feeding = feed(unpacking, left, chunks).catch((error: unknown) => {
    sourceFailure = { error };
    unpacking.destroy(error as Error);
  });
  try {
    yield* unpacking as AsyncIterable<Buffer>;
  } catch (error) {
    left.cut = true;
    if (sourceFailure === null) onCut(error as Error);
  } finally {
    unpacking.destroy();
    await feeding;
  }
  if (sourceFailure !== null) throw (sourceFailure as { error: unknown }).error;
}

/** Gives one chunk after the other. The end is told when all that came out was read: an early end is a failure, which takes with it what was not. */
async function feed(unpacking: Gunzip | ZstdDecompress, left: Left, chunks: AsyncIterator<Uint8Array>): Promise<void> {
  for (;;) {
    const before = unpacking.bytesWritten;
    const chunk = left.rest;
    await given(unpacking, chunk);
    left.rest = chunk.subarray(unpacking.bytesWritten - before);
    if (unpacking.destroyed || unpacking.readableEnded || left.rest.length > 0) return;
    const next = await chunks.next();
    left.rest = new Uint8Array();
    if (next.done === true) break;
    left.rest = next.value;
  }
  while (unpacking.readableLength > 0 && !unpacking.destroyed) await turn();
  unpacking.end();
}

/** Returns when the chunk was taken, or the decompressor wants no more. */
async function given(unpacking: Gunzip | ZstdDecompress, chunk: Uint8Array): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const taken = (): void => resolve();
  unpacking.once('end', taken).once('close', taken);
  unpacking.write(chunk, taken);
  await promise;
  unpacking.off('end', taken).off('close', taken);
}
