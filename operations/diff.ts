// Operation `diff`: what changed between two points of a repository, as unified text.
import { z } from 'zod';
import type { FileDifference } from '../archive/reading/diff.ts';
import { commitOf, findPoint } from '../archive/reading/points.ts';
import { normalPath } from '../archive/reading/tree.ts';
import { RepositoryName } from '../contract/names.ts';
import { defineOperation } from './operation.ts';
import { PathText, PointText, shownPoint, type ResolvedPoint } from './point.ts';

export interface Difference {
  repository: string;
  from: ResolvedPoint;
  to: ResolvedPoint;
  path: string;
  files: FileDifference[];
  /** There are more differences than `limit` files or `limitBytes` of text. */
  truncated: boolean;
}

export const diff = defineOperation({
  name: 'diff',
  description: 'Shows what changed between two points of a repository, file by file, as a unified diff.',
  kind: 'reads',
  input: z.strictObject({
    repository: RepositoryName,
    from: PointText,
    to: PointText,
    path: PathText.default(''),
    limit: z.number().int().positive().max(100_000).default(10_000),
    limitBytes: z.number().int().positive().max(256 * 2 ** 20).default(16 * 2 ** 20),
  }),
  async run({ library }, { repository, from, to, path, limit, limitBytes }, { signal }): Promise<Difference> {
    const reader = await library.reader(repository);
    const [a, b] = [await findPoint(reader, from), await findPoint(reader, to)];
    const files: FileDifference[] = [];
    let [bytes, truncated] = [0, false];
    for await (const file of reader.diff(commitOf(a, repository), commitOf(b, repository), path)) {
      signal.throwIfAborted();
      bytes += file.patch.length;
      truncated = files.length >= limit || bytes > limitBytes;
      if (truncated) break;
      files.push(file);
    }
    return { repository, from: shownPoint(a), to: shownPoint(b), path: normalPath(path), files, truncated };
  },
});
