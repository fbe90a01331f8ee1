// The words of a forge's own data: issues, merge requests, releases and so on, exported beside the backup.
import { z } from 'zod';
import { CredentialName } from './ingest.ts';
import { RepositoryName } from './names.ts';
import { isPlainRepositoryUrl } from './plain-url.ts';

export const ForgeDataKind = z.enum(['issues', 'issue-comments', 'merge-requests', 'reviews', 'review-comments', 'releases', 'release-assets', 'labels', 'milestones']);
export type ForgeDataKind = z.infer<typeof ForgeDataKind>;

export const ForgeDataInput = z.strictObject({
  repository: RepositoryName,
  /** The repository on its forge. Default: the origin of its last visit. */
  url: z.string().min(1).max(2_000).refine(isPlainRepositoryUrl, 'a URL without user, password or query: name a stored credential').optional(),
  credential: CredentialName.optional(),
  /** Bytes of the largest file of a release that is kept; a larger one is a hole. */
  maxAssetBytes: z.number().int().nonnegative().default(2 * 2 ** 30),
});
export type ForgeDataInput = z.input<typeof ForgeDataInput>;
export type ForgeDataRequest = z.output<typeof ForgeDataInput>;

/** One record, as its line in an export has it: docs/format.md. */
export const ForgeRecord = z.strictObject({
  kind: ForgeDataKind,
  /** Of its kind; GitLab's releases have their tag. */
  id: z.string().min(1),
  /** Number of the issue or merge request that it is, or belongs to. */
  number: z.number().int().nullable(),
  /** Id of what it belongs to where that is no issue or merge request: a review's, a release's, a thread's. */
  parent: z.string().nullable(),
  /** ISO 8601 UTC. */
  created: z.string().nullable(),
  updated: z.string().nullable(),
  /** Gone from the forge; only of kinds that are listed whole. */
  deleted: z.literal(true).optional(),
  /** The forge's name of its user. */
  author: z.string().nullable(),
  title: z.string().nullable(),
  body: z.string().nullable(),
  /** The forge's word, such as `open` or `APPROVED`. */
  state: z.string().nullable(),
  url: z.string().nullable(),
  /** Only of release-assets: what was stored; null where it is a hole. */
  content: z.strictObject({ sha256: z.string(), bytes: z.number().int().nonnegative() }).nullable().optional(),
  /** What the forge said, whole; null of what is gone. */
  raw: z.unknown(),
});
export type ForgeRecord = z.infer<typeof ForgeRecord>;

export const ForgeHole = z.strictObject({ kind: ForgeDataKind, what: z.string(), reason: z.string() });
export type ForgeHole = z.infer<typeof ForgeHole>;

/** `forge/{export}.json`: the commit point of one export. */
export const ForgeExport = z.strictObject({
  formatVersion: z.literal(1),
  repository: RepositoryName,
  export: z.number().int().positive(),
  /** The export before, and the SHA-256 of its file. */
  previous: z.strictObject({ export: z.number().int().positive(), sha256: z.string() }).nullable(),
  time: z.string(),
  forge: z.strictObject({ kind: z.enum(['github', 'gitlab', 'gitea']), api: z.string(), path: z.string() }),
  url: z.string(),
  /** The last visit when it was written; null where there was none. */
  visit: z.number().int().positive().nullable(),
  /** What was asked for: changed since; nothing for kinds that were listed whole. */
  since: z.partialRecord(ForgeDataKind, z.string()),
  /** Where the next export goes on. */
  marks: z.partialRecord(ForgeDataKind, z.string()),
  files: z.partialRecord(ForgeDataKind, z.strictObject({ path: z.string(), records: z.number().int().positive(), bytes: z.number().int().positive(), sha256: z.string() })),
  /** Files of releases that this export was the first to store. */
  assets: z.strictObject({ stored: z.number().int().nonnegative(), bytes: z.number().int().nonnegative() }),
  holes: z.array(ForgeHole),
  workflow: z.strictObject({ id: z.string(), runId: z.string() }),
});
export type ForgeExport = z.infer<typeof ForgeExport>;

/** How a step goes through a forge: what changed since; everything, so that what is gone is seen; or one question for each record of another kind. */
export type ForgeStepWay = 'changes' | 'all' | 'each';

export interface ForgeStep {
  /** Names the step, and the kind of most of its records. */
  name: ForgeDataKind;
  gives: readonly ForgeDataKind[];
  way: ForgeStepWay;
  /** Of `each`: the kind whose records of this export are asked about. */
  of?: ForgeDataKind;
}

/** What one run exports, as its acts are told. */
export interface ForgeDataJob {
  request: ForgeDataRequest;
  url: string;
  /** The number that this export gets. */
  export: number;
  forge: ForgeExport['forge'];
  previous: ForgeExport['previous'];
  marks: ForgeExport['marks'];
  steps: readonly ForgeStep[];
  workflow: { id: string; runId: string };
}

/** Answer of `forgeData` to the query `status`, and its current details. */
export interface ForgeDataStatus {
  repository: string;
  state: 'looking' | 'asking' | 'storing' | 'telling' | 'done' | 'failed' | 'cancelled';
  /** What is being asked for. */
  kind: ForgeDataKind | null;
  records: Partial<Record<ForgeDataKind, number>>;
  /** ISO 8601 UTC: until when the forge asked to wait. */
  waitsUntil: string | null;
}

export interface ForgeDataResult {
  repository: string;
  /** Number of this export, from 1. */
  export: number;
  /** ISO 8601 UTC. */
  time: string;
  /** Nothing changed since the export before: none was written. */
  unchanged: boolean;
  /** Records of this export, which holds what is new or changed since the one before. */
  records: Partial<Record<ForgeDataKind, number>>;
  bytes: number;
  /** Files of releases that were stored, and their bytes. */
  assets: { stored: number; bytes: number };
  /** What the forge has and did not give, in words. */
  holes: string[];
}
