// Walks the MessagePack of a frame's body before anything of it is built: lengths, nesting, texts and numbers.
import { isUtf8 } from 'node:buffer';
import { LIMITS } from './limits.ts';

/** The position in the body that is being walked; one body at a time. */
let bytes: Uint8Array = new Uint8Array();
let at = 0;

/**
 * Why the bytes are not one MessagePack value that a frame may hold; null when they are. Such a value has nil, booleans, finite
 * or other floats, integers that a double holds exactly, UTF-8 text without U+0000, arrays, and maps with texts as keys,
 * within LIMITS. Format: github.com/msgpack/msgpack, spec.md.
 */
export function problemOfBody(body: Uint8Array): string | null {
  bytes = body;
  at = 0;
  const problem = problemOfValue(1);
  if (problem !== null) return problem;
  return at === bytes.length ? null : `${bytes.length - at} bytes follow the value`;
}

const TORN = 'the value is longer than the body';

function problemOfValue(depth: number): string | null {
  if (at >= bytes.length) return TORN;
  const head = bytes[at++] as number;
  if (head < 0x80 || head >= 0xe0) return null;
  if (head < 0x90) return problemOfMap(head & 0x0f, depth);
  if (head < 0xa0) return problemOfArray(head & 0x0f, depth);
  if (head < 0xc0) return problemOfText(head & 0x1f);
  return problemOfHead(head, depth);
}

/** What begins with a byte from 0xc0 to 0xdf. */
function problemOfHead(head: number, depth: number): string | null {
  switch (head) {
    case 0xc0:
    case 0xc2:
    case 0xc3:
      return null;
    case 0xcc:
    case 0xd0:
      return skip(1);
    case 0xcd:
    case 0xd1:
      return skip(2);
    case 0xca:
    case 0xce:
    case 0xd2:
      return skip(4);
    case 0xcb:
      return skip(8);
    case 0xcf:
    case 0xd3:
      return problemOfLong(head === 0xd3);
    case 0xd9:
    case 0xda:
    case 0xdb:
      return problemOfText(length(head - 0xd9));
    case 0xdc:
    case 0xdd:
      return problemOfArray(length(head - 0xdb), depth);
    case 0xde:
    case 0xdf:
      return problemOfMap(length(head - 0xdd), depth);
    default:
      return `a value of the type 0x${head.toString(16)} has no place in a frame`;
  }
}

function skip(size: number): string | null {
  at += size;
  return at > bytes.length ? TORN : null;
}

/** The unsigned number of 1, 2 or 4 bytes (`power` 0, 1, 2) that follows; larger than every limit where it is torn. */
function length(power: number): number {
  const size = 1 << power;
  if (at + size > bytes.length) return Number.MAX_SAFE_INTEGER;
  let value = 0;
  for (let end = at + size; at < end; at++) value = value * 256 + (bytes[at] as number);
  return value;
}

/** A text as long as more than what is left is torn before it is too long: its length is looked at first. */
function problemOfText(size: number): string | null {
  const from = at;
  at += size;
  if (at > bytes.length) return TORN;
  for (let i = from; i < at; i++) {
    const byte = bytes[i] as number;
    if (byte === 0) return 'a text has the character U+0000';
    if (byte >= 0x80) return problemOfUnicode(bytes.subarray(from, at));
  }
  return null;
}

function problemOfUnicode(text: Uint8Array): string | null {
  if (text.includes(0)) return 'a text has the character U+0000';
  return isUtf8(text) ? null : 'a text is not UTF-8';
}

/** Beyond 53 bits a double, which is what JSON and SQLite's readers have, would silently become another number. */
function problemOfLong(signed: boolean): string | null {
  if (at + 8 > bytes.length) return TORN;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, 8);
  const value = signed ? view.getBigInt64(0) : view.getBigUint64(0);
  at += 8;
  return value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER ? 'an integer has more than 53 bits' : null;
}

function problemOfArray(size: number, depth: number): string | null {
  if (depth > LIMITS.nesting) return `arrays and maps are nested deeper than ${LIMITS.nesting}`;
  if (size > LIMITS.array) return `an array has more than ${LIMITS.array} elements`;
  if (size > bytes.length - at) return TORN;
  for (let i = 0; i < size; i++) {
    const problem = problemOfValue(depth + 1);
    if (problem !== null) return problem;
  }
  return null;
}

function problemOfMap(size: number, depth: number): string | null {
  if (depth > LIMITS.nesting) return `arrays and maps are nested deeper than ${LIMITS.nesting}`;
  if (size > LIMITS.map) return `a map has more than ${LIMITS.map} members`;
  if (2 * size > bytes.length - at) return TORN;
  for (let i = 0; i < size; i++) {
    const head = bytes[at] as number;
    if (!((head >= 0xa0 && head < 0xc0) || (head >= 0xd9 && head <= 0xdb))) return at < bytes.length ? 'a key of a map is not a text' : TORN;
    const problem = problemOfValue(depth + 1) ?? problemOfValue(depth + 1);
    if (problem !== null) return problem;
  }
  return null;
}
