// The visit: one backup run, the commit point of the archive.
import { z } from 'zod';
import { Destroyed } from './gate.ts';
import { LfsRecord } from './lfs.ts';
import { RepositoryName } from './names.ts';
import { ObjectFormat, ObjectId } from './snapshot.ts';

export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'a hash is 64 digits of 0-9 and a-f');

export const FileProof = z.strictObject({
  bytes: z.number().int().nonnegative(),
  sha256: Sha256,
});
export type FileProof = z.infer<typeof FileProof>;

/** One pack with its index; `chunks` are SHA-256 of each 8 MiB of the pack, so that damage has an offset. */
export const PackProof = z.strictObject({
  /** `pack-` and the pack's own hash, without extension. */
  name: z.string().regex(/^pack-[0-9a-f]{40,64}$/),
  objects: z.number().int().nonnegative(),
  pack: FileProof.extend({ chunks: z.array(Sha256) }),
  idx: FileProof,
});
export type PackProof = z.infer<typeof PackProof>;

export const CHUNK_BYTES = 8 * 2 ** 20;

export const Hole = z.strictObject({
  ref: z.string().optional(),
  oid: ObjectId.optional(),
  reason: z.string(),
  /** So many objects of Git LFS are missing; the ledger says which. Such a hole is no ref's. */
  lfs: z.number().int().positive().optional(),
});
export type Hole = z.infer<typeof Hole>;

/** What git's checks (git-fsck(1)) say of the objects of a visit's packs: one entry a message id. */
export const FsckFinding = z.strictObject({
  /** git's message id; `unreadable`: git cannot parse the object; `notChecked`: the check itself did not end. */
  id: z.string(),
  severity: z.enum(['error', 'warning']),
  /** How many objects. */
  count: z.number().int().positive(),
  /** The first of them, and what git says of it. */
  oid: ObjectId.optional(),
  message: z.string(),
});
export type FsckFinding = z.infer<typeof FsckFinding>;

export const CheckoutRecord = z.strictObject({
  commit: ObjectId.nullable(),
  kind: z.enum(['files', 'har', 'none']),
  /** Path below the repository's folder, when it was laid out. */
  path: z.string().nullable(),
  /** When it was laid out (a later visit may name an earlier checkout), or null. */
  time: z.string().nullable(),
  /** Why there is none, or which policy decided. */
  reason: z.string(),
  files: z.number().int().nonnegative(),
  bytes: z.number().int().nonnegative(),
  symlinks: z.array(z.strictObject({ path: z.string(), target: z.string() })),
  executables: z.array(z.string()),
  gitlinks: z.array(z.strictObject({ path: z.string(), commit: ObjectId })),
  /** Entries whose name the store cannot hold, with the name that was used, or null when left out. */
  renamed: z.array(z.strictObject({ path: z.string(), stored: z.string().nullable(), reason: z.string() })),
});
export type CheckoutRecord = z.infer<typeof CheckoutRecord>;

/** What happened to the refs since the visit before. */
export const RefChanges = z.strictObject({
  created: z.number(),
  updated: z.number(),
  /** Updated refs whose new commit does not contain the old one. */
  forced: z.number(),
  deleted: z.number(),
  /** What the origin took away; missing when that was nothing. */
  destroyed: Destroyed.optional(),
});
export type RefChanges = z.infer<typeof RefChanges>;

export const Visit = z.strictObject({
  formatVersion: z.literal(1),
  repository: RepositoryName,
  origin: z.string(),
  seq: z.number().int().positive(),
  previous: z.strictObject({ seq: z.number().int().positive(), sha256: Sha256 }).nullable(),
  time: z.iso.datetime({ precision: 3 }),
  snapshot: z.string(),
  /** Folder below the repository's: `snapshots/snp-…`. */
  snapshotPath: z.string(),
  objectFormat: ObjectFormat,
  head: ObjectId.nullable(),
  outcome: z.enum(['full', 'unchanged', 'partial']),
  packs: z.array(PackProof),
  newPacks: z.array(z.string()),
  /** Repair: a damaged pack and the packs that hold its objects instead. */
  replaces: z.record(z.string(), z.array(z.string())),
  changes: RefChanges,
  /** Number of the gate's last decision record when the visit was written; missing: there was none. */
  decisions: z.number().int().positive().optional(),
  holes: z.array(Hole),
  /** Objects of Git LFS; missing: nobody looked. */
  lfs: LfsRecord.optional(),
  fsck: z.array(FsckFinding),
  checkout: CheckoutRecord,
  workflow: z.strictObject({ id: z.string(), runId: z.string(), attempt: z.number().int().positive() }),
});
export type Visit = z.infer<typeof Visit>;

/** True when the origin could not deliver all of git's objects of this state. Objects of Git LFS that are missing are no such gap. */
export const hasGaps = ({ outcome, holes }: Pick<Visit, 'outcome' | 'holes'>): boolean => (holes.length === 0 ? outcome === 'partial' : holes.some(({ lfs }) => lfs === undefined));
