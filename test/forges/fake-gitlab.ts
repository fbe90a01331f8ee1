// A GitLab of one project on loopback, as its API's documentation describes it.
import type { BranchSchema, CommitDiffSchema, CommitSchema, JobSchema, LintSchema, MergeRequestSchema, PipelineSchema, ProjectSchema, RepositoryFileExpandedSchema } from '@gitbeaker/rest';
import { createHash } from 'node:crypto';
import type { JobState } from '../../contract/pipeline.ts';
import { NAME, OWNER, startFakeForge, type Answer, type Asked, type FakeForge, type FakeRequest, type FakeRun, type ForgeState, type Routes } from './fake-forge.ts';
import type { ChangedFile } from './git-model.ts';

const PROJECT = 7;
const STATES: Record<JobState, string> = { waiting: 'pending', running: 'running', passed: 'success', failed: 'failed', cancelled: 'canceled', skipped: 'skipped' };

const refused = (status: number, message: unknown): Answer => ({ status, body: { message } });
const lost = (what: string): Answer => refused(404, `404 ${what} Not Found`);

export const startFakeGitlab = (): Promise<FakeForge> =>
  startFakeForge({
    prefix: '/api/v4',
    routes: routesOf,
    unauthorized: refused(401, '401 Unauthorized'),
    limited: (reset) => ({ status: 429, body: 'Retry later\n', headers: { 'ratelimit-limit': '60', 'ratelimit-observed': '61', 'ratelimit-remaining': '0', 'ratelimit-reset': String(reset), 'retry-after': String(reset - Math.floor(Date.now() / 1000)) } }),
    headers: { 'x-gitlab-meta': '{"version":"1"}', vary: 'Origin' },
  });

function routesOf(state: ForgeState): Routes {
  const { git } = state;
  const ofProject = (act: (asked: Asked) => Answer) => (asked: Asked): Answer => (asked.parts[0] === `${OWNER}/${NAME}` || asked.parts[0] === String(PROJECT) ? act(asked) : lost('Project'));
  const routes: Routes = {
    'GET /projects/{id}': () => ({ status: 200, body: { id: PROJECT, path_with_namespace: `${OWNER}/${NAME}`, default_branch: git.branches.size === 0 ? (null as unknown as string) : state.defaultBranch, web_url: `${state.web}/${OWNER}/${NAME}` } satisfies Partial<ProjectSchema> }),
    'GET /projects/{id}/repository/branches/{branch}': ({ parts: [, branch = ''] }) => {
      const head = git.branches.get(branch);
      if (head === undefined) return lost('Branch');
      return { status: 200, body: { name: branch, protected: git.protectedBranches.has(branch), default: branch === state.defaultBranch, commit: commitOf(state, head) as BranchSchema['commit'] } satisfies Partial<BranchSchema> };
    },
    'GET /projects/{id}/repository/files/{file_path}': ({ parts: [, path = ''], query }) => fileOf(state, path, query.get('ref') ?? 'HEAD'),
    'POST /projects/{id}/repository/commits': (asked) => commit(state, asked.body as CommitBody),
    'GET /projects/{id}/repository/commits/{sha}': ({ parts: [, sha = ''] }) => (git.resolve(sha) === undefined ? lost('Commit') : { status: 200, body: commitOf(state, sha) }),
    'GET /projects/{id}/repository/commits/{sha}/diff': (asked) => paged(asked, diffOf(state, asked.parts[1] ?? '')),
    'GET /projects/{id}/merge_requests': (asked) => paged(asked, state.requests.filter((each) => isMeant(each, asked.query)).map((each) => requestOf(state, each))),
    'POST /projects/{id}/merge_requests': ({ body }) => openRequest(state, body as RequestBody),
    'GET /projects/{id}/pipelines': (asked) => paged(asked, pipelinesOf(state, asked.query)),
    'GET /projects/{id}/pipelines/{pipeline_id}/jobs': (asked) => {
      const run = state.runs.find(({ id }) => String(id) === asked.parts[1]);
      return run === undefined ? lost('Pipeline') : paged(asked, jobsOf(state, run));
    },
    'GET /projects/{id}/jobs/{job_id}/trace': ({ parts: [, id] }) => {
      const job = state.runs.flatMap(({ jobs }) => jobs).find((each) => String(each.id) === id);
      return job === undefined ? lost('Job') : { status: 200, body: job.log ?? '' };
    },
    'GET /projects/{id}/variables': (asked) => paged(asked, state.variables.map(({ name, masked }) => ({ variable_type: 'env_var', key: name, value: `value-of-${name}`, hidden: false, protected: false, masked, raw: false, environment_scope: '*', description: null }))),
    'POST /projects/{id}/ci/lint': ({ body }) => ({ status: 200, body: lintOf((body as { content?: string }).content ?? '') }),
  };
  return Object.fromEntries(Object.entries(routes).map(([route, act]) => [route, ofProject(act)]));
}

