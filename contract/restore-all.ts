// The words of a restore of many: what goes in, the one plan that a person approves, and the receipt of receipts.
import { z } from 'zod';
import type { FailureReport } from './failures.ts';
import { CredentialName } from './ingest.ts';
import { RepositoryName } from './names.ts';
import { RestoreInput, type PlanAction, type RestoreRequest } from './restore.ts';
import { SourceName } from './source.ts';

/** What may be planned: which repositories, as they were when, to where. */
export const RestoreAllChoice = z.strictObject({
  /** Names in the archive. Default: every repository that it has. */
  repositories: z.array(RepositoryName).min(1).max(10_000).optional(),
  /** Only those that this source of the home lists, or once listed. */
  source: SourceName.optional(),
  /** Only names that match one of these: `*` stands for any characters, `?` for one. */
  only: z.array(z.string().min(1).max(200)).max(100).default([]),
  /** `latest`, `current` (the last state that the gate let through), or an instant: of each repository its last visit at or before it. */
  at: z.string().min(1).max(100).default('latest'),
  /** A folder, in which each repository becomes a bare one; or the URL of an owner on a forge or of a git server, below which each has its name. */
  target: z.string().min(1, 'where to restore to: a folder, or the URL of an owner on a forge'),
  credential: CredentialName.optional(),
  engine: z.enum(['local', 'spark']).default('local'),
  /** As of one restore. */
  lfs: RestoreInput.shape.lfs,
});

export const RestoreAllInput = RestoreAllChoice.extend({
  /** Repositories that are restored at the same time. */
  atOnce: z.number().int().positive().max(64).default(4),
  approval: z.enum(['required', 'waived']).default('required'),
  /** How long an unapproved plan stays valid, in seconds. */
  expiresAfter: z.number().int().positive().max(30 * 86400).default(86400),
  /** Who asked, as authenticated by the door the request came through. */
  requestedBy: z.string().max(200).default('unknown'),
});
export type RestoreAllChoice = z.output<typeof RestoreAllChoice>;
export type RestoreAllInput = z.input<typeof RestoreAllInput>;
export type RestoreAllRequest = z.output<typeof RestoreAllInput>;

/** One run, handed from step to step. */
export interface RestoreAllJob {
  restoreId: string;
  workflow: { id: string; runId: string };
  request: RestoreAllRequest;
}

/** One repository of the choice and where it goes, before anything of it was planned. */
export interface ChosenRestore {
  repository: string;
  target: string;
  /** Why it cannot be restored whatever its plan would say: two want the same name at the target. */
  refused: FailureReport | null;
}

/** `ready`: its plan can be carried out. `nothing`: it was not backed up yet at that instant. `refused`: it cannot be restored there. */
export type RestoreAllState = 'ready' | 'nothing' | 'refused';

/** One repository in the plan of many. */
export interface RestoreAllRow {
  repository: string;
  target: string;
  state: RestoreAllState;
  /** Hash of its own plan, which is in the store under its own id; null where it has none. */
  planHash: string | null;
  visit: { seq: number; time: string } | null;
  refs: Record<PlanAction, number>;
  packs: number;
  bytes: number;
  /** `folder`: PIVO makes the repository at a path; `forge`: by the forge's API, private; null: it is there. */
  makes: 'folder' | 'forge' | null;
  warnings: string[];
  /** Why it is not ready. */
  reason: FailureReport | null;
}

export interface RestoreAllSums extends Record<RestoreAllState, number> {
  repositories: number;
  refs: Record<PlanAction, number>;
  packs: number;
  bytes: number;
  /** Repositories that PIVO makes. */
  makes: number;
}

/** What a restore of many will do, repository by repository, in byte order of their names. Its hash is what a person approves. */
export interface RestoreAllPlan {
  formatVersion: 1;
  at: string;
  target: string;
  targetKind: 'folder' | 'remote';
  engine: RestoreRequest['engine'];
  sums: RestoreAllSums;
  repositories: RestoreAllRow[];
}

/** What travels through the history instead of a plan of thousands. */
export interface RestoreAllSummary {
  planHash: string;
  /** The plan with its first PLAN_ROWS repositories only; those that are not ready come first. */
  excerpt: RestoreAllPlan;
}

/** A repository whose plan is to be carried out. */
export interface PlannedMember {
  repository: string;
  target: string;
  planHash: string;
  makes: RestoreAllRow['makes'];
}

/** `restored`: proven at the target, where something of it was missing. `unchanged`: it was there already, and is proven. */
export type MemberOutcome = 'restored' | 'unchanged' | 'failed' | 'refused' | 'nothing' | 'not begun';

/** What became of one repository. */
export interface MemberReceipt {
  repository: string;
  target: string;
  outcome: MemberOutcome;
  /** Id of its own restore; its receipt is in the store under it. */
  restoreId: string | null;
  planHash: string | null;
  /** SHA-256 of its receipt's file; null without one. */
  receipt: string | null;
  /** As in its receipt. */
  proof: { planned: string; observed: string; refs: number; objects: number; bytesVerified: number } | null;
  head: { restored: boolean; note?: string } | null;
  /** As in its receipt: what was left out, what of Git LFS is missing, and the like. */
  warnings: string[];
  failure: FailureReport | null;
}

/** The receipt of receipts. */
export interface RestoreAllReceipt {
  formatVersion: 1;
  restoreId: string;
  planHash: string;
  at: string;
  target: string;
  engine: string;
  /** `partly`: some repositories did not come back. */
  outcome: 'done' | 'partly' | 'cancelled';
  requestedBy: string;
  approvedBy: string | null;
  workflow: { id: string; runId: string };
  started: string;
  /** When the plan was made and approved, and its first step began. */
  begun: string;
  finished: string;
  counts: Record<MemberOutcome, number> & { repositories: number };
  objects: number;
  bytesVerified: number;
  /** Proven repositories a minute, from `begun` to `finished`. */
  repositoriesAMinute: number;
  /** Whole in the stored receipt; those that are not back first, PLAN_ROWS of them, in a workflow's result. */
  receipts: MemberReceipt[];
  /** SHA-256 over the canonical JSON of all the rest of the stored receipt. */
  sha256: string;
}

/** Answer of the `status` query of a restore of many. */
export interface RestoreAllStatus {
  restoreId: string;
  state: 'planning' | 'awaiting approval' | 'reconstructing' | 'restoring' | 'reporting' | 'done' | 'rejected' | 'expired' | 'refused' | 'cancelled' | 'failed';
  planHash: string | null;
  /** The excerpt of the plan. */
  plan: RestoreAllPlan | null;
  expires: string | null;
  /** How far the state is: repositories planned, or restored. */
  progress: { done: number; total: number; failed: number };
  running: string[];
  receipt: RestoreAllReceipt | null;
}

/** Id of the restore of one of them. */
export const memberRestoreId = (restoreId: string, repository: string): string => `${restoreId}.${repository}`;

/** What one of them is asked, as any restore. */
export function memberRequest({ at, credential, engine, lfs, requestedBy }: RestoreAllChoice & { requestedBy?: string }, { repository, target }: Pick<ChosenRestore, 'repository' | 'target'>): RestoreRequest {
  return RestoreInput.parse({ repository, target, point: at, engine, lfs, ...(requestedBy === undefined ? {} : { requestedBy }), ...(credential === undefined ? {} : { credential }) });
}
