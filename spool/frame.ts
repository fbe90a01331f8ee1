// A frame as bytes: [body, CRC-32 of the body] in MessagePack, the body being [version, kind, key, time, id, payload].
import { crc32 } from 'node:zlib';
import { Decoder, Encoder } from '@msgpack/msgpack';
import { PivoError } from '../contract/failures.ts';
import { FRAME_VERSION, type Frame } from '../contract/spool.ts';
import { problemOfBody } from './body.ts';
import { isFrame, problemOfFrame } from './frame-check.ts';
import { LIMITS } from './limits.ts';

const encoder = new Encoder({ ignoreUndefined: true, maxDepth: LIMITS.nesting + 1 });
const outer = new Encoder();
const decoder = new Decoder({ maxStrLength: LIMITS.frame, maxArrayLength: LIMITS.array, maxMapLength: LIMITS.map, maxBinLength: 0, maxExtLength: 0 });

/**
 * A frame as a segment holds it. Fails with InvalidInput for what the schema of contract/spool.ts or the limits do not allow:
 * whatever this gives, `decodeBody` takes.
 */
export function encodeFrame(frame: Frame): Uint8Array {
  const body = encodeBody(frame);
  return outer.encode([body, crc32(body)]);
}

/** The bytes are the encoder's own, until it encodes again. */
function encodeBody(frame: Frame): Uint8Array {
  const body = packed([FRAME_VERSION, frame.kind, frame.key, frame.time, frame.id, frame.payload]);
  if (!isFrame(frame)) throw new PivoError('InvalidInput', problemOfFrame(frame));
  if (body.length > LIMITS.frame) throw new PivoError('InvalidInput', `the frame has ${body.length} bytes; at most ${LIMITS.frame} are allowed`);
  const problem = problemOfBody(body) ?? (isWellFormed(frame.payload) && frame.key.isWellFormed() && frame.id.isWellFormed() ? null : 'a text has half a surrogate pair');
  if (problem !== null) throw new PivoError('InvalidInput', problem);
  return body;
}

/** Before the frame is checked: the encoder stops at what is too deep or goes round, which a check would follow. */
function packed(body: readonly unknown[]): Uint8Array {
  try {
    return encoder.encodeSharedRef(body);
  } catch (error) {
    throw new PivoError('InvalidInput', `the frame cannot be encoded: ${(error as Error).message}`, { cause: error });
  }
}

function isWellFormed(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value !== 'object' || value === null) return true;
  return Array.isArray(value) ? value.every(isWellFormed) : Object.entries(value).every(([name, member]) => name.isWellFormed() && isWellFormed(member));
}

/** The frame that a body holds. Fails with InvalidInput that says why it holds none. */
export function decodeBody(body: Uint8Array): Frame {
  const problem = problemOfBody(body);
  if (problem !== null) throw new PivoError('InvalidInput', problem);
  const values = unpacked(body);
  if (!Array.isArray(values)) throw new PivoError('InvalidInput', 'the body is not an array');
  const [version, kind, key, time, id, payload] = values as unknown[];
  if (version !== FRAME_VERSION) throw new PivoError('InvalidInput', `the frame has version ${typeof version === 'number' ? version : 'nothing'}; this PIVO reads version ${FRAME_VERSION}`);
  if (values.length !== 6) throw new PivoError('InvalidInput', `the body has ${values.length} parts, not 6`);
  const frame: unknown = { kind, key, time, id, payload };
  if (!isFrame(frame)) throw new PivoError('InvalidInput', problemOfFrame(frame));
  return frame;
}

function unpacked(body: Uint8Array): unknown {
  try {
    return decoder.decode(body);
  } catch (error) {
    throw new PivoError('InvalidInput', `the body cannot be decoded: ${(error as Error).message}`, { cause: error });
  }
}
