// The shape of an entry: its words without numbers and ids, and a hash by which equal ones are found.

/** Characters of a text, and of a stack, that shape an entry. */
const MOST_CHARACTERS = 3_000;
/** How a line begins that names a cause, and the characters of it that count. */
const CAUSE = '\nCaused by: ';
const OF_CAUSE = 300;
/** Characters past which a word is looked at for being an id in base 64, and past which it is one. */
const LONG = 16;
const TOO_LONG = 60;

export interface ShapedEntry {
  system: string;
  level: number | null;
  component: string | null;
  text: string;
  exception: string | null;
}

/** Told each word as it is written, where words are wanted. */
type OnWord = (word: string) => void;

/** Two FNV-1a hashes with different primes: 53 bits together. */
class Hash {
  #high = 0x811c9dc5;
  #low = 0x1e3f75a9;

  add(code: number): void {
    this.#high = Math.imul(this.#high ^ code, 0x01000193);
    this.#low = Math.imul(this.#low ^ code, 0x85ebca6b);
    this.#low ^= this.#low >>> 15;
  }

  get value(): number {
    return ((this.#high ^ (this.#high >>> 15)) >>> 0) * 2 ** 21 + (this.#low >>> 11);
  }
}

/** The hash of an entry's shape: equal for entries of one system and level whose words are equal but for numbers and ids. */
export function shapeHash({ system, level, component, text, exception }: ShapedEntry): number {
  const hash = new Hash();
  hash.add(level ?? 0);
  read(system, hash);
  for (const part of [component, text, exception]) if (part !== null) read(part, hash);
  return hash.value;
}

/** The words of an entry's shape, in order, and after them the pieces of those that are written as `removeDeadDatanode` is. */
export function shapeWords({ component, text, exception }: ShapedEntry): string[] {
  const words: string[] = [];
  for (const part of [component, text, exception]) if (part !== null) read(part, new Hash(), (word) => void words.push(word));
  return [...words, ...new Set(words.flatMap(piecesOf))].map((word) => word.toLowerCase());
}

function piecesOf(word: string): string[] {
  const pieces = word.match(/\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+/gu) ?? [];
  return pieces.length < 2 ? [] : pieces.filter(({ length }) => length > 2);
}

/** The beginning of a text, and of a stack the lines that name causes. */
function read(text: string, hash: Hash, onWord?: OnWord): void {
  readPart(text, 0, Math.min(text.length, MOST_CHARACTERS), hash, onWord);
  for (let cause = text.indexOf(CAUSE, MOST_CHARACTERS); cause !== -1; cause = text.indexOf(CAUSE, cause + 1)) readPart(text, cause, Math.min(text.length, cause + OF_CAUSE), hash, onWord);
}

function readPart(text: string, from: number, end: number, hash: Hash, onWord: OnWord | undefined): void {
  let [start, digits, turns, wasCapital] = [from, 0, 0, false];
  for (let at = from; at <= end; at++) {
    const code = at === end ? 32 : text.charCodeAt(at);
    const isCapital = code >= 65 && code <= 90;
    const isDigit = code >= 48 && code <= 57;
    if (isDigit || isCapital || (code >= 97 && code <= 122) || code > 127) {
      if (isDigit) digits += 1;
      if (isCapital !== wasCapital) turns += 1;
      wasCapital = isCapital;
      continue;
    }
    if (at > start && isShaping(text, start, at, digits, turns)) take(text, start, at, hash, onWord);
    [start, digits, turns, wasCapital] = [at + 1, 0, 0, false];
  }
}

/** A word, or a name such as `log4j` and `s3`; no number, and nothing in which capitals stand as in an id in base 64. */
function isShaping(text: string, start: number, end: number, digits: number, turns: number): boolean {
  const length = end - start;
  if (digits > 0) return digits === 1 && length > 1 && length <= 12 && !isDigitAt(text, start);
  return length < LONG || (length <= TOO_LONG && turns <= length * 0.4);
}

const isDigitAt = (text: string, at: number): boolean => text.charCodeAt(at) < 58;

function take(text: string, start: number, end: number, hash: Hash, onWord: OnWord | undefined): void {
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    hash.add(code >= 65 && code <= 90 ? code + 32 : code);
  }
  hash.add(32);
  onWord?.(text.slice(start, end));
}
