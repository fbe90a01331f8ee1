// What travels on the topics: COMMIT and SNAPSHOT events of committed visits, what was exported of a forge, and audit records.
import { z } from 'zod';
import { ForgeDataKind } from './forge-data.ts';
import { RepositoryName } from './names.ts';
import { Head, ObjectFormat, ObjectId, Ref } from './snapshot.ts';
import { RefChanges } from './visit.ts';

/** `[status, path]`: A added, M modified, D deleted, T type changed; the path as git quotes it when it is not UTF-8. */
export const Change = z.tuple([z.string().length(1), z.string()]);
export type Change = z.infer<typeof Change>;

const Person = z.strictObject({
  name: z.string(),
  email: z.string(),
  /** Seconds since 1970 as written in the commit, and its zone (`+0200`); null when git could not read them. */
  time: z.number().int().nullable(),
  zone: z.string(),
});

/** Most changed paths in one event; more go into further parts. */
export const CHANGES_PER_EVENT = 5_000;
/** Most refs in one event; more go into further parts. */
export const REFS_PER_EVENT = 5_000;

const part = { part: z.number().int().nonnegative(), parts: z.number().int().positive() };

export const CommitEvent = z.strictObject({
  type: z.literal('COMMIT'),
  /** `commit:{repository}:{hash}:{part}`: the same commit always has the same id. */
  id: z.string(),
  repository: RepositoryName,
  /** The visit that first saw the commit. */
  visit: z.number().int().positive(),
  hash: ObjectId,
  parents: z.array(ObjectId),
  author: Person,
  committer: Person,
  subject: z.string(),
  /** The message after its subject, cut at 64 KiB. */
  body: z.string(),
  /** Empty for a merge, as `git log` shows it. */
  changes: z.array(Change),
  /** The changes could not be listed: objects are missing, or they are too many. */
  changesUnknown: z.literal(true).optional(),
  hdfsPath: z.string(),
  ...part,
});
export type CommitEvent = z.infer<typeof CommitEvent>;

export const SnapshotEvent = z.strictObject({
  type: z.literal('SNAPSHOT'),
  /** `snapshot:{repository}:{visit}:{part}`. */
  id: z.string(),
  repository: RepositoryName,
  origin: z.string(),
  visit: z.number().int().positive(),
  time: z.string(),
  snapshot: z.string(),
  objectFormat: ObjectFormat,
  outcome: z.enum(['full', 'unchanged', 'partial']),
  head: Head,
  /** Empty when `outcome` is `unchanged`: the refs are those of the snapshot's first visit. */
  refs: z.array(Ref),
  refCount: z.number().int().nonnegative(),
  packs: z.number().int().nonnegative(),
  packBytes: z.number().int().nonnegative(),
  newPacks: z.number().int().nonnegative(),
  newBytes: z.number().int().nonnegative(),
  holes: z.number().int().nonnegative(),
  /** Objects of the packs with which git's checks find fault; missing in events of before they were counted. */
  findings: z.number().int().nonnegative().optional(),
  changes: RefChanges,
  checkout: z.strictObject({ commit: ObjectId.nullable(), kind: z.string(), path: z.string().nullable(), files: z.number(), bytes: z.number() }),
  workflow: z.strictObject({ id: z.string(), runId: z.string() }),
  ...part,
});
export type SnapshotEvent = z.infer<typeof SnapshotEvent>;

/** Whoever sorts or writes nested values calls itself for each level. */
const LEVELS = 100;
const isShallow = (value: unknown, levels = LEVELS): boolean => typeof value !== 'object' || value === null || (levels > 0 && Object.values(value).every((each) => isShallow(each, levels - 1)));

/** One outcome of one act; published to the audit topic and archived write-once. `details` never hold a secret. */
export const AuditEvent = z.strictObject({
  type: z.literal('AUDIT'),
  /** Deterministic: the same act retried gives the same id. */
  id: z.string(),
  time: z.string(),
  action: z.enum(['ingest', 'restore', 'dead-letter', 'approve', 'reject', 'gate', 'repair', 'tool', 'vault', 'pipeline', 'retain', 'fleet', 'forge-data', 'restore-all']),
  outcome: z.enum(['done', 'refused', 'rejected', 'expired', 'failed', 'cancelled']),
  repository: z.string().nullable(),
  actor: z.string(),
  workflow: z.strictObject({ id: z.string(), runId: z.string() }).nullable(),
  details: z.record(z.string(), z.unknown()).refine((details) => isShallow(details), { message: `nested deeper than ${LEVELS} levels` }),
});
export type AuditEvent = z.infer<typeof AuditEvent>;

/** One record of a forge export; texts are cut at 64 KiB. */
export const ForgeRecordEvent = z.strictObject({
  type: z.literal('FORGE_RECORD'),
  /** `forge:{repository}:{export}:{kind}:{record}`. */
  id: z.string(),
  repository: RepositoryName,
  export: z.number().int().positive(),
  kind: ForgeDataKind,
  record: z.string(),
  number: z.number().int().nullable(),
  parent: z.string().nullable(),
  created: z.string().nullable(),
  updated: z.string().nullable(),
  deleted: z.boolean(),
  author: z.string().nullable(),
  title: z.string(),
  body: z.string(),
  state: z.string().nullable(),
  url: z.string().nullable(),
});
export type ForgeRecordEvent = z.infer<typeof ForgeRecordEvent>;

/** After all records of an export. */
export const ForgeExportEvent = z.strictObject({
  type: z.literal('FORGE_EXPORT'),
  /** `forge:{repository}:{export}`. */
  id: z.string(),
  repository: RepositoryName,
  export: z.number().int().positive(),
  time: z.string(),
  forge: z.string(),
  url: z.string(),
  visit: z.number().int().positive().nullable(),
  records: z.number().int().nonnegative(),
  bytes: z.number().int().nonnegative(),
  assets: z.number().int().nonnegative(),
  assetBytes: z.number().int().nonnegative(),
  holes: z.number().int().nonnegative(),
  workflow: z.strictObject({ id: z.string(), runId: z.string() }),
});
export type ForgeExportEvent = z.infer<typeof ForgeExportEvent>;

export type PivoEvent = CommitEvent | SnapshotEvent | AuditEvent | ForgeRecordEvent | ForgeExportEvent;
export const PivoEvent = z.discriminatedUnion('type', [CommitEvent, SnapshotEvent, AuditEvent, ForgeRecordEvent, ForgeExportEvent]);
