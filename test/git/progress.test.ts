// Progress lines as git writes them.
import { expect, test } from 'vitest';
import { readGitProgress } from '../../git/progress.ts';

test('progress tells objects and bytes as git counts them, and no other line is taken for it', () => {
  const lines = ['Receiving objects:  45% (450/1000), 12.00 MiB | 5.00 MiB/s', 'remote: Counting objects: 7', 'Resolving deltas: 100% (3/3), done.', 'From /tmp/x'];
  expect(lines.map(readGitProgress)).toEqual([{ phase: 'receiving objects', done: 450, total: 1000, bytes: 12 * 2 ** 20 }, { phase: 'preparing objects', done: 7 }, { phase: 'resolving deltas', done: 3, total: 3 }, null]);
});
