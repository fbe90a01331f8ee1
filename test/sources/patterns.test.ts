// Patterns of sources, as a table.
import { expect, test } from 'vitest';
import { patternList } from '../../sources/patterns.ts';

const PATHS = ['acme/shop', 'acme/.github', 'acme/platform/tool', 'acme/platform/sandbox-1', 'acme/platform/deep/sandbox-2', 'acme/legacy/tool', 'acme/{a,b}', 'Acme/Web'];

test.each<[string, string[]]>([
  ['acme/*', PATHS], // what matches a group is everything below it
  ['acme/shop', ['acme/shop']],
  ['/acme/shop', ['acme/shop']],
  ['ACME/SHOP', ['acme/shop']],
  ['shop', ['acme/shop']],
  ['sandbox-*', ['acme/platform/sandbox-1', 'acme/platform/deep/sandbox-2']],
  ['acme/platform/*', ['acme/platform/tool', 'acme/platform/sandbox-1', 'acme/platform/deep/sandbox-2']],
  ['acme/*/sandbox-?', ['acme/platform/sandbox-1']],
  ['**/sandbox-*', ['acme/platform/sandbox-1', 'acme/platform/deep/sandbox-2']],
  ['acme/**/tool', ['acme/platform/tool', 'acme/legacy/tool']],
  ['legacy/', ['acme/legacy/tool']],
  ['shop/', []],
  ['/legacy', []],
  ['acme/platform', ['acme/platform/tool', 'acme/platform/sandbox-1', 'acme/platform/deep/sandbox-2']],
  ['[s-t]ool', []],
  ['.*', ['acme/.github']],
  ['acme/{a,b}', ['acme/{a,b}']],
  ['!acme/shop', []],
  ['@(acme)/shop', []],
])('%s', (pattern, matching) => {
  const list = patternList([pattern]);
  expect(PATHS.filter((path) => list.matching(path) !== null)).toEqual(matching);
});

test('the pattern that matches first is told', () => {
  expect(patternList(['web', 'acme/*', 'shop']).matching('acme/shop')).toBe('acme/*');
  expect(patternList([]).matching('acme/shop')).toBeNull();
});

test('a pattern that is made to take long does not', () => {
  const path = `${'a'.repeat(200)}/${'a/'.repeat(100)}c`;
  expect(patternList([`${'*a'.repeat(90)}b`, `${'**/'.repeat(60)}x`]).matching(path)).toBeNull();
});
