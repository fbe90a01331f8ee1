// The snapshot: full state of all refs and HEAD, as it is archived in snapshot.json and travels in events.
import { z } from 'zod';

export const ObjectFormat = z.enum(['sha1', 'sha256']);
export type ObjectFormat = z.infer<typeof ObjectFormat>;

export const ObjectId = z.string().regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/, 'a git object id');

export const ObjectType = z.enum(['commit', 'tree', 'blob', 'tag']);
export type ObjectType = z.infer<typeof ObjectType>;

export const Ref = z.strictObject({
  name: z.string(),
  oid: ObjectId,
  type: ObjectType,
  /** For a tag object: what it finally points to (`ref^{}`). */
  peeled: ObjectId.optional(),
});
export type Ref = z.infer<typeof Ref>;

export const Head = z.strictObject({
  /** The branch that HEAD names, or null when detached or absent. */
  symref: z.string().nullable(),
  /** The commit that HEAD resolves to, or null when unborn. */
  oid: ObjectId.nullable(),
});
export type Head = z.infer<typeof Head>;

export const Snapshot = z.strictObject({
  formatVersion: z.literal(1),
  /** `swh:1:snp:` and 40 hex digits; `pivo:1:snp:` and 64 for a SHA-256 repository. */
  id: z.string().regex(/^(swh:1:snp:[0-9a-f]{40}|pivo:1:snp:[0-9a-f]{64})$/),
  objectFormat: ObjectFormat,
  head: Head,
  /** Sorted by the bytes of their names. */
  refs: z.array(Ref),
  /** Commits whose parents the origin does not have (a shallow origin), sorted. */
  shallow: z.array(ObjectId),
});
export type Snapshot = z.infer<typeof Snapshot>;
