// The words of Git LFS: pointers, the objects that they mean, and what an archive holds of them.
import { z } from 'zod';

/** SHA-256 of an object's content, in hex: its name everywhere. */
export const LfsOid = z.string().regex(/^[0-9a-f]{64}$/, 'the SHA-256 of a Git LFS object, 64 hex digits');

/** Whether a backup brings over the objects of Git LFS: `none` leaves them out and says nothing of them. */
export const LfsPolicy = z.enum(['auto', 'none']);
export type LfsPolicy = z.infer<typeof LfsPolicy>;

/** What a pointer file says (git-lfs specification, version 1). */
export interface LfsPointer {
  oid: string;
  /** Bytes of the object. */
  size: number;
}

/** What a visit says of Git LFS. Missing in a visit: nobody looked. Present: every pointer in the visit's packs is in the ledger. */
export const LfsRecord = z.strictObject({
  /** Different objects that pointers of all refs' history name, also of states that the origin has no more. */
  objects: z.number().int().nonnegative(),
  bytes: z.number().int().nonnegative(),
  /** Of these, not in the archive. */
  missing: z.number().int().nonnegative(),
  /** The last file of the ledger that lists all of them with what became of each: docs/format.md. Null: there are none. */
  ledger: z.strictObject({ number: z.number().int().positive(), sha256: LfsOid }).nullable(),
});
export type LfsRecord = z.infer<typeof LfsRecord>;

/** What became of one object; a later line about the same object wins. */
export const LfsEntry = z.strictObject({
  oid: LfsOid,
  size: z.number().int().nonnegative(),
  state: z.enum(['archived', 'missing']),
  /** Why it is missing, in words. */
  reason: z.string().optional(),
  /** Id of the first git blob that was seen to point to it. */
  blob: z.string(),
  /** Where a missing object's pointer lies in some commit. */
  path: z.string().optional(),
});
export type LfsEntry = z.infer<typeof LfsEntry>;

/** First line of a ledger's file. */
export const LfsLedgerHead = z.strictObject({
  formatVersion: z.literal(1),
  repository: z.string(),
  number: z.number().int().positive(),
  /** SHA-256 of the file before; null for the first. */
  previous: LfsOid.nullable(),
  /** The file repeats all that those before it say. */
  whole: z.boolean(),
});
export type LfsLedgerHead = z.infer<typeof LfsLedgerHead>;

/** What `pivo lfs` tells of a repository. */
export interface LfsStatus {
  repository: string;
  /** The visit that it is told of. */
  visit: number;
  /** False: no visit looked for pointers yet. */
  looked: boolean;
  objects: number;
  bytes: number;
  archived: number;
  missing: number;
  /** The objects that are asked for: those that are missing, or all. */
  entries: LfsEntry[];
  /** There are more than `entries` says. */
  truncated: boolean;
}

/** What a restore did with the objects of Git LFS. */
export interface LfsRestored {
  /** Objects that the restored refs' history points to. */
  objects: number;
  bytes: number;
  /** Of these, brought to the target; the others were there already, or are missing. */
  sent: number;
  /** Not in the archive, or not taken by the target. */
  missing: number;
}
