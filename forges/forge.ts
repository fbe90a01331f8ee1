// Port Forge: what PIVO asks of GitLab or GitHub for one repository: commit files on a branch, ask for a merge, watch the run.
import type { PipelineProblem, WatchedPipeline } from '../contract/pipeline.ts';

/** One repository on one forge. */
export interface ForgeRepository {
  /** `owner/name`, with all groups of GitLab. */
  path: string;
  defaultBranch: string;
  url: string;
}

export interface CommitOrder {
  branch: string;
  /** The commit that the branch begins at; the branch's head must be it, or the branch must not be there. */
  base: string;
  message: string;
  files: readonly { path: string; content: string; /** The blob that it replaces must have this content; null: nothing may be there. */ existing: string | null }[];
}

/**
 * Every method fails with Unavailable (with `retryAfter` seconds in its facts where the forge says so), CredentialMissing,
 * NotAllowed (a protected branch, a right that is missing, a redirect to another host), NotFound, Exists (a conflict), InvalidInput or
 * LimitExceeded (a longer answer than can be meant), and with the reason of a signal that is aborted. No message holds a token.
 */
export interface Forge {
  readonly kind: 'gitlab' | 'github';
  repository(signal?: AbortSignal): Promise<ForgeRepository>;
  /** The content of a file on a branch; null where there is none. */
  file(path: string, ref: string, signal?: AbortSignal): Promise<string | null>;
  /** The commit of a branch; null where there is none. */
  head(branch: string, signal?: AbortSignal): Promise<string | null>;
  /** Commits all files at once; the same order again gives the commit that it made. */
  commit(order: CommitOrder, signal?: AbortSignal): Promise<{ commit: string; url: string | null }>;
  /** Opens a merge or pull request from the branch, or gives the open one. */
  requestMerge(branch: string, into: string, title: string, body: string, signal?: AbortSignal): Promise<{ url: string; number: number }>;
  /** The newest run of a commit or branch, GitHub's workflows of one commit in one; null while there is none. */
  pipeline(of: { commit?: string; branch?: string }, signal?: AbortSignal): Promise<WatchedPipeline | null>;
  /** The log of a job, as it is and as it comes. Who stops reading ends the connection. NotFound where there is none (GitHub: not before the job's end). */
  jobLog(id: string, signal?: AbortSignal): AsyncIterable<Uint8Array>;
  /** What the forge's own lint says of a CI file; null where it has none. */
  lint(content: string, signal?: AbortSignal): Promise<PipelineProblem[] | null>;
  /** Names of the variables that the forge keeps secret for this repository's pipelines, sorted; none where the token may not see them. */
  variables(signal?: AbortSignal): Promise<string[]>;
}
