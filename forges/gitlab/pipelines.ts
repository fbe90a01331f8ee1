// The newest pipeline of a commit or branch on GitLab, with its jobs.
import type { JobState, WatchedJob, WatchedPipeline } from '../../contract/pipeline.ts';
import type { GitlabProject } from './client.ts';

/** Pages of 100 jobs. */
const MOST_PAGES = 10;

/** GitLab's words for the state of a pipeline and of a job (its API, "Pipelines" and "Jobs"); an unknown one is taken for waiting. */
const STATES: Record<string, JobState> = { running: 'running', canceling: 'running', success: 'passed', failed: 'failed', canceled: 'cancelled', skipped: 'skipped' };

const stateOf = (status: string): JobState => STATES[status] ?? 'waiting';

/** Null while there is none. */
export async function pipelineOf(project: GitlabProject, { commit, branch }: { commit?: string; branch?: string }, signal: AbortSignal | undefined): Promise<WatchedPipeline | null> {
  const { pipelines, jobs } = project.ask(signal);
  const which = { ...(commit === undefined ? {} : { sha: commit }), ...(branch === undefined ? {} : { ref: branch }) };
  const [newest] = await pipelines.all(project.path, { ...which, orderBy: 'id', sort: 'desc', perPage: 1, page: 1 });
  if (newest === undefined) return null;
  const found = await jobs.all(project.path, { pipelineId: newest.id, perPage: 100, maxPages: MOST_PAGES });
  return { id: String(newest.id), url: newest.web_url, commit: newest.sha, state: stateOf(newest.status), jobs: found.toSorted((one, other) => one.id - other.id).map(watched) };
}

function watched({ id, name, stage, status, duration, web_url: url }: { id: number; name: string; stage: string; status: string; duration?: number | null; web_url: string }): WatchedJob {
  const state = stateOf(status);
  return { id: String(id), name, stage, state, seconds: state === 'waiting' || duration === undefined || duration === null ? null : Math.round(duration), url };
}
