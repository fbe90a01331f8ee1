// The JSON of a webhook's body, refused before it is parsed where it is nested without end.
import { PivoError } from '../contract/failures.ts';

/** Deeper than any forge nests, and far from what fills a memory with brackets. */
const DEEPEST = 64;

const [QUOTE, BACKSLASH, OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [0x22, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d];

/** The value that the body holds. Fails with InvalidInput; the message never repeats the body. */
export function jsonOf(body: Buffer): unknown {
  if (depthOf(body) > DEEPEST) throw new PivoError('InvalidInput', `the body is nested deeper than ${DEEPEST} levels`);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) as unknown;
  } catch {
    throw new PivoError('InvalidInput', 'the body is not JSON', { hint: 'Choose the content type application/json for this webhook.' });
  }
}

/** How many arrays and objects are open at once, counted no further than needed. */
function depthOf(body: Buffer): number {
  let [depth, deepest] = [0, 0];
  for (let at = 0; at < body.length && deepest <= DEEPEST; at++) {
    const byte = body[at];
    if (byte === QUOTE) at = endOfString(body, at);
    else if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) deepest = Math.max(deepest, ++depth);
    else if (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) depth--;
  }
  return deepest;
}

/** Where the string that begins at `start` ends: at the first quote that an even number of backslashes precedes. */
function endOfString(body: Buffer, start: number): number {
  for (let quote = body.indexOf(QUOTE, start + 1); quote !== -1; quote = body.indexOf(QUOTE, quote + 1)) {
    let before = quote - 1;
    while (body[before] === BACKSLASH) before--;
    if ((quote - before) % 2 === 1) return quote;
  }
  return body.length;
}
