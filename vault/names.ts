// Finds names of people in texts: those that have at least two words, for a single one may be any word.

/** A name and what replaces it. */
export interface NameRule {
  name: string;
  token: string;
}

const WORD = /[\p{L}\p{M}\p{N}]+/gu;

const wordsOf = (text: string): string[] => text.match(WORD) ?? [];

const folded = (text: string): string => text.normalize('NFC').toLowerCase();

/** Replaces names; asks each word of a text once, however many names there are. */
export class NameFinder {
  /** By first word, the longest name first. */
  readonly #rules = new Map<string, { words: readonly string[]; token: string }[]>();

  constructor(rules: Iterable<NameRule>) {
    for (const { name, token } of rules) {
      const words = wordsOf(name).map(folded);
      const [first = ''] = words;
      if (words.length > 1) this.#rules.set(first, [...(this.#rules.get(first) ?? []), { words, token }].sort((a, b) => b.words.length - a.words.length));
    }
  }

  /** The text with each of the names replaced by its token, whatever stands between its words on one line. */
  replace(text: string): string {
    if (this.#rules.size === 0) return text;
    const found = [...text.matchAll(WORD)];
    const pieces: string[] = [];
    let from = 0;
    for (let i = 0; i < found.length; i++) {
      const rule = this.#ruleAt(text, found, i);
      if (rule === undefined) continue;
      const last = found[i + rule.words.length - 1] as RegExpExecArray;
      pieces.push(text.slice(from, (found[i] as RegExpExecArray).index), rule.token);
      from = last.index + last[0].length;
      i += rule.words.length - 1;
    }
    return from === 0 ? text : pieces.join('') + text.slice(from);
  }

  #ruleAt(text: string, found: readonly RegExpExecArray[], at: number): { words: readonly string[]; token: string } | undefined {
    const rules = this.#rules.get(folded(found[at]?.[0] ?? ''));
    return rules?.find(({ words }) => words.every((word, i) => folded(found[at + i]?.[0] ?? '') === word && (i === 0 || isGap(between(text, found[at + i - 1], found[at + i])))));
  }
}

const between = (text: string, a: RegExpExecArray | undefined, b: RegExpExecArray | undefined): string => (a === undefined || b === undefined ? '\n' : text.slice(a.index + a[0].length, b.index));

/** What may stand between two words of one name: a space, a hyphen, an apostrophe, the dot of an initial; a wrapped line too. */
const isGap = (text: string): boolean => text.length <= 4 && /^[\s.,'’_-]*$/.test(text);