/** Pages of 20, or as asked; the next one by the header Link. */
function paged(asked: Asked, all: readonly unknown[]): Answer {
  const [page, size] = [Number(asked.query.get('page') ?? 1), Number(asked.query.get('per_page') ?? 20)];
  const next = new URLSearchParams(asked.query);
  next.set('page', String(page + 1));
  const link = page * size < all.length ? { link: `<http://${asked.headers.host}${asked.path}?${next.toString()}>; rel="next"` } : {};
  return { status: 200, body: all.slice((page - 1) * size, page * size), headers: { 'x-page': String(page), 'x-per-page': String(size), 'x-total': String(all.length), ...link } };
}

function commitOf({ git, web }: ForgeState, id: string): Partial<CommitSchema> {
  const { parents, message, time } = git.at(id);
  return { id, short_id: id.slice(0, 8), title: message.split('\n')[0] ?? '', message, parent_ids: parents, committed_date: new Date(time * 1000).toISOString(), web_url: `${web}/${OWNER}/${NAME}/-/commit/${id}` };
}

function fileOf({ git }: ForgeState, path: string, ref: string): Answer {
  const at = git.resolve(ref);
  if (at === undefined) return lost('Commit');
  const entry = git.entry(at, path);
  const bytes = entry?.type === 'blob' ? git.blobs.get(entry.sha) : undefined;
  if (entry === undefined || bytes === undefined) return lost('File');
  const body: RepositoryFileExpandedSchema = { file_name: path.split('/').at(-1) ?? '', file_path: path, size: bytes.length, encoding: 'base64', content: bytes.toString('base64'), content_sha256: createHash('sha256').update(bytes).digest('hex'), ref, blob_id: entry.sha, commit_id: at, last_commit_id: git.lastChange(at, path), execute_filemode: entry.mode === '100755' };
  return { status: 200, body };
}

interface CommitBody {
  branch?: string;
  commit_message?: string;
  start_sha?: string;
  force?: boolean;
  actions?: { action?: string; file_path?: string; content?: string; last_commit_id?: string }[];
}

/** As GitLab's service for several files does it: all or nothing. */
function commit(state: ForgeState, { branch, commit_message: message, start_sha: start, force, actions = [], ...unknown }: CommitBody): Answer {
  const { git } = state;
  if (branch === undefined || message === undefined || actions.length === 0) return { status: 400, body: { error: 'branch, commit_message or actions is missing' } };
  if (Object.keys(unknown).length > 0) return { status: 400, body: { error: `${Object.keys(unknown).join()} is unknown` } };
  if (git.protectedBranches.has(branch)) return refused(403, '403 Forbidden - You are not allowed to push into this branch');
  const head = git.branches.get(branch);
  if (head !== undefined && start !== undefined && force !== true) return refused(400, `A branch called '${branch}' already exists. Switch to that branch in order to make changes`);
  const from = start ?? head;
  if (from === undefined || !git.commits.has(from)) return refused(400, 'You can only create or edit files when you are on a branch');
  const files: ChangedFile[] = [];
  for (const { action, file_path: path = '', content = '', last_commit_id: last } of actions) {
    const entry = git.entry(from, path);
    if (action === 'create' && entry !== undefined) return refused(400, 'A file with this name already exists');
    if (action === 'update' && entry === undefined) return refused(400, "A file with this name doesn't exist");
    if (last !== undefined && git.lastChange(from, path) !== last) return refused(400, `The file has changed since you started editing it: ${path}`);
    files.push({ path, content, ...(entry === undefined ? {} : { mode: entry.mode }) });
  }
  const id = git.commit(git.treeWith(git.at(from).tree, files), [from], message);
  git.branches.set(branch, id);
  return { status: 201, body: commitOf(state, id) };
}

