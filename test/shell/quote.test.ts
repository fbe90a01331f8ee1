// Quoting: whatever a value holds, a real bash hands it over as one word, unchanged.
import { execFileSync } from 'node:child_process';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quote, quotePath } from '../../shell/quote.ts';

/** The words that bash makes of the line; it can find no program, whatever went wrong. */
function wordsOf(line: string): string[] {
  const out = execFileSync('bash', ['--norc', '--noprofile', '-c', `PATH=/nonexistent; printf '%s\\0' ${line}`], { env: { HOME: '/home/me', PATH: process.env['PATH'] ?? '' }, cwd: '/' });
  return out.toString('utf8').split('\0').slice(0, -1);
}

const value = fc.string({ unit: fc.oneof(fc.constantFrom(...'$`"\'\\!*?[]{}()<>|&;#~=-% \t'.split('')), fc.string({ minLength: 1, maxLength: 1, unit: 'grapheme' })), maxLength: 30 }).filter((text) => !/[\0\r\n]/.test(text) && text.isWellFormed());

describe('a quoted value', () => {
  it('is one word and unchanged, for real bash', () => {
    fc.assert(fc.property(fc.array(value, { minLength: 1, maxLength: 60 }), (values) => {
      expect(wordsOf(values.map(quote).join(' '))).toEqual(values);
    }), { numRuns: 60 });
  });

  it('is no option when it is a path, and `~` is a name as any other', () => {
    fc.assert(fc.property(fc.array(value, { minLength: 1, maxLength: 40 }), (values) => {
      const words = wordsOf(values.map(quotePath).join(' '));
      expect(words).toEqual(values.map((each) => (each.startsWith('-') ? `./${each}` : each)));
    }), { numRuns: 60 });
  });

  it('cannot hold a line break', () => {
    for (const bad of ['a\nb', 'a\rb', 'a\0b']) expect(() => quote(bad)).toThrow(/line break/);
  });
});
