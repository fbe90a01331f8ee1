// The index of a Hadoop Archive, without Hadoop.
import { expect, test } from 'vitest';
import { findInIndex, harHash, harIndex, readMasterIndex } from '../../archive/har/format.ts';

const files = Array.from({ length: 2_000 }, (_, i) => ({ path: `/d${i % 10}/f ${i}`, part: 'part-0', offset: i * 10, bytes: 10, permission: 0o444 }));

test('hashes are those of java.lang.String, without sign', () => {
  expect(harHash('')).toBe(0);
  expect(harHash('/')).toBe(47);
  expect(harHash('hello')).toBe(99162322);
  expect(harHash('polygenelubricants')).toBe(0); // its hash is the smallest integer
});

test('every entry lies in the block that the master index names for its hash, and blocks follow each other', () => {
  const { index, masterIndex } = harIndex(files, 1_700_000_000_000, 'pivo');
  const blocks = readMasterIndex(masterIndex.toString()) ?? [];
  expect(blocks.length).toBeGreaterThan(5);
  expect(blocks[0]?.first).toBe(0);
  expect(blocks.at(-1)?.end).toBe(index.length);
  blocks.slice(1).forEach((block, i) => expect(block.begin).toBe(blocks[i]?.end));
  for (const { path, offset } of files) {
    const found = blocks.filter(({ first, last }) => first <= harHash(path) && harHash(path) <= last).map(({ begin, end }) => findInIndex(index.subarray(begin, end).toString(), path));
    expect(found).toContainEqual({ kind: 'file', part: 'part-0', offset, bytes: 10 });
  }
});

test('a line is what Hadoop writes', () => {
  const { index, masterIndex } = harIndex([{ path: '/a b+ü', part: 'part-1', offset: 5, bytes: 7, permission: 0o444 }], 12, 'me');
  expect(index.toString()).toBe('/ dir 12+365+me+me 0 0 a+b%2B%C3%BC \n%2Fa+b%2B%C3%BC file part-1 5 7 12+292+me+me \n'.replace('/ dir', '%2F dir'));
  expect(masterIndex.toString()).toMatch(/^3 \n0 \d+ 0 \d+ \n$/);
});

test('an index of another version, or none at all, is not read', () => {
  expect(readMasterIndex('2 \n0 1 0 1 \n')).toBeNull();
  expect(readMasterIndex('<h1>Login</h1>')).toBeNull();
  expect(readMasterIndex('3 \nx y z \n')).toBeNull();
});
