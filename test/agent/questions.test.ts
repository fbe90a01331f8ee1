// The question set, asked of the provider that needs no model, over a real archive and its index.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ModelProvider } from '../../agent/model.ts';
import { scriptedProvider } from '../../agent/providers/scripted/provider.ts';
import { openArchiveWithIndex, type ArchiveWithIndex } from './archive-with-index.ts';
import { mark } from './marking.ts';
import { QUESTION_SET } from './questions/index.ts';

describe('the question set', () => {
  let archive: ArchiveWithIndex;
  const provider = scriptedProvider();
  beforeAll(async () => {
    archive = await openArchiveWithIndex();
  });
  afterAll(() => archive.close());

  it('has 40 questions and more, each once', () => {
    expect(new Set(QUESTION_SET.map(({ ask }) => ask)).size).toBe(QUESTION_SET.length);
    expect(QUESTION_SET.length).toBeGreaterThanOrEqual(40);
  });

  it.for(QUESTION_SET)('$ask', async (asked, { skip }) => {
    skip(asked.needs !== undefined && !archive.repositories.includes(asked.needs), 'no history of this project is here');
    const { wrong, answer } = await mark(provider, archive, asked);
    expect(wrong, answer).toEqual([]);
  });

  it('marks a wrong answer as wrong', async () => {
    const silent: ModelProvider = { name: 'x', model: 'x', step: async () => ({ text: 'I cannot tell.', calls: [], end: 'stop', usage: { input: 0, output: 0 }, provider: 'x', model: 'x' }) };
    const wrong = await Promise.all(QUESTION_SET.filter(({ sql, calls }) => sql !== undefined || calls !== undefined).map((asked) => mark(silent, archive, asked)));
    expect(wrong.filter((each) => each.wrong.length === 0).map(({ question }) => question)).toEqual([]);
  });
});
