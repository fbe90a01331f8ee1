// Operation `refs`: the refs of a repository as of any point.
import { z } from 'zod';
import { resolvePoint } from '../archive/reading/points.ts';
import type { Head, Ref } from '../contract/snapshot.ts';
import { defineOperation } from './operation.ts';
import { AtPoint, shownPoint, type ResolvedPoint } from './point.ts';

export interface RefPage {
  repository: string;
  point: ResolvedPoint;
  /** Time of the visit, ISO 8601 UTC, and the snapshot that it found. */
  time: string;
  snapshot: string;
  head: Head;
  /** All that match. */
  total: number;
  refs: Ref[];
}

export const refs = defineOperation({
  name: 'refs',
  description: 'Lists the refs and HEAD of a repository as the visit of a point found them.',
  kind: 'reads',
  input: AtPoint.extend({
    /** Part of the name. */
    match: z.string().max(4096).default(''),
    limit: z.number().int().positive().max(100_000).default(1_000),
    skip: z.number().int().nonnegative().default(0),
  }),
  async run({ library }, { repository, point: asked, match, limit, skip }): Promise<RefPage> {
    const found = await resolvePoint(await library.reader(repository), asked);
    const { visit, snapshot } = found;
    const matching = snapshot.refs.filter(({ name }) => name.includes(match));
    return { repository, point: shownPoint({ ...found, seq: visit.seq }), time: visit.time, snapshot: snapshot.id, head: snapshot.head, total: matching.length, refs: matching.slice(skip, skip + limit) };
  },
});
