// What goes into an ingest and what comes out of it.
import { z } from 'zod';
import type { TurnProgress } from './conversation.ts';
import { LfsPolicy } from './lfs.ts';
import type { LogLine } from './log-search.ts';
import { RepositoryName } from './names.ts';
import type { WatchedPipeline } from './pipeline.ts';
import type { RefChanges } from './visit.ts';

/** Reference to a credential kept in PIVO_HOME or the environment of the worker; never the secret itself. */
export const CredentialName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'a credential is named by letters, digits, ".", "_" or "-"; never put the secret here');

export const CheckoutPolicy = z.enum(['auto', 'files', 'har', 'none']);
export type CheckoutPolicy = z.infer<typeof CheckoutPolicy>;

/** Past one of these an ingest ends with LimitExceeded; what was archived before stays. */
export const IngestLimits = z.strictObject({
  /** Bytes of packs that one fetch may bring. */
  bytes: z.number().int().positive().default(64 * 2 ** 30),
  /** Objects that one fetch may bring. */
  objects: z.number().int().positive().default(50_000_000),
  /** Refs that the origin may advertise. */
  refs: z.number().int().positive().default(1_000_000),
  /** Bytes of memory that git may take for what the origin sends. */
  memory: z.number().int().positive().default(8 * 2 ** 30),
  /** Seconds that asking for refs and fetching may take; a timer counts 24 days at most. */
  seconds: z.number().int().positive().max(24 * 86400).default(6 * 3600),
});
export type IngestLimits = z.infer<typeof IngestLimits>;

export const IngestInput = z.strictObject({
  /** The origin: https, ssh or scp-like; http, git and paths where the configuration allows them. */
  url: z.string().min(1, 'the URL or path of the repository to back up'),
  name: RepositoryName.optional(),
  /** Where the repository's last visit came from, if it moved from there to `url`; said by sources, which know it by the forge's id. */
  formerUrl: z.string().min(1).optional(),
  credential: CredentialName.optional(),
  checkout: CheckoutPolicy.default('auto'),
  /** `none`: objects of Git LFS are left out. */
  lfs: LfsPolicy.default('auto'),
  limits: IngestLimits.default(() => IngestLimits.parse({})),
  /** `required`: the run waits for a person first, under an id of its own. */
  approval: z.enum(['required', 'waived']).default('waived'),
  /** How long it waits, in seconds. */
  expiresAfter: z.number().int().positive().max(30 * 86400).default(86400),
});
export type IngestInput = z.input<typeof IngestInput>;
export type IngestRequest = z.output<typeof IngestInput>;

/** What a backup that needs approval will do. Its hash is what a person approves. */
export interface IngestPlan {
  formatVersion: 1;
  repository: string;
  origin: string;
  credential: string | null;
  checkout: CheckoutPolicy;
  /** Missing in plans of before: none. */
  lfs?: LfsPolicy;
  limits: IngestLimits;
}

/** A backup that waits, or waited, for approval. */
export interface IngestApproval {
  state: 'awaiting approval' | 'approved' | 'rejected' | 'expired';
  planHash: string;
  plan: IngestPlan;
  expires: string;
}

export interface IngestResult {
  repository: string;
  origin: string;
  /** Number of the visit that this run wrote. */
  visit: number;
  /** Id of the snapshot that the visit found (`swh:1:snp:…`). */
  snapshot: string;
  /** True when the origin was as the visit before had found it. */
  unchanged: boolean;
  head: string | null;
  refs: number;
  changes: RefChanges;
  /** The gate holds: `current` stays at an earlier visit until somebody accepts this one. */
  held?: true;
  newPacks: number;
  newObjects: number;
  newBytes: number;
  /** Events published: one a new commit, and the snapshot's. */
  events: number;
  /** The event log was down: nothing is published yet, and a run of its own publishes it when the log is back. */
  eventsPending?: true;
  /** What could not be archived because the origin itself lacks it. */
  holes: number;
  /** Objects of Git LFS; missing: there are none, or nobody looked. */
  lfs?: { objects: number; bytes: number; missing: number };
  /** Visit time, ISO 8601 UTC. */
  time: string;
}

/** Where an ingest is; in heartbeats, current details and progress bars. */
export interface Progress {
  phase: string;
  /** Objects or files done, where the phase counts them. */
  done?: number;
  total?: number;
  bytes?: number;
  /** A turn of a conversation, whole each time; with `phase` `answering`. */
  turn?: TurnProgress;
  /** An ingest that needs approval. */
  approval?: IngestApproval;
  /** Log entries that came since the last word. */
  entries?: LogLine[];
  /** The run of a committed pipeline on its forge, whole each time. */
  run?: WatchedPipeline;
}

/** One run's job, handed from step to step; what is large stays in the worker's cache under `runId`. */
export interface IngestJob {
  repository: string;
  origin: string;
  credential: string | null;
  checkout: CheckoutPolicy;
  /** Missing in runs that began before there was one: none. */
  lfs?: LfsPolicy;
  limits: IngestLimits;
  workflowId: string;
  runId: string;
}

/** What `claimRepository` found: the checked job, and the queue of the worker that will do all of it. */
export interface Claim {
  job: IngestJob;
  queue: string;
}

export interface FetchOutcome {
  /** The origin is as the last visit found it: no packs to put, no checkout. */
  unchanged: boolean;
  refs: number;
  /** Objects of Git LFS must be looked at although the origin is unchanged: nobody did yet, or some are missing. */
  lfs?: true;
}

export interface PacksOutcome {
  newPacks: number;
  newObjects: number;
  newBytes: number;
}

/** What `putVisit` committed; everything of IngestResult but the events. */
export type VisitOutcome = Omit<IngestResult, 'events' | 'eventsPending'>;
