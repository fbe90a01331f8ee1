// The words that reading operations share: a repository at a point, and what the point turned out to be.
import { z } from 'zod';
import { RepositoryName } from '../contract/names.ts';
import { LATEST } from '../contract/spec.ts';
import type { FoundPoint, PointKind } from '../archive/reading/points.ts';

/** `point`: commit (short too), snapshot id, instant, tag, branch, full ref name; `current`; `latest` when none is given. */
export const PointText = z.string().min(1).max(4096).default(LATEST);

export const AtPoint = z.strictObject({ repository: RepositoryName, point: PointText });

/** A path in a commit, as `ls` shows it: quoted where it is not UTF-8. */
export const PathText = z.string().max(65_536);

export interface ResolvedPoint {
  asked: string;
  kind: PointKind;
  visit: number;
  commit: string | null;
}

export const shownPoint = ({ asked, kind, seq, commit }: FoundPoint): ResolvedPoint => ({ asked, kind, visit: seq, commit });
