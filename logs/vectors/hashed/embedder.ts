// The default embedder: hashed words and pieces of words; no model, no download, the same vector everywhere.
import { unitVector, type Embedder } from '../embedder.ts';
import { HASHED_SETTINGS } from '../settings.ts';

const { dimensions } = HASHED_SETTINGS;

/** Words of grammar, which stand in every text. */
const EMPTY = new Set('a an and are as at be because been but by can did do does for from had has have how i if in into is it its my no not of on or our so than that the their then there these they this to was we were what when where which while who why will with you'.split(' '));

const OF_WORD = 1;
const OF_PAIR = 0.5;
/** All pieces of a word together, whatever their number. */
const OF_PIECES = 1;
const PIECE = 4;

/** Words in lower case, those joined by case apart (`ExecutorLostFailure`), without numbers and what looks like an id. */
function wordsOf(text: string): string[] {
  const apart = text.replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2').replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2');
  return (apart.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).filter((word) => word.length > 1 && word.length < 40 && !/\d{2}|^\d/.test(word) && !EMPTY.has(word));
}

/** FNV-1a, 32 bits (draft-eastlake-fnv), then mixed, so that its low bits are as good as its high ones. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  return (value ^ (value >>> 13)) >>> 0;
}

/**
 * The vector of a text: words, pairs of neighbours, and pieces of words, so that forms of one word lie near each other.
 * Feature hashing with signs (Weinberger, Dasgupta, Langford, Smola, Attenberg: "Feature Hashing for Large Scale Multitask Learning", ICML 2009).
 */
export function hashedVector(text: string): Float32Array {
  const vector = new Float32Array(dimensions);
  const add = (feature: string, weight: number): void => {
    const hashed = hash(feature);
    const at = (hashed >>> 1) % dimensions;
    vector[at] = (vector[at] ?? 0) + (hashed & 1 ? weight : -weight);
  };
  const words = wordsOf(text);
  words.forEach((word, at) => {
    add(word, OF_WORD);
    const next = words[at + 1];
    if (next !== undefined) add(`${word} ${next}`, OF_PAIR);
    const padded = `^${word}$`;
    const pieces = Math.max(1, padded.length - PIECE + 1);
    for (let from = 0; from < pieces; from++) add(`#${padded.slice(from, from + PIECE)}`, OF_PIECES / Math.sqrt(pieces));
  });
  return unitVector(vector);
}

export const hashedEmbedder: Embedder = {
  name: `hashed ${dimensions}`,
  dimensions,
  embed: (texts) => Promise.resolve(texts.map(hashedVector)),
};
