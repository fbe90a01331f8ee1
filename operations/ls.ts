// Operation `ls`: the files of a repository as of any point.
import { z } from 'zod';
import { commitOf, findPoint } from '../archive/reading/points.ts';
import { normalPath, type ListedEntry } from '../archive/reading/tree.ts';
import { defineOperation } from './operation.ts';
import { AtPoint, PathText, shownPoint, type ResolvedPoint } from './point.ts';

export interface Listing {
  repository: string;
  point: ResolvedPoint;
  path: string;
  entries: ListedEntry[];
  /** There are more entries than `limit`. */
  truncated: boolean;
}

export const ls = defineOperation({
  name: 'ls',
  description: 'Lists files and folders of a repository as of a point: mode, type, object id, size, path.',
  kind: 'reads',
  input: AtPoint.extend({
    path: PathText.default(''),
    /** All files below, instead of one level. */
    recursive: z.boolean().default(false),
    limit: z.number().int().positive().max(1_000_000).default(100_000),
  }),
  async run({ library }, { repository, point: asked, path, recursive, limit }, { signal }): Promise<Listing> {
    const reader = await library.reader(repository);
    const point = await findPoint(reader, asked);
    const entries: ListedEntry[] = [];
    for await (const entry of reader.tree(commitOf(point, repository), path, { recursive })) {
      signal.throwIfAborted();
      entries.push(entry);
      if (entries.length > limit) break;
    }
    return { repository, point: shownPoint(point), path: normalPath(path), entries: entries.slice(0, limit), truncated: entries.length > limit };
  },
});
