// Which shapes of entries a question may mean, the best first: four lists, merged by reciprocal rank.
import type Database from 'better-sqlite3';
import { LEVEL_NUMBERS } from '../../contract/logs.ts';
import { nearest, type StoredEmbedder } from '../vectors/table.ts';
import { ftsPhrase, type Question } from './question.ts';
import type { ReadWord } from './readings.ts';
import { FUSION, type Weights } from './weights.ts';
import { statement } from './statement.ts';

/** Places of each list that are merged. */
const PLACES = 200;
const NEIGHBOURS = 60;
const TEMPLATES = 30;
/** Entries that are looked at for a word that no shape has: a number, an id, a word deep in a stack. */
const RARE = 500;

export interface RankedShape {
  shape: number;
  score: number;
  /** Entries of it that have words which shapes have not, the best first. */
  entries: number[];
}

export interface ShapeQuestion {
  question: Question;
  words: readonly ReadWord[];
  /** Vector of the question, and whose it is; none where nobody could make one. */
  vector: { vector: Float32Array; embedder: StoredEmbedder } | undefined;
  weights: Weights;
  /** Shapes that may be answered; all where undefined. */
  only: ReadonlySet<number> | undefined;
  /** Of the filter, what a shape is known by. */
  level: number | undefined;
  system: string | undefined;
}

/** How much each shape covers of the question, and the rare words of entries. */
interface Covered {
  shapes: Map<number, number>;
  entries: Map<number, number>;
}

/** The shapes that a question may mean. */
export function rankShapes(db: Database.Database, asked: ShapeQuestion): RankedShape[] {
  const covered = coveredBy(db, asked.words);
  const rare = rareEntries(db, covered);
  const required = requiredShapes(db, asked.question);
  const isWanted = (shape: number): boolean => (asked.only?.has(shape) ?? true) && required.every((each) => each.has(shape));
  const byWords = rankedByWords(db, asked.words).filter(isWanted);
  const place = new Map(byWords.map((shape, at) => [shape, at]));
  const byCover = [...covered.shapes].filter(([shape]) => isWanted(shape)).toSorted(([a, x], [b, y]) => y - x || (place.get(a) ?? PLACES) - (place.get(b) ?? PLACES)).map(([shape]) => shape);
  const { weights } = asked;
  const scores = new Map<number, number>();
  merge(scores, byCover, weights.covered);
  merge(scores, byWords, weights.words);
  merge(scores, rankedByTemplates(db, asked.words).filter(isWanted), weights.templates);
  merge(scores, neighbours(db, asked).filter(isWanted), weights.vectors);
  return finished(db, scores, rare, asked);
}

/** Adds what the places of one list are worth. */
function merge(scores: Map<number, number>, list: readonly number[], weight: number): void {
  list.slice(0, PLACES).forEach((shape, at) => scores.set(shape, (scores.get(shape) ?? 0) + weight / (FUSION + at + 1)));
}

/**
 * The sum of the weights of the words that a shape has, each by how few shapes have it; how long a shape is does not
 * count. Words that no shape has are looked for in entries.
 */
function coveredBy(db: Database.Database, words: readonly ReadWord[]): Covered {
  const covered: Covered = { shapes: new Map(), entries: new Map() };
  const inShapes = statement(db, 'SELECT rowid FROM shape_words WHERE shape_words MATCH ?').pluck();
  const inEntries = statement(db, 'SELECT rowid FROM entry_words WHERE entry_words MATCH ? ORDER BY rowid DESC LIMIT ?').pluck();
  const all = statement(db, 'SELECT count(*) FROM shapes').pluck().get() as number;
  const add = (to: Map<number, number>, best: ReadonlyMap<number, number>): void => {
    const rarity = Math.log(1 + (all + 0.5) / (best.size + 0.5));
    for (const [id, weight] of best) to.set(id, (to.get(id) ?? 0) + weight * rarity);
  };
  for (const { word, readings } of words) {
    const best = new Map<number, number>();
    for (const { match, weight } of readings) for (const shape of inShapes.all(match) as number[]) best.set(shape, Math.max(best.get(shape) ?? 0, weight));
    add(covered.shapes, best);
    if (best.size === 0) add(covered.entries, new Map((inEntries.all(ftsPhrase([word]), RARE) as number[]).map((entry) => [entry, 1])));
  }
  return covered;
}

