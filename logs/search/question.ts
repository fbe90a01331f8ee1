// A question as search takes it: words and quoted phrases; nothing in it is ever read as a language of queries.
import { WORD } from '../schema.ts';

/** Words that any question has: left out where others remain. */
const EMPTY = new Set('a all an and any are as at be been by did do does for from had has have how i in into is it its me my of on or our please say show so tell than that the their them then there these they this those to was we were what when where which while who why will with would you your'.split(' '));

const MOST_WORDS = 24;

export interface Question {
  /** Lower case, each once. */
  words: string[];
  /** Words that must follow each other. */
  phrases: string[][];
  text: string;
}

/** Any text is a question; one without a letter or digit is an empty one. */
export function questionOf(text: string): Question {
  const phrases = [...text.matchAll(/"([^"]*)"/g)].map(([, phrase]) => wordsOf(phrase ?? '')).filter(({ length }) => length > 0);
  const words = [...new Set(wordsOf(text))];
  const telling = words.filter((word) => !EMPTY.has(word));
  return { words: (telling.length === 0 ? words : telling).slice(0, MOST_WORDS), phrases: phrases.slice(0, MOST_WORDS), text };
}

const wordsOf = (text: string): string[] => (text.match(WORD) ?? []).map((word) => word.toLowerCase());

/** Words as FTS5 takes them: quoted, so that none is an operator. */
export const ftsPhrase = (words: readonly string[]): string => `"${words.join(' ')}"`;
