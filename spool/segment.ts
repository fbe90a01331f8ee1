// Reads the frames of one segment, as a stream, and refuses whatever is not one whole and sound segment.
import { basename } from 'node:path';
import { PivoError, isPivoError } from '../contract/failures.ts';
import type { Frame, SpoolKind } from '../contract/spool.ts';
import { fileBytes } from './file-bytes.ts';
import { decodeBody } from './frame.ts';
import { bodyOf, frameAt, type FramePlace } from './layout.ts';
import { LIMITS } from './limits.ts';
import { parseSegmentName } from './names.ts';

export interface ReadSegmentOptions {
  /** Every frame is of this kind, and the name says so. */
  kind: SpoolKind;
  signal: AbortSignal;
}

/**
 * The frames of the segment at `path`, in its order, in batches of about a thousand. Fails with InvalidInput, whose message names
 * the segment, the byte (of the unpacked bytes) and the reason, when it is torn, malformed, too large, empty, damaged in its packing,
 * of another kind or named as no segment is; frames before the fault may have been given by then. Fails with NotFound when it is not there.
 */
export async function* readSegment(path: string, { kind, signal }: ReadSegmentOptions): AsyncGenerator<readonly Frame[], void> {
  yield* framesOf(path, kind, signal, (buffer, place) => frameOf(bodyOf(buffer, place), kind));
}

/** How many frames a segment says it has, by their outer bytes alone. Fails as `readSegment` does, except for what only a body shows. */
export async function countFrames(path: string, { kind, signal }: ReadSegmentOptions): Promise<number> {
  let count = 0;
  for await (const places of framesOf(path, kind, signal, () => null)) count += places.length;
  return count;
}

function frameOf(body: Buffer, kind: SpoolKind): Frame {
  const frame = decodeBody(body);
  if (frame.kind !== kind) throw new PivoError('InvalidInput', `the frame is of kind ${frame.kind}, the segment of kind ${kind}`);
  return frame;
}

/** What `take` makes of every frame, an array for each piece that was read. */
async function* framesOf<T>(path: string, kind: SpoolKind, signal: AbortSignal, take: (buffer: Buffer, place: FramePlace) => T): AsyncGenerator<T[], void> {
  const name = basename(path);
  const position = { offset: 0 };
  let rest: Buffer = Buffer.alloc(0);
  let any = false;
  try {
    for await (const chunk of limited(checkedBytes(path, name, kind, signal))) {
      const buffer = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      const taken = takeAll(buffer, position, take);
      rest = buffer.subarray(taken.next);
      if (taken.values.length > 0) yield taken.values;
      any ||= taken.values.length > 0;
    }
    if (rest.length > 0) throw new PivoError('InvalidInput', `the segment ends within a frame, ${rest.length} bytes after its beginning`);
    if (!any) throw new PivoError('InvalidInput', 'the segment holds no frame');
  } catch (error) {
    throw placed(error, name, position.offset);
  }
}

/** All whole frames of a buffer, and where the next one begins; `position` goes along, for whoever catches a failure. */
function takeAll<T>(buffer: Buffer, position: { offset: number }, take: (buffer: Buffer, place: FramePlace) => T): { values: T[]; next: number } {
  const values: T[] = [];
  let next = 0;
  for (let place = frameAt(buffer, next); place !== null; place = frameAt(buffer, next)) {
    values.push(take(buffer, place));
    position.offset += place.next - next;
    next = place.next;
  }
  return { values, next };
}

function placed(error: unknown, name: string, offset: number): unknown {
  if (!isPivoError(error, 'InvalidInput')) return error;
  return new PivoError('InvalidInput', `segment ${name}: at byte ${offset}: ${error.message}`, { facts: { ...error.facts, segment: name, offset }, cause: error });
}

async function* limited(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > LIMITS.segment) throw new PivoError('InvalidInput', `the segment has more than ${LIMITS.segment} bytes unpacked`);
    yield chunk;
  }
}

/** The unpacked bytes of the file, whose name must be that of a segment of this kind. */
function checkedBytes(path: string, name: string, kind: SpoolKind, signal: AbortSignal): AsyncGenerator<Buffer> {
  const parsed = parseSegmentName(name);
  if (parsed === null) throw new PivoError('InvalidInput', 'this is not the name of a segment');
  if (parsed.kind !== kind) throw new PivoError('InvalidInput', `the name says ${parsed.kind}, not ${kind}`);
  return fileBytes(path, parsed.packing, LIMITS.segment, signal);
}
