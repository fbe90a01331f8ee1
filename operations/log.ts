// Operation `log`: the commits of a repository as of any point, newest first.
import { z } from 'zod';
import type { Signature } from '../archive/commit-log.ts';
import { findPoint } from '../archive/reading/points.ts';
import { normalPath } from '../archive/reading/tree.ts';
import { subjectAndBody } from '../archive/visit-events.ts';
import { defineOperation } from './operation.ts';
import { peopleOf } from './vault-door.ts';
import { AtPoint, PathText, shownPoint, type ResolvedPoint } from './point.ts';

export interface LogEntry {
  hash: string;
  parents: string[];
  author: Signature;
  committer: Signature;
  subject: string;
  body: string;
}

export interface LogPage {
  repository: string;
  point: ResolvedPoint;
  path: string;
  commits: LogEntry[];
  /** There are commits after these: ask again with a larger `skip`. */
  more: boolean;
}

export const log = defineOperation({
  name: 'log',
  description: 'Shows the commits of a repository as of a point, newest first; with a path only those that changed it.',
  kind: 'reads',
  input: AtPoint.extend({
    path: PathText.default(''),
    /** Follow every ref of the visit, not only the commit of the point. */
    all: z.boolean().default(false),
    limit: z.number().int().positive().max(10_000).default(50),
    skip: z.number().int().nonnegative().default(0),
  }),
  async run(context, { repository, point: asked, path, all, limit, skip }, { signal }): Promise<LogPage> {
    const people = await peopleOf(context);
    const reader = await context.library.reader(repository);
    const point = await findPoint(reader, asked);
    const from = all || point.commit === null ? await reader.snapshot(await reader.visit(point.seq)) : point.commit;
    const commits: LogEntry[] = [];
    for await (const logged of reader.log({ from, path, limit: limit + 1, skip, signal })) {
      const { message, ...commit } = people === undefined ? logged : people.commit(logged);
      commits.push({ ...commit, ...subjectAndBody(message) });
    }
    return { repository, point: shownPoint(point), path: normalPath(path), commits: commits.slice(0, limit), more: commits.length > limit };
  },
});
