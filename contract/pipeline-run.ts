// A run of the workflow `pipeline`: what goes into it, what it says of itself, what is kept of it, and what became of it.
import { z } from 'zod';
import { CredentialName } from './ingest.ts';
import { RepositoryName } from './names.ts';
import type { CiSystem, PipelineProposal, PipelineStatus, WatchedPipeline } from './pipeline.ts';

export const PipelineInput = z.strictObject({
  repository: RepositoryName,
  /** What is analysed: commit, snapshot id, instant, branch or tag; `latest` when none is given. */
  point: z.string().min(1).max(4096).default('latest'),
  /** URL of the repository that the files are committed to; the origin's where none is given. */
  forge: z.string().min(1).max(4096).optional(),
  /** For which system, where the forge does not tell. */
  system: z.enum(['gitlab', 'github']).optional(),
  /** What the person asked for, in words; it ranks templates. */
  wish: z.string().min(1).max(2_000).optional(),
  credential: CredentialName.optional(),
  /** How long an unapproved proposal stays valid, in seconds. */
  expiresAfter: z.number().int().positive().max(30 * 86400).default(86400),
  /** How long the run on the forge is watched, in seconds. */
  watchFor: z.number().int().positive().max(86400).default(6 * 3600),
  /** Who asked, as authenticated by the door the request came through. */
  requestedBy: z.string().max(200).default('unknown'),
  /** The worker whose home keeps the proposal; none: any worker. */
  worker: z.string().min(1).max(100).optional(),
});
export type PipelineInput = z.input<typeof PipelineInput>;
export type PipelineRequest = z.output<typeof PipelineInput>;

/** One run, handed from step to step. */
export interface PipelineJob {
  pipelineId: string;
  workflow: { id: string; runId: string };
  request: PipelineRequest;
}

/** The id of a pipeline: what follows `pipeline:` in its workflow's id; for a run under any other id that id and the beginning of the run's own. */
export function pipelineIdOf({ workflowId, runId }: { workflowId: string; runId: string }): string {
  const named = /^pipeline:([A-Za-z0-9][A-Za-z0-9._-]{0,99})$/.exec(workflowId)?.[1];
  return named ?? `${workflowId.replace(/[^A-Za-z0-9_-]+/g, '-').replace(/^[-_]+/, '').slice(0, 60)}-${runId.slice(0, 8)}`;
}

/** What travels through the history instead of the files. */
export interface PipelinePreview {
  repository: string;
  /** Commit that was analysed. */
  commit: string;
  /** URL of the repository that the files go to. */
  forge: string;
  system: CiSystem;
  files: { path: string; bytes: number; replaces: boolean }[];
  stages: string[];
  jobs: number;
  templates: string[];
  errors: number;
  warnings: number;
  writtenBy: string;
}

export interface ProposedPipeline {
  /** SHA-256 of what is approved; `proposalHash` of contract/pipeline.ts. */
  proposalHash: string;
  preview: PipelinePreview;
}

/** Where the commit begins, and what it is merged into. */
export interface CommitPlace {
  branch: string;
  base: string;
  into: string;
}

/** A job that failed, and its log as `debug` finds it. */
export interface FailedJob {
  id: string;
  name: string;
  stage: string;
  /** The log's source in the log index; null where it could not be read, which `note` explains. */
  source: string | null;
  note: string | null;
}

/** Answer of the `status` query. */
export interface PipelineRunStatus {
  pipelineId: string;
  state: 'planning' | 'awaiting approval' | 'committing' | 'watching' | 'done' | 'rejected' | 'expired' | 'refused' | 'cancelled' | 'failed';
  /** The hash that is approved: of the proposal. */
  planHash: string | null;
  plan: PipelinePreview | null;
  expires: string | null;
  branch: string | null;
  commit: string | null;
  mergeRequest: string | null;
  run: WatchedPipeline | null;
  /** Until when a forge asked to be left alone. */
  waitsUntil: string | null;
}

/** What became of a pipeline that was approved. */
export interface PipelineOutcome {
  pipelineId: string;
  repository: string;
  system: CiSystem;
  proposalHash: string;
  requestedBy: string;
  approvedBy: string;
  branch: string;
  commit: string;
  mergeRequest: { url: string; number: number };
  /** The run as it was seen last; null where none began. */
  run: WatchedPipeline | null;
  /** False where it was not watched to its end: it waits for somebody, or took too long. */
  ended: boolean;
  failed: FailedJob[];
}

/** A row of the table `pipelines`. */
export interface PipelineRow {
  id: string;
  runId: string;
  repository: string;
  commit: string;
  forge: string;
  system: CiSystem;
  status: PipelineStatus;
  hash: string;
  proposal: PipelineProposal;
  requestedBy: string;
  approver: string | null;
  branch: string | null;
  commitId: string | null;
  mergeRequest: string | null;
  run: WatchedPipeline | null;
  failed: FailedJob[];
  /** Why it failed, was rejected or expired. */
  failure: string | null;
  created: string;
  updated: string;
}

/** What a run changes of its row. */
export type PipelineChange = Partial<Pick<PipelineRow, 'status' | 'approver' | 'branch' | 'commitId' | 'mergeRequest' | 'run' | 'failed' | 'failure'>>;

/** Port PipelineRows: where a worker keeps proposals. Every method fails with Unavailable when they cannot be kept now. */
export interface PipelineRows {
  /** Keeps a proposal; the row of that id where there is one already. */
  propose(row: PipelineRow): PipelineRow;
  find(id: string): PipelineRow | null;
  change(id: string, change: PipelineChange): void;
}
