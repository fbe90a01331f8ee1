// Reads frames that people and programs write as JSON: one object a line, `{"key", "time", "payload"}` and what they know more.
import { createHash } from 'node:crypto';
import { PivoError } from '../contract/failures.ts';
import { canonicalJson } from '../contract/plan.ts';
import type { Frame, SpoolKind } from '../contract/spool.ts';
import { encodeFrame } from './frame.ts';

/** Every character of the largest frame may be written in six. */
const LONGEST_LINE = 8 * 2 ** 20;

/**
 * The frame, encoded, that a JSON value describes; `kind` may be left out, and `id` is the SHA-256 of kind, key, time and payload
 * where it is: the same frame sent again is then known. Fails with InvalidInput that begins with `where`.
 */
export function encodeJson(value: unknown, kind: SpoolKind, where: string): Uint8Array {
  try {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new PivoError('InvalidInput', 'a frame is a JSON object with key, time and payload');
    const given = value as Partial<Frame>;
    if (given.kind !== undefined && given.kind !== kind) throw new PivoError('InvalidInput', `the frame is of kind ${JSON.stringify(given.kind)}, not ${kind}`);
    return encodeFrame({ ...given, kind, id: given.id ?? idOfFrame(kind, given) } as Frame);
  } catch (error) {
    throw new PivoError('InvalidInput', `${where}: ${(error as Error).message}`, { hint: 'Correct it and send all again: none of the frames was taken.', cause: error });
  }
}

/** 64 hex digits; the order of a payload's members does not count. */
function idOfFrame(kind: SpoolKind, { key, time, payload }: Partial<Frame>): string {
  return createHash('sha256').update(canonicalJson([kind, key, time, payload])).digest('hex');
}

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** The encoded frames of lines of JSON; empty lines are passed over. Fails with InvalidInput that names the line. */
export async function* encodedLines(chunks: AsyncIterable<Uint8Array>, kind: SpoolKind): AsyncGenerator<Uint8Array> {
  let number = 0;
  for await (const line of linesOf(chunks)) {
    number++;
    const value = parsed(line, `line ${number}`);
    if (value !== undefined) yield encodeJson(value, kind, `line ${number}`);
  }
}

function parsed(line: Uint8Array, where: string): unknown {
  try {
    const text = UTF8.decode(line).trim();
    return text === '' ? undefined : (JSON.parse(text) as unknown);
  } catch (error) {
    throw new PivoError('InvalidInput', `${where}: not JSON: ${(error as Error).message}`, { hint: 'Send one JSON object a line, or a segment; none of the frames was taken.', cause: error });
  }
}

async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const buffer = Buffer.concat([rest, chunk]);
    let from = 0;
    for (let end = buffer.indexOf(10, rest.length); end >= 0; end = buffer.indexOf(10, from)) {
      yield buffer.subarray(from, end);
      from = end + 1;
    }
    rest = buffer.subarray(from);
    if (rest.length > LONGEST_LINE) throw new PivoError('InvalidInput', `a line has more than ${LONGEST_LINE} bytes`);
  }
  if (rest.length > 0) yield rest;
}
