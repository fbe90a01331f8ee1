// What goes into a restore, the plan that a person approves, and the receipt that proves what was done.
import { z } from 'zod';
import type { LfsRestored } from './lfs.ts';
import { RepositoryName } from './names.ts';
import { CredentialName } from './ingest.ts';

export const RestoreInput = z.strictObject({
  repository: RepositoryName,
  /** A remote URL, or a path: `x.git` becomes a bare repository, `x` a working clone. */
  target: z.string().min(1, 'where to restore to: a URL or a path'),
  /** Commit (full or short), snapshot id, instant, branch or tag; `latest` when none is given. */
  point: z.string().min(1).default('latest'),
  /** `default`: all refs of an instant or snapshot, one branch for a commit. `all`: every ref of the visit. Or full ref names. */
  refs: z.union([z.enum(['default', 'all']), z.array(z.string().startsWith('refs/')).min(1)]).default('default'),
  credential: CredentialName.optional(),
  engine: z.enum(['local', 'spark']).default('local'),
  /** `none`: only the pointers of Git LFS come back; also the way when one of its objects is damaged. */
  lfs: z.enum(['auto', 'none']).default('auto'),
  approval: z.enum(['required', 'waived']).default('required'),
  /** How long an unapproved plan stays valid, in seconds. */
  expiresAfter: z.number().int().positive().max(30 * 86400).default(86400),
  /** Who asked, as authenticated by the door the request came through. */
  requestedBy: z.string().max(200).default('unknown'),
});
export type RestoreInput = z.input<typeof RestoreInput>;
export type RestoreRequest = z.output<typeof RestoreInput>;

export type PlanAction = 'create' | 'fast-forward' | 'unchanged' | 'refuse';

export interface PlannedRef {
  name: string;
  /** Object id at the target now; null when the ref does not exist there. */
  old: string | null;
  new: string;
  action: PlanAction;
  /** Why a ref is refused, in words. */
  reason?: string;
  /** A refusal that stops the whole restore: the ref collides with what is there, or was asked for by name. */
  blocks?: true;
  /** For a tag object: what it finally points to. */
  peeled?: string;
}

/** Objects of Git LFS that planned refs' history points to. */
export interface PlannedLfs {
  objects: number;
  bytes: number;
  /** Of these, not in the archive: their pointers come back alone. */
  missing: number;
  /** Why the target takes none; null: it takes them, or that is not known yet. */
  refused: string | null;
}

/** What a restore will do, ref by ref. Its hash is what a person approves. */
export interface RestorePlan {
  formatVersion: 1;
  repository: string;
  origin: string;
  target: string;
  targetKind: 'remote' | 'bare' | 'working';
  point: { asked: string; kind: string; visit: number; snapshot: string; commit: string | null };
  objectFormat: 'sha1' | 'sha256';
  refs: PlannedRef[];
  /** HEAD as archived: a branch name, or a commit when detached. */
  head: { symref: string | null; oid: string | null };
  /** Packs that must be whole for this restore. */
  packs: { name: string; bytes: number; /** The visit that proves it, where that is not the point's: a repair's. */ visit?: number }[];
  /** Commits whose parents the archive lacks because the origin was shallow. */
  shallow: string[];
  /** Missing: there are none. */
  lfs?: PlannedLfs;
  /** True when the target is a path that holds nothing yet: PIVO makes the repository there. */
  makesTarget: boolean;
  /** The repository itself is made first, by the forge's API; of a restore of many only. */
  creates?: true;
  warnings: string[];
}

/** One run's restore, handed from step to step. */
export interface RestoreJob {
  restoreId: string;
  workflow: { id: string; runId: string };
  request: RestoreRequest;
}

/**
 * The id of a restore: what follows `restore:` in its workflow's id; for a run under any other id that id, with
 * what no store's path may hold replaced, and the beginning of the run's own id.
 */
export function restoreIdOf({ workflowId, runId }: { workflowId: string; runId: string }): string {
  const named = /^restore:([A-Za-z0-9][A-Za-z0-9._-]{0,99})$/.exec(workflowId)?.[1];
  return named ?? `${workflowId.replace(/[^A-Za-z0-9_-]+/g, '-').replace(/^[-_]+/, '').slice(0, 60)}-${runId.slice(0, 8)}`;
}

/** What travels through the history instead of a plan that may name a million refs. */
export interface PlanSummary {
  planHash: string;
  /** Where the whole plan lies in the store. */
  path: string;
  counts: Record<PlanAction, number>;
  /** The plan with its first PLAN_ROWS refs and packs only; refused refs come first, then those that change. */
  excerpt: RestorePlan;
  /** Queue of the worker that will do all of it. */
  queue: string;
}

/** Most refs and packs that a plan shows in a workflow's history, status and result. */
export const PLAN_ROWS = 200;

/** What an engine made ready to push, and what it checked on the way. */
export interface Reconstruction {
  /** Folder of the bare repository with exactly the planned refs, on the worker's machine. */
  gitDir: string;
  packsVerified: number;
  bytesVerified: number;
}

/** What was sent to the target. */
export interface PushOutcome {
  /** Objects sent, or reachable where nothing had to be sent. */
  objects: number;
  head: { restored: boolean; note?: string };
  /** Missing: there are no objects of Git LFS. */
  lfs?: LfsRestored;
  warnings: string[];
}

export interface RestoreReceipt {
  formatVersion: 1;
  restoreId: string;
  planHash: string;
  /** Whole in the stored receipt; the excerpt in a workflow's result. */
  plan: RestorePlan;
  outcome: 'done';
  requestedBy: string;
  approvedBy: string | null;
  engine: string;
  workflow: { id: string; runId: string };
  started: string;
  finished: string;
  pushed: { created: number; updated: number; unchanged: number; refused: number };
  head: { restored: boolean; note?: string };
  /** Missing: there are no objects of Git LFS. */
  lfs?: LfsRestored;
  /** SHA-256 over `oid SP ref LF` of every planned ref in byte order: as planned, and as the target answered afterwards. */
  proof: { planned: string; observed: string; refs: number; objects: number; packsVerified: number; bytesVerified: number };
  warnings: string[];
}

/** Answer of the `status` query of a restore. */
export interface RestoreStatus {
  restoreId: string;
  state: 'planning' | 'awaiting approval' | 'reconstructing' | 'pushing' | 'verifying' | 'done' | 'rejected' | 'expired' | 'refused' | 'cancelled' | 'failed';
  planHash: string | null;
  /** The excerpt of the plan. */
  plan: RestorePlan | null;
  counts: Record<PlanAction, number> | null;
  expires: string | null;
  receipt: RestoreReceipt | null;
}

export const ApproveInput = z.strictObject({ planHash: z.string().regex(/^[0-9a-f]{64}$/, 'the hash of the plan, 64 hex digits, as `pivo approvals` shows it'), approver: z.string().min(1).max(200).default('unverified') });
export const RejectInput = z.strictObject({ planHash: z.string().regex(/^[0-9a-f]{64}$/).optional(), approver: z.string().min(1).max(200).default('unverified'), reason: z.string().max(2000).optional() });
export type ApproveInput = z.input<typeof ApproveInput>;
export type RejectInput = z.input<typeof RejectInput>;
