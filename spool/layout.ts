// Where one frame of a segment begins and ends, seen from its outer bytes alone.
import { crc32 } from 'node:zlib';
import { PivoError } from '../contract/failures.ts';
import { LIMITS } from './limits.ts';

/** A frame's body within a buffer, and where the next frame begins. */
export interface FramePlace {
  from: number;
  to: number;
  crc: number;
  next: number;
}

/** Bytes of the length of a body by its head, and of the checksum by its own. */
const LENGTHS: Readonly<Record<number, 1 | 2 | 4>> = { 0xc4: 1, 0xc5: 2, 0xc6: 4 };
const NUMBERS: Readonly<Record<number, 1 | 2 | 4>> = { 0xcc: 1, 0xcd: 2, 0xce: 4 };

/**
 * The frame that begins at `at`; null when the buffer ends before it does. Nothing is built and no length is believed
 * beyond the limit. Fails with InvalidInput where no frame can begin.
 */
export function frameAt(buffer: Buffer, at: number): FramePlace | null {
  if (buffer.length < at + 2) return buffer.length > at ? checkPair(buffer, at) : null;
  checkPair(buffer, at);
  const size = LENGTHS[buffer[at + 1] as number];
  if (size === undefined) throw new PivoError('InvalidInput', 'the body of a frame is not bytes');
  if (buffer.length < at + 2 + size) return null;
  const length = buffer.readUIntBE(at + 2, size);
  if (length > LIMITS.frame) throw new PivoError('InvalidInput', `a frame says that it has ${length} bytes; at most ${LIMITS.frame} are allowed`);
  const from = at + 2 + size;
  return withChecksum(buffer, from, from + length);
}

function checkPair(buffer: Buffer, at: number): null {
  if (buffer[at] !== 0x92) throw new PivoError('InvalidInput', 'no frame begins here');
  return null;
}

function withChecksum(buffer: Buffer, from: number, to: number): FramePlace | null {
  if (buffer.length <= to) return null;
  const head = buffer[to] as number;
  if (head < 0x80) return { from, to, crc: head, next: to + 1 };
  const size = NUMBERS[head];
  if (size === undefined) throw new PivoError('InvalidInput', 'the checksum of a frame is not a number of 32 bits');
  return buffer.length < to + 1 + size ? null : { from, to, crc: buffer.readUIntBE(to + 1, size), next: to + 1 + size };
}

/** The body of a frame. Fails with InvalidInput when it is not what its checksum is of. */
export function bodyOf(buffer: Buffer, { from, to, crc }: FramePlace): Buffer {
  const body = buffer.subarray(from, to);
  if (crc32(body) !== crc) throw new PivoError('InvalidInput', 'the checksum of the frame is not that of its body');
  return body;
}
