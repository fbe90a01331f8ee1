// Ranks the intents of the catalogue by how well a request matches what people ask (cosine of words weighted by their rarity).
import type { Intent } from '../intent.ts';
import { placesOf } from './fill.ts';
import { askedBy, meaningOf, saidBy } from './words.ts';
import type { Token } from './tokens.ts';

export interface Ranked {
  intent: Intent;
  /** 0 to 1. */
  score: number;
}

type Weights = ReadonlyMap<string, number>;

export interface Ranking {
  /** The intents that a request may mean, best first; those below `LEAST` are none. */
  rank(tokens: readonly Token[], among: (intent: Intent) => boolean): Ranked[];
  /** All meanings that the asks hold. */
  vocabulary: ReadonlySet<string>;
}

/** Below this a request has too little in common with an intent; found on test/shell/requests.txt. */
export const LEAST = 0.3;
/** A shape says less than a word: many commands take a path. */
const SHAPE = 0.6;
/** The name of an engine says more: who asks for a file of HDFS says so. */
const ENGINE = 1.6;
const ENGINES = new Set(['git', 'hadoop', 'hdf', 'yarn', 'kafka', 'spark', 'pyspark', 'temporal']);

/** The ranking of a catalogue, made once. A word weighs by the logarithm of its rarity among the intents (Sparck Jones, 1972). */
export function rankingOf(catalogue: readonly Intent[]): Ranking {
  const asked = catalogue.map(({ asks, tool }) => asks.map((ask) => [...new Set([...askedBy(ask), tool])]));
  const holders = new Map<string, number>();
  for (const asks of asked) for (const word of new Set(asks.flat())) holders.set(word, (holders.get(word) ?? 0) + 1);
  const weigh = (words: readonly string[]): Weights => new Map([...new Set(words)].flatMap((word) => {
    const count = holders.get(word);
    return count === undefined ? [] : [[word, (Math.log(catalogue.length / count) + 0.3) * (word.startsWith('#') ? SHAPE : ENGINES.has(word) ? ENGINE : 1)]];
  }));
  const weighed = asked.map((asks, index) => ({ asks: asks.map((ask) => weigh(ask)), own: ownWords(catalogue[index]) }));
  return {
    vocabulary: new Set([...holders.keys()].filter((word) => !word.startsWith('#'))),
    rank: (tokens, among) => {
      const said = weigh(saidBy(tokens));
      return catalogue
        .map((intent, index) => ({ intent, score: Math.max(0, ...(weighed[index]?.asks ?? []).map((ask) => closeness(said, ask, weighed[index]?.own ?? new Set(), intent.tool))) }))
        .filter(({ intent, score }) => score >= LEAST && among(intent))
        .sort((a, b) => b.score - a.score);
    },
  };
}

/** Names of the tool and of the places: a request may say them although the ask does not. */
const ownWords = (intent: Intent | undefined): ReadonlySet<string> => new Set(intent === undefined ? [] : [intent.tool, ...placesOf(intent).flatMap((place) => meaningOf(place) ?? [])]);

/** Cosine, but the intent's own words, and the tool's name where only the ask says it, are not held against it. */
function closeness(said: Weights, ask: Weights, own: ReadonlySet<string>, tool: string): number {
  let [common, ofAsk, ofSaid] = [0, 0, 0];
  for (const [word, weight] of ask) {
    const both = said.has(word);
    if (both) common += weight * weight;
    if (both || word !== tool) ofAsk += weight * weight;
  }
  for (const [word, weight] of said) if (ask.has(word) || !own.has(word)) ofSaid += weight * weight;
  return common === 0 ? 0 : common / Math.sqrt(ofAsk * ofSaid);
}
