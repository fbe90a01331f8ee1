// Puts frames into a spool that come as JSON, as lines of JSON or as a ready segment: all of them or, where one is bad, none.
import { join } from 'node:path';
import { PivoError } from '../contract/failures.ts';
import type { SpoolKind } from '../contract/spool.ts';
import { packingOf } from '../unpacking.ts';
import { makeFolder, writeNew } from './durable.ts';
import { spoolFailure } from './faults.ts';
import { fileBytes } from './file-bytes.ts';
import { encodedLines, encodeJson } from './json-lines.ts';
import { drop, land, stage, type WrittenSegment } from './landing.ts';
import { newSegmentName } from './names.ts';
import type { SpoolPlaces } from './places.ts';
import { readSegment } from './segment.ts';

export interface PutOptions {
  signal: AbortSignal;
  /** Told how many frames were read so far, and of how many bytes. */
  onFrames?(frames: number, bytes: number): void;
}

/** Bytes of what is put at once, packed and unpacked. */
const LARGEST_PUT = 2 * 2 ** 30;
/** Bytes of the segments that many frames are divided into. */
const SEGMENT_BYTES = 16 * 2 ** 20;

/** Puts frames given as JSON values. Fails with InvalidInput that names the frame. */
export function putJson(places: SpoolPlaces, kind: SpoolKind, frames: readonly unknown[]): Promise<WrittenSegment[]> {
  return putAll(places, kind, encodedAll(frames, kind), { signal: new AbortController().signal });
}

async function* encodedAll(frames: readonly unknown[], kind: SpoolKind): AsyncGenerator<Uint8Array> {
  for (const [i, frame] of frames.entries()) yield encodeJson(frame, kind, `frame ${i + 1}`);
}

/**
 * Puts what a stream of bytes holds: a ready segment, which lands as it is, or lines of JSON; either may be packed with gzip or
 * Zstandard. Fails with InvalidInput that names the byte or the line, and with LimitExceeded.
 */
export async function putBytes(places: SpoolPlaces, kind: SpoolKind, source: AsyncIterable<Uint8Array>, options: PutOptions): Promise<WrittenSegment[]> {
  const rest = limited(unfailing(source, options.signal))[Symbol.asyncIterator]();
  const first = await beginning(rest);
  const name = newSegmentName(kind, packingOf(first));
  const unpackedBytes = (): AsyncIterable<Uint8Array> => fileBytes(join(places.temporary, name), packingOf(first), LARGEST_PUT, options.signal);
  try {
    const bytes = await received(places, name, first, rest);
    if ((await firstOf(unpackedBytes())) === PAIR) return await putSegment(places, kind, { name, bytes }, options);
    return await putAll(places, kind, encodedLines(limited(unpackedBytes()), kind), options);
  } finally {
    await drop(places, [name]);
  }
}

/** The first byte of a segment's frame; no text begins with it. */
const PAIR = 0x92;

async function putSegment(places: SpoolPlaces, kind: SpoolKind, { name, bytes }: { name: string; bytes: number }, { signal, onFrames }: PutOptions): Promise<WrittenSegment[]> {
  let frames = 0;
  for await (const batch of readSegment(join(places.temporary, name), { kind, signal })) {
    frames += batch.length;
    onFrames?.(frames, bytes);
  }
  const segment = { name, frames, bytes };
  await land(places, kind, [segment]);
  return [segment];
}

async function putAll(places: SpoolPlaces, kind: SpoolKind, encoded: AsyncIterable<Uint8Array>, options: PutOptions): Promise<WrittenSegment[]> {
  const staged: WrittenSegment[] = [];
  try {
    for await (const group of groups(encoded, options)) staged.push(await stage(places, kind, group));
    if (staged.length === 0) throw new PivoError('InvalidInput', 'there is no frame to put');
  } catch (error) {
    await drop(places, staged.map(({ name }) => name));
    throw error;
  }
  await land(places, kind, staged);
  return staged;
}

async function* groups(encoded: AsyncIterable<Uint8Array>, { signal, onFrames }: PutOptions): AsyncGenerator<Uint8Array[]> {
  let group: Uint8Array[] = [];
  let [frames, bytes, all] = [0, 0, 0];
  for await (const frame of encoded) {
    group.push(frame);
    bytes += frame.length;
    frames++;
    if (bytes < SEGMENT_BYTES) continue;
    signal.throwIfAborted();
    yield group;
    all += bytes;
    onFrames?.(frames, all);
    [group, bytes] = [[], 0];
  }
  signal.throwIfAborted();
  if (group.length > 0) yield group;
}

/** As many bytes as tell what comes, at most four. Fails with InvalidInput for none. */
async function beginning(chunks: AsyncIterator<Uint8Array>): Promise<Uint8Array> {
  let first: Uint8Array = new Uint8Array();
  while (first.length < 4) {
    const next = await chunks.next();
    if (next.done === true) break;
    first = Buffer.concat([first, next.value]);
  }
  if (first.length === 0) throw new PivoError('InvalidInput', 'there is nothing to put: no byte came', { hint: 'Send a segment, or one JSON object a line.' });
  return first;
}

/** Keeps what came under a temporary name, so that it is checked from the disk and not while somebody sends it. */
async function received(places: SpoolPlaces, name: string, first: Uint8Array, rest: AsyncIterator<Uint8Array>): Promise<number> {
  try {
    await makeFolder(places.temporary);
    return await writeNew(join(places.temporary, name), joined(first, rest));
  } catch (error) {
    throw spoolFailure(error, name);
  }
}

async function* joined(first: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}

async function firstOf(chunks: AsyncIterable<Uint8Array>): Promise<number | undefined> {
  for await (const chunk of chunks) if (chunk.length > 0) return chunk[0];
  return undefined;
}

async function* limited(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > LARGEST_PUT) throw new PivoError('LimitExceeded', `more than ${LARGEST_PUT / 2 ** 30} GiB were sent at once`, { hint: 'Send them in several parts; none of the frames was taken.' });
    yield chunk;
  }
}

/** What ends the source early is no fault of the spool's file system. */
async function* unfailing(source: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of source) {
      signal.throwIfAborted();
      yield chunk;
    }
  } catch (error) {
    if (error instanceof PivoError) throw error;
    throw new PivoError('Cancelled', 'the frames were not sent to their end', { hint: 'Send them again: none was taken.', cause: error });
  }
}
