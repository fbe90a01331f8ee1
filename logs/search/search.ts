// Searches the log index: by words and their parts, templates and vectors, merged by rank; or the newest entries that have every word.
import type Database from 'better-sqlite3';
import type { LogSearch } from '../../contract/log-search.ts';
import { LEVEL_NUMBERS, type LogFilter, type LogHit, type SearchLogsRequest } from '../../contract/logs.ts';
import { hashedEmbedder, hashedVector } from '../vectors/hashed/embedder.ts';
import { activeEmbedder, type StoredEmbedder } from '../vectors/table.ts';
import { fewEntries } from './filter.ts';
import { contextOf, entriesOf } from './hit.ts';
import { newestEntries } from './newest.ts';
import { pickEntries } from './pick.ts';
import { questionOf } from './question.ts';
import { rankShapes } from './rank-shapes.ts';
import { readingsOf, type ReadWord } from './readings.ts';
import { WEIGHTS, type Weights } from './weights.ts';

export interface LogQuestion extends Pick<SearchLogsRequest, 'query' | 'limit' | 'context' | 'order'> {
  filter: LogFilter;
  /** Hits to pass over: those of the pages before. */
  skip: number;
}

/** What the question's vector is made with, for an embedder that this process cannot be: a service's. */
export interface QuestionVector {
  /** Whose it is; it is used only while that embedder's vectors are the active ones. */
  embedder: string;
  vector: Float32Array | null;
  /** Why there is none. */
  problem?: string;
}

/**
 * The hits of a question. Any text is one: nothing in it is an operator but quotes, which make a phrase that a hit must have.
 * Made for an open connection; a search takes milliseconds and does not wait for anything.
 */
export function searchLogs(db: Database.Database, { query, filter, limit, skip, context, order }: LogQuestion, given?: QuestionVector, weights: Weights = WEIGHTS): LogSearch {
  const question = questionOf(query);
  const active = activeEmbedder(db);
  const name = active?.name ?? null;
  if (order === 'newest' || question.words.length === 0 || active === undefined) {
    const { ids, more } = newestEntries(db, question, filter, { limit, skip });
    return { hits: hitsOf(db, ids.map((id) => ({ id, score: 1 })), context), more, understood: [], embedder: { name } };
  }
  const words = readingsOf(db, question.words);
  const { vector, problem } = vectorOf(query, active, given);
  const few = fewEntries(db, filter, question.phrases);
  const level = filter.level === undefined ? undefined : LEVEL_NUMBERS[filter.level];
  const shapes = rankShapes(db, { question, words, vector, weights, only: few === undefined ? undefined : new Set(few.keys()), level, system: filter.system });
  const picked = pickEntries(db, { shapes, few, filter, question, wanted: skip + limit + 1, weights });
  return { hits: hitsOf(db, picked.slice(skip, skip + limit), context), more: picked.length > skip + limit, understood: understoodOf(words), embedder: { name, ...(problem === undefined ? {} : { problem }) } };
}

const understoodOf = (words: readonly ReadWord[]): LogSearch['understood'] => words.flatMap(({ word, as }) => (as.length === 0 ? [] : [{ word, as }]));

/** The question's vector by the active embedder. */
function vectorOf(query: string, embedder: StoredEmbedder, given: QuestionVector | undefined): { vector?: { vector: Float32Array; embedder: StoredEmbedder } | undefined; problem?: string | undefined } {
  if (embedder.name === hashedEmbedder.name) {
    const vector = hashedVector(query);
    return vector.some((each) => each !== 0) ? { vector: { vector, embedder } } : {};
  }
  if (given?.embedder !== embedder.name) return { problem: `the vectors are of ${embedder.name}, which is not configured` };
  return given.vector === null ? { problem: given.problem ?? 'no vector could be made' } : { vector: { vector: given.vector, embedder } };
}

function hitsOf(db: Database.Database, picked: readonly { id: number; score: number }[], context: number): LogHit[] {
  return picked.flatMap(({ id, score }) => entriesOf(db, [id]).map((entry) => ({ ...entry, ...contextOf(db, id, context), score: Number(score.toPrecision(4)) })));
}
