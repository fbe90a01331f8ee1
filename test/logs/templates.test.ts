// Drain: messages that differ in what varies have one template.
import { expect, it } from 'vitest';
import { TemplateMiner, maskedWords, type Template } from '../../logs/templates.ts';

function miner(): { texts: string[]; match(message: string): number } {
  const texts: string[] = [];
  const made = new TemplateMiner({ add: (words) => texts.push(words.join(' ')), change: ({ id, words }: Template) => (texts[id - 1] = words.join(' ')) });
  return { texts, match: (message) => made.match(message) };
}

it('numbers, ids, addresses, times and paths are masked first', () => {
  expect(maskedWords('Lost task 0.0 in stage 1.0 (TID 3) (10.0.0.1:7077 executor 1): from /user/ada/x at 12:00:01 blk_1_2 size=12, 550e8400-e29b-41d4-a716-446655440000').join(' ')).toBe('Lost task <*> in stage <*> (TID <*>) (<*> executor <*>): from <*> at <*> <*> size=<*>, <*>');
});

it('messages of one kind share a template, which becomes as general as they need', () => {
  const { match, texts } = miner();
  expect([match('user ada logged in from office'), match('user bob logged in from office'), match('disk full on volume data now')]).toEqual([1, 1, 2]);
  expect(texts).toEqual(['user <*> logged in from office', 'disk full on volume data now']);
});

it('messages of different length or beginning never share one', () => {
  const { match } = miner();
  expect(new Set([match('opened file'), match('opened file again'), match('closed file')]).size).toBe(3);
});

it('a flood of distinct words stays a bounded number of templates', () => {
  const { match, texts } = miner();
  for (let i = 0; i < 30_000; i++) match(`${word(i)} ${word(i * 7)} ${word(i * 13)} ended`);
  expect(texts.length).toBeLessThan(21_000); // 101 branches of 200
});

const word = (n: number): string => Array.from(String(n), (digit) => 'abcdefghij'[Number(digit)]).join('');