/** Gives the shapes of entries with rare words what those words are worth; answers those entries by shape, the best first. */
function rareEntries(db: Database.Database, { shapes, entries }: Covered): Map<number, number[]> {
  const shapeOf = statement(db, 'SELECT shape FROM entry_shapes WHERE entry = ?').pluck();
  const found = new Map<number, number[]>();
  for (const [entry] of [...entries].toSorted(([a, x], [b, y]) => y - x || b - a)) {
    const shape = shapeOf.get(entry) as number | undefined;
    if (shape === undefined) continue;
    const before = found.get(shape);
    if (before === undefined) shapes.set(shape, (shapes.get(shape) ?? 0) + (entries.get(entry) ?? 0));
    found.set(shape, [...(before ?? []), entry]);
  }
  return found;
}

/** For each quoted phrase the shapes that have it. */
function requiredShapes(db: Database.Database, { phrases }: Question): Set<number>[] {
  const inShapes = statement(db, 'SELECT rowid FROM shape_words WHERE shape_words MATCH ?').pluck();
  const inEntries = statement(db, 'SELECT DISTINCT shape FROM entry_shapes WHERE entry IN (SELECT rowid FROM entry_words WHERE entry_words MATCH ? ORDER BY rowid DESC LIMIT ?)').pluck();
  return phrases.map((phrase) => {
    const shapes = inShapes.all(ftsPhrase(phrase)) as number[];
    return new Set(shapes.length > 0 ? shapes : (inEntries.all(ftsPhrase(phrase), RARE) as number[]));
  });
}

const anyOf = (words: readonly ReadWord[]): string => words.flatMap(({ readings, as }) => readings.slice(0, 1 + as.length).map(({ match }) => match)).join(' OR ');

const rankedByWords = (db: Database.Database, words: readonly ReadWord[]): number[] =>
  words.length === 0 ? [] : (statement(db, 'SELECT rowid FROM shape_words WHERE shape_words MATCH ? ORDER BY rank LIMIT ?').pluck().all(anyOf(words), PLACES) as number[]);

function rankedByTemplates(db: Database.Database, words: readonly ReadWord[]): number[] {
  if (words.length === 0) return [];
  const templates = statement(db, 'SELECT rowid FROM template_words WHERE template_words MATCH ? ORDER BY rank LIMIT ?').pluck().all(anyOf(words), TEMPLATES) as number[];
  const shapes = statement(db, 'SELECT id FROM shapes WHERE template = ? ORDER BY id LIMIT 8').pluck();
  return templates.flatMap((template) => shapes.all(template) as number[]);
}

const neighbours = (db: Database.Database, { vector }: ShapeQuestion): number[] => (vector === undefined ? [] : nearest(db, vector.embedder, vector.vector, NEIGHBOURS).map(({ shape }) => shape));

/** Without those that the filter leaves out; warnings and worse count more. */
function finished(db: Database.Database, scores: ReadonlyMap<number, number>, rare: ReadonlyMap<number, number[]>, { weights, level, system }: ShapeQuestion): RankedShape[] {
  const find = statement(db, 'SELECT level, system FROM shapes WHERE id = ?');
  const ranked = [...scores].flatMap(([shape, score]): RankedShape[] => {
    const own = find.get(shape) as { level: number | null; system: string } | undefined;
    if (own === undefined || (level !== undefined && (own.level ?? 0) < level) || (system !== undefined && own.system !== system)) return [];
    return [{ shape, score: score * ((own.level ?? 0) >= LEVEL_NUMBERS.warn ? weights.severe : 1), entries: rare.get(shape) ?? [] }];
  });
  return ranked.toSorted((a, b) => b.score - a.score || b.shape - a.shape);
}
