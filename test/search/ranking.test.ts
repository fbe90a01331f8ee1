// How good search is on the judged questions, and that the judgements are about what is there.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { questionOf } from '../../logs/search/question.ts';
import { searchLogs } from '../../logs/search/search.ts';
import { WEIGHTS, type Weights } from '../../logs/search/weights.ts';
import { temporaryIndex, type TemporaryIndex } from '../logs/temporary.ts';
import { FIRST, ftsAlone, half, judgedQuestions, measure, unfitting, type Measures } from './judged.ts';

let index: TemporaryIndex;

beforeAll(async () => {
  index = await temporaryIndex();
  await index.ingest(join(import.meta.dirname, 'corpus'));
});

afterAll(() => index.close());

const questions = judgedQuestions();
const heldOut = half(questions, 'held out');
const links = (query: string, weights?: Weights): string[] => searchLogs(index.db, { query, filter: {}, limit: FIRST, skip: 0, context: 0, order: 'best' }, undefined, weights).hits.map(({ link }) => link);
const hybrid = (weights?: Weights): Measures => measure(index.db, heldOut, (query) => links(query, weights));

describe('the judged questions', () => {
  it('are more than fifty, each with an answer, about entries that are in the logs', () => {
    expect(questions.length).toBeGreaterThan(50);
    expect(questions.filter(({ judgements }) => !judgements.some(({ grade }) => grade === 3))).toEqual([]);
    expect(unfitting(index.db, questions)).toEqual([]);
  });
});

describe('search', () => {
  it('finds what was judged for questions that no weight was chosen on, better than FTS5 alone', () => {
    const ours = hybrid();
    const theirs = measure(index.db, heldOut, (query) => ftsAlone(index.db, questionOf(query).words, FIRST));
    expect(ours.recall).toBeGreaterThan(0.75);
    expect(ours.ndcg).toBeGreaterThan(0.74);
    expect(ours.answered).toBeGreaterThan(0.95);
    expect(ours.recall).toBeGreaterThan(theirs.recall + 0.05);
    expect(ours.ndcg).toBeGreaterThan(theirs.ndcg + 0.1);
  });

  it('needs more than one of its lists', () => {
    expect(hybrid({ ...WEIGHTS, covered: 0 }).ndcg).toBeLessThan(hybrid().ndcg);
    expect(hybrid({ ...WEIGHTS, covered: 0, words: 0, templates: 0 }).ndcg).toBeLessThan(hybrid().ndcg);
  });

  it('answers the same question the same way', () => {
    for (const { question } of questions.slice(0, 10)) expect(links(question)).toEqual(links(question));
  });
});
