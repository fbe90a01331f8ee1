// What a word of a question may mean in the index: itself and its forms, words that it is a part of, or what was meant by a misspelt one.
import type Database from 'better-sqlite3';
import { distance } from './distance.ts';
import { ftsPhrase } from './question.ts';
import { statement } from './statement.ts';

/** One way to read a word. */
export interface Reading {
  /** An FTS5 expression. */
  match: string;
  /** How much it counts against the word itself. */
  weight: number;
}

export interface ReadWord {
  word: string;
  readings: Reading[];
  /** Words that were taken for one that no entry has. */
  as: string[];
}

/** How much a reading counts against the word itself; chosen on one half of the judged questions. */
const OF_PART = 0.5;
const OF_JOINED = 0.9;
const OF_MISSPELT = 0.8;

/** Characters of a word that is looked for in others, and of the pieces of one that is written apart. */
const SHORTEST_PART = 4;
const SHORTEST_PIECE = 3;
/** Words that one is a part of, and words that may have been meant. */
const MOST_WHOLES = 60;
const MOST_MEANT = 3;

/** The readings of each word; those of neighbours that are written as one belong to both. */
export function readingsOf(db: Database.Database, words: readonly string[]): ReadWord[] {
  return words.map((word, at) => {
    const joined = [words[at - 1] === undefined ? [] : [`${words[at - 1]}${word}`], words[at + 1] === undefined ? [] : [`${word}${words[at + 1]}`]].flat();
    return readWord(db, word, joined);
  });
}

function readWord(db: Database.Database, word: string, joined: readonly string[]): ReadWord {
  const itself: Reading = { match: ftsPhrase([word]), weight: 1 };
  const others = [
    ...joined.filter((each) => isTerm(db, each)).map((each): Reading => ({ match: ftsPhrase([each]), weight: OF_JOINED })),
    ...joined.flatMap((each) => wholes(db, each)).map(({ match }): Reading => ({ match, weight: OF_JOINED })),
    ...apart(db, word),
    ...wholes(db, word),
  ];
  if (others.length > 0 || isWord(db, word)) return { word, readings: [itself, ...others], as: [] };
  const as = meant(db, word);
  return { word, readings: [itself, ...as.map((each): Reading => ({ match: ftsPhrase([each]), weight: OF_MISSPELT }))], as };
}

const isTerm = (db: Database.Database, word: string): boolean => statement(db, 'SELECT 1 FROM terms WHERE term = ?').get(word) !== undefined;

/** A word, or a form of it, that an entry has. */
const isWord = (db: Database.Database, word: string): boolean => isTerm(db, word) || statement(db, 'SELECT 1 FROM entry_words WHERE entry_words MATCH ? LIMIT 1').get(ftsPhrase([word])) !== undefined;

/** `safemode` as `safe mode`. */
function apart(db: Database.Database, word: string): Reading[] {
  const found: Reading[] = [];
  for (let at = SHORTEST_PIECE; at <= word.length - SHORTEST_PIECE; at++) {
    const pieces = [word.slice(0, at), word.slice(at)];
    if (pieces.every((piece) => isTerm(db, piece))) found.push({ match: ftsPhrase(pieces), weight: OF_JOINED });
  }
  return found;
}

/** The words that this one is a part of, the shortest first. */
function wholes(db: Database.Database, word: string): Reading[] {
  if (word.length < SHORTEST_PART) return [];
  const terms = statement(db, 'SELECT term FROM term_parts WHERE term_parts MATCH ? AND length(term) > ? ORDER BY length(term) LIMIT ?').pluck().all(ftsPhrase([word]), word.length, MOST_WHOLES) as string[];
  return terms.length === 0 ? [] : [{ match: terms.map((term) => ftsPhrase([term])).join(' OR '), weight: OF_PART }];
}

/** The words that are nearest to a misspelt one. */
function meant(db: Database.Database, word: string): string[] {
  if (word.length < SHORTEST_PART || /\d/.test(word)) return [];
  const most = word.length < 6 ? 1 : 2;
  const pieces = Array.from({ length: word.length - 2 }, (_, at) => ftsPhrase([word.slice(at, at + 3)])).join(' OR ');
  const near = statement(db, 'SELECT term FROM term_parts WHERE term_parts MATCH ? AND length(term) BETWEEN ? AND ? ORDER BY rank LIMIT 200').pluck().all(pieces, word.length - most, word.length + most) as string[];
  const measured = near.map((term) => ({ term, edits: distance(word, term) })).filter(({ edits }) => edits <= most).toSorted((a, b) => a.edits - b.edits);
  return measured.filter(({ edits }) => edits === measured[0]?.edits).slice(0, MOST_MEANT).map(({ term }) => term);
}
