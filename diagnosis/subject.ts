// What a question is about: its words without those that every such question has.
import { WORD } from '../logs/schema.ts';

/** Words of grammar, and those of any question about a failure. */
const EMPTY = new Set(
  `a about after again all also am an and any are as at be because been before but by can cannot can't could couldn did didn didn't do does doesn doesn't doing done don don't down during each ever every exactly
  fail failed failing fails failure failures for from get gets getting give given go goes going gone got had has have having he her here his how i if in into is isn isn't it its itself just keep keeps last let like me my never
  no nobody nor not nothing now of off on once one only or other our out over own please re s said say says see she should so some somebody something stop stopped stopping stops such t tell than that the their them then there these they this
  those through to today tonight too under until up us very want wants was wasn we went were weren what what's when where which while who why will with without won won't work working works would wouldn wrong yesterday you your
  break breaks broke broken crash crashed crashes crashing die died dies dying end ended error errors anymore since new past first moved start starts started begin begins once instead else yet really actually possible
  happen happened happens issue problem problems reason job jobs run running runs ran night morning cause caused explain debug`.split(/\s+/),
);

/** The stem of a word, roughly: what stays when common endings go. */
export function stem(word: string): string {
  return word.length <= 4 ? word.replace(/s$/, '') : word.replace(/(?:ations?|ings?|ions?|ers?|ed|es|s|e)$/, '');
}

/** Words of a text in lower case, each once, in order. */
export const wordsOf = (text: string): string[] => [...new Set((text.match(WORD) ?? []).map((word) => word.toLowerCase()))];

/** A part of a question that tells it from others. */
export interface Term {
  /** Words side by side, in lower case, with a blank between them. */
  words: string;
  /** `name`: written as one, such as `daily-revenue` or `copyOrders`; `path`: such as `/reports/daily` or `scores.csv`. */
  kind: 'word' | 'name' | 'path';
}

const isTelling = (word: string): boolean => word.length > 1 && !EMPTY.has(word) && !/^\d{1,4}$/.test(word);

/** The words that tell this question from others, and the names and paths in it. */
export function subjectOf(question: string): Term[] {
  const written = question.split(/[\s,;:!?"'’`()]+/).map((part) => part.replace(/^\.+|\.+$/g, ''));
  const joined = written.flatMap((part): Term[] => {
    const words = wordsOf(part);
    if (words.length < 2 || words.every((word) => !isTelling(word))) return [];
    return [{ words: words.join(' '), kind: /[/.]/.test(part) ? 'path' : 'name' }];
  });
  const camel = new Set((question.match(WORD) ?? []).filter((word) => /\p{Ll}\p{Lu}/u.test(word)).map((word) => word.toLowerCase()));
  const single = wordsOf(question).filter(isTelling).map((words): Term => ({ words, kind: camel.has(words) ? 'name' : 'word' }));
  return [...new Map([...single, ...joined].map((term) => [term.words, term])).values()];
}