function diffOf({ git }: ForgeState, commit: string): Partial<CommitDiffSchema>[] {
  const [parent] = git.at(commit).parents;
  return (parent === undefined ? [...git.files(commit).keys()] : git.changed(commit, parent)).map((path) => ({ old_path: path, new_path: path, new_file: parent === undefined || git.entry(parent, path) === undefined, renamed_file: false, deleted_file: git.entry(commit, path) === undefined, diff: '' }));
}

interface RequestBody {
  source_branch?: string;
  target_branch?: string;
  title?: string;
  description?: string;
}

const isMeant = ({ source, target, state }: FakeRequest, query: URLSearchParams): boolean =>
  source === (query.get('source_branch') ?? source) && target === (query.get('target_branch') ?? target) && (query.get('state') !== 'opened' || state === 'open');

function requestOf({ web }: ForgeState, { number, source, target, title, body, state }: FakeRequest): Partial<MergeRequestSchema> {
  return { id: 1_000 + number, iid: number, title, description: body, state: state === 'open' ? 'opened' : 'closed', source_branch: source, target_branch: target, source_project_id: PROJECT, target_project_id: PROJECT, web_url: `${web}/${OWNER}/${NAME}/-/merge_requests/${number}` };
}

function openRequest(state: ForgeState, { source_branch: source, target_branch: target, title, description = '' }: RequestBody): Answer {
  if (source === undefined || target === undefined || title === undefined) return { status: 400, body: { error: 'title is missing' } };
  if (!state.git.branches.has(source)) return refused(422, { source_branch: ['does not exist'] });
  const open = state.requests.find((each) => each.source === source && each.target === target && each.state === 'open');
  if (open !== undefined) return refused(409, [`Another open merge request already exists for this source branch: !${open.number}`]);
  const made: FakeRequest = { number: state.requests.length + 1, source, target, title, body: description, state: 'open' };
  state.requests.push(made);
  return { status: 201, body: requestOf(state, made) };
}

function pipelinesOf({ runs, web }: ForgeState, query: URLSearchParams): Partial<PipelineSchema>[] {
  const meant = runs.filter(({ commit, branch }) => commit === (query.get('sha') ?? commit) && branch === (query.get('ref') ?? branch));
  const sorted = meant.toSorted((one, other) => (query.get('sort') === 'asc' ? one.id - other.id : other.id - one.id));
  return sorted.map(({ id, commit, branch, state }) => ({ id, iid: id, project_id: PROJECT, sha: commit, ref: branch, status: STATES[state], source: 'push', web_url: `${web}/${OWNER}/${NAME}/-/pipelines/${id}` }));
}

/** The newest first, as GitLab has them. */
function jobsOf({ web }: ForgeState, { jobs }: FakeRun): Partial<JobSchema>[] {
  return jobs.map(({ id, name, stage, state, seconds }) => ({ id, name, stage, status: STATES[state], allow_failure: false, ...(seconds === null ? {} : { duration: seconds + 0.25 }), web_url: `${web}/${OWNER}/${NAME}/-/jobs/${id}` })).reverse();
}

/** The few rules that tests need. */
function lintOf(content: string): LintSchema {
  const [line] = content.split('\n').flatMap((text, index) => (text.includes('\t') ? [index + 1] : []));
  const errors = [...(line === undefined ? [] : [`(<unknown>): found character that cannot start any token while scanning for the next token at line ${line} column 1`]), ...(content.includes('script') ? [] : ['jobs config should contain at least one visible job'])];
  return { valid: errors.length === 0, errors, warnings: content.includes('only:') ? ['jobs:test may allow multiple pipelines to run'] : [], merged_yaml: content };
}
