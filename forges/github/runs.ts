// The workflow runs of one commit on GitHub as one view, with the jobs of each.
import type { Octokit } from '@octokit/rest';
import type { JobState, WatchedJob, WatchedPipeline } from '../../contract/pipeline.ts';
import { of, type GithubRepository } from './client.ts';

type Run = Awaited<ReturnType<Octokit['rest']['actions']['listWorkflowRunsForRepo']>>['data']['workflow_runs'][number];
type Job = Awaited<ReturnType<Octokit['rest']['actions']['listJobsForWorkflowRun']>>['data']['jobs'][number];

/** Pages of 100 jobs of one run; GitHub allows 256 jobs of a matrix. */
const MOST_PAGES = 10;

/** All workflows of the commit, or of the branch's newest commit that has any; null while there is none. */
export async function runsOf(repository: GithubRepository, { commit, branch }: { commit?: string; branch?: string }, signal: AbortSignal | undefined): Promise<WatchedPipeline | null> {
  const { data } = await repository.rest.actions.listWorkflowRunsForRepo({ ...of(repository, signal), ...(commit === undefined ? {} : { head_sha: commit }), ...(branch === undefined ? {} : { branch }), per_page: 100 });
  const newest = data.workflow_runs.toSorted((one, other) => other.id - one.id)[0];
  if (newest === undefined) return null;
  const runs = newestOfEach(data.workflow_runs.filter(({ head_sha: sha }) => sha === newest.head_sha));
  const jobs: WatchedJob[] = [];
  for (const run of runs) jobs.push(...(await jobsOf(repository, run, signal)));
  const [only, ...more] = runs;
  const url = more.length === 0 && only !== undefined ? only.html_url : `${newest.repository.html_url}/commit/${newest.head_sha}/checks`;
  return { id: runs.map(({ id }) => id).join('+'), url, commit: newest.head_sha, state: together(runs.map(stateOf)), jobs };
}

/** A workflow that ran again for the same reason counts once. */
function newestOfEach(runs: readonly Run[]): Run[] {
  const newest = new Map<string, Run>();
  for (const run of runs) {
    const reason = `${run.workflow_id} ${run.event}`;
    if (run.id > (newest.get(reason)?.id ?? 0)) newest.set(reason, run);
  }
  return [...newest.values()].toSorted((one, other) => one.id - other.id);
}

async function jobsOf(repository: GithubRepository, run: Run, signal: AbortSignal | undefined): Promise<WatchedJob[]> {
  const jobs: WatchedJob[] = [];
  for (let page = 1; page <= MOST_PAGES; page++) {
    const { data } = await repository.rest.actions.listJobsForWorkflowRun({ ...of(repository, signal), run_id: run.id, per_page: 100, page });
    jobs.push(...data.jobs.map((job) => watched(job, run)));
    if (data.jobs.length === 0 || jobs.length >= data.total_count) break;
  }
  return jobs;
}

/** GitHub has no stages: a job stands under the name of its workflow. */
function watched(job: Job, run: Run): WatchedJob {
  const state = stateOf(job);
  const begun = Date.parse(job.started_at);
  const ended = job.completed_at === null ? Date.now() : Date.parse(job.completed_at);
  const seconds = state === 'waiting' || Number.isNaN(begun) ? null : Math.max(0, Math.round((ended - begun) / 1000));
  return { id: String(job.id), name: job.name, stage: run.name ?? run.path, state, seconds, url: job.html_url };
}

const CONCLUSIONS: Record<string, JobState> = { success: 'passed', neutral: 'passed', skipped: 'skipped', cancelled: 'cancelled', stale: 'cancelled', action_required: 'waiting' };

function stateOf({ status, conclusion }: { status: string | null; conclusion: string | null }): JobState {
  if (status === 'completed') return CONCLUSIONS[conclusion ?? ''] ?? 'failed';
  return status === 'in_progress' ? 'running' : 'waiting';
}

/** Of several runs: goes on while one does, and is as bad as the worst. */
function together(states: readonly JobState[]): JobState {
  const open = states.filter((state) => state === 'waiting' || state === 'running');
  if (open.length > 0) return open.length === states.length && !open.includes('running') ? 'waiting' : 'running';
  return (['failed', 'cancelled', 'passed'] as const).find((state) => states.includes(state)) ?? 'skipped';
}
