// Gives the places of an intent their values from a request: by shape, and by the words that stand beside them.
import { kindOf, type Kind } from './kinds.ts';
import { meaningOf } from './words.ts';
import type { Token } from './tokens.ts';
import { PLACE, type Intent } from '../intent.ts';

/** Values by place; a place without one is not in it. */
export type Values = ReadonlyMap<string, string>;

/** The most that a claim can weigh: the shape of the value, behind its own noun. */
const STRONGEST = 11;

interface Bid {
  place: string;
  token: number;
  value: string;
  strength: number;
}

interface Cues {
  before: ReadonlySet<string>;
  after: ReadonlySet<string>;
}

/** Words between a place and the word that tells of it: "the topic called orders". */
const BETWEEN = new Set(['the', 'a', 'an', 'named', 'called', 'my', 'our', 'is', '=']);
const PREPOSITIONS = new Set(['in', 'to', 'from', 'of', 'on', 'by', 'for', 'with', 'as', 'at', 'into', 'under', 'and', 'onto', 'than', 'since', 'until', 'after', 'before', 'between', 'like', 'named', 'called', 'containing', 'contains', 'matching']);

export interface Filled {
  values: Values;
  /** How surely the words told the values, from 0 to 1. */
  sureness: number;
  /** Words that neither the catalogue knows nor a place took. */
  unexplained: number;
}

/** Each token fills one place at most; the strongest claims go first, and among equals the earlier place takes the earlier token. */
export function fill(intent: Intent, tokens: readonly Token[], vocabulary: ReadonlySet<string>): Filled {
  const values = new Map<string, string>();
  let strengths = 0;
  const taken = new Set<number>();
  const here = placesOf(intent).flatMap((place, order) => bidsFor(intent, place, order, tokens, vocabulary));
  for (const { place, token, value, strength } of here.sort((a, b) => b.strength - a.strength)) {
    if (values.has(place) || taken.has(token)) continue;
    values.set(place, value);
    taken.add(token);
    strengths += strength;
  }
  const unexplained = tokens.filter(({ kind, text }, index) => kind === 'word' && !taken.has(index) && isUnknown(text, vocabulary)).length;
  return { values, unexplained, sureness: values.size === 0 ? 0 : Math.max(0, strengths / values.size / STRONGEST) };
}

function isUnknown(word: string, vocabulary: ReadonlySet<string>): boolean {
  const meaning = meaningOf(word);
  return meaning !== null && !vocabulary.has(meaning);
}

/** The places of a command, in its order. */
export function placesOf({ parts }: Pick<Intent, 'parts'>): string[] {
  return [...new Set(parts.flatMap(([text]) => [...text.matchAll(PLACE)].map(([, name = '']) => name)))];
}

function bidsFor(intent: Intent, place: string, order: number, tokens: readonly Token[], vocabulary: ReadonlySet<string>): Bid[] {
  const kind = kindOf(place);
  const cues = cuesOf(intent, place);
  const others = new Set([...placesOf(intent).map(cueOf), intent.tool]);
  return tokens.flatMap((token, index): Bid[] => {
    const value = (kind.value ?? (({ text }: Token) => text))(token);
    if (value === null) return [];
    const beside = besideness(cues, tokens, index);
    const shape = kind.shapes.indexOf(token.kind);
    const fits = shape !== -1;
    if (!fits && !(beside > 0 && !isCue(cues, token) && !others.has(cueOf(token.text)) && isBare(kind, token, beside, vocabulary, index === tokens.length - 1))) return [];
    return [{ place, token: index, value, strength: beside + (fits ? (token.kind === 'quoted' ? 3 : 6 - shape) : 0) - order * 0.1 - index * 0.01 }];
  });
}

/** The words that tell of a place are not its value: "delete topic orders". */
const isCue = ({ before, after }: Cues, { kind, text }: Token): boolean => kind === 'word' && (before.has(cueOf(text)) || after.has(cueOf(text)));

/**
 * Whether a word can be the value. One that the catalogue uses itself is a value only where the kind takes names and it
 * stands behind a noun ("branch main"), between an article and one, or at the end behind a preposition ("from release").
 */
function isBare({ bare, listed, names }: Kind, { kind, text }: Token, beside: number, vocabulary: ReadonlySet<string>, last: boolean): boolean {
  const plain = text.toLowerCase();
  if (bare === undefined || kind === 'quoted' || !bare.test(text) || PREPOSITIONS.has(plain) || BETWEEN.has(plain)) return false;
  if (kind !== 'word' || listed === true) return true;
  const meaning = meaningOf(text);
  if (meaning === null) return false;
  return !vocabulary.has(meaning) || /[\d_.@-]/.test(text) || (names === true && (beside >= 3 || last));
}

/** How surely the words beside a token tell that it is the place's value: 5 a noun before it, 2.5 a preposition, 2 a noun after it, 3 with an article before. */
function besideness({ before, after }: Cues, tokens: readonly Token[], index: number): number {
  const previous = wordBefore(tokens, index);
  const next = tokens[index + 1];
  const followed = next?.kind === 'word' && after.has(cueOf(next.text));
  if (previous !== null && before.has(previous)) return PREPOSITIONS.has(previous) && !followed ? 2.5 : 5;
  if (!followed) return 0;
  return ['the', 'a', 'my', 'our'].includes(tokens[index - 1]?.text.toLowerCase() ?? '') ? 3 : 2;
}

function wordBefore(tokens: readonly Token[], index: number): string | null {
  for (let at = index - 1; at >= 0 && at >= index - 3; at--) {
    const { kind, text } = tokens[at] ?? { kind: 'word', text: '' };
    if (kind !== 'word') return null;
    if (!BETWEEN.has(text.toLowerCase())) return cueOf(text);
  }
  return null;
}

const cueOf = (word: string): string => (PREPOSITIONS.has(word.toLowerCase()) ? word.toLowerCase() : (meaningOf(word) ?? word.toLowerCase()));

/** The words beside a place in all asks of its intent, and the place's own name. */
function cuesOf({ asks }: Intent, place: string): Cues {
  const [before, after] = [new Set([cueOf(place)]), new Set([cueOf(place)])];
  for (const ask of asks) {
    const words = ask.split(/[\s,]+/);
    const at = words.indexOf(`<${place}>`);
    if (at === -1) continue;
    const left = words.slice(0, at).findLast((word) => !BETWEEN.has(word));
    if (left !== undefined && !left.startsWith('<')) before.add(cueOf(left));
    const right = words[at + 1];
    if (right !== undefined && !right.startsWith('<') && !PREPOSITIONS.has(right)) after.add(cueOf(right));
  }
  return { before, after };
}
