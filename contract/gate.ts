// The gate against destruction upstream: what an origin took away, and the records that say which visit is current.
import { z } from 'zod';
import { RepositoryName } from './names.ts';
import { ObjectId } from './snapshot.ts';

/** `hold`: a destructive visit does not become current by itself. `accept`: it does. */
export const GatePolicy = z.enum(['accept', 'hold']);
export type GatePolicy = z.infer<typeof GatePolicy>;

/** Most refs that a visit lists by name; all of them are in the two snapshots. */
export const DESTROYED_LISTED = 100;

/** One branch or tag that lost what it held. */
export const DestroyedRef = z.strictObject({
  /** `forced`: another history; `truncated`: an ancestor of what it held; a moved tag is one that does not contain what it held. */
  kind: z.enum(['forced', 'truncated', 'branch-deleted', 'tag-deleted', 'tag-moved']),
  name: z.string(),
  old: ObjectId,
  /** Null when it is gone. */
  new: ObjectId.nullable(),
  /** No ref of the origin leads to what it held any more, or nobody can tell. */
  lost: z.boolean(),
});
export type DestroyedRef = z.infer<typeof DestroyedRef>;

/** What the origin took away since the visit before. */
export const Destroyed = z.strictObject({
  /** It had refs and has none. */
  emptied: z.boolean(),
  /** Branches and tags that lost what they held, and how many of them were truncated. */
  total: z.number().int().nonnegative(),
  truncated: z.number().int().nonnegative(),
  /** Commits that no ref leads to any more; null when that cannot be told. */
  commits: z.number().int().nonnegative().nullable(),
  /** The policy `hold` keeps `current` before this visit. */
  holds: z.boolean(),
  /** The first DESTROYED_LISTED of them. */
  refs: z.array(DestroyedRef),
});
export type Destroyed = z.infer<typeof Destroyed>;

/**
 * One record under `decisions/`. It counts only when the visit that it names found the snapshot that it names: the
 * policy's are written before their visit, so that no moment exists in which a held visit is current.
 */
export const Decision = z.strictObject({
  formatVersion: z.literal(1),
  repository: RepositoryName,
  number: z.number().int().positive(),
  /** `hold`: current stays before the visit; `accept`: that visit and what it follows are held no more; `gone`: the origin was not there after it. */
  decision: z.enum(['hold', 'accept', 'gone']),
  visit: z.number().int().positive(),
  snapshot: z.string(),
  /** `policy`, or the person as authenticated. */
  by: z.string().min(1).max(200),
  reason: z.string().max(2_000),
  time: z.iso.datetime({ precision: 3 }),
});
export type Decision = z.infer<typeof Decision>;
