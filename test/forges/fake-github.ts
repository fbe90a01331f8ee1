// A GitHub of one repository on loopback; its published OpenAPI description checks each request and answer where it can be had.
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JobState } from '../../contract/pipeline.ts';
import { NAME, OWNER, startFakeForge, type Answer, type Asked, type FakeForge, type FakeRequest, type FakeRun, type ForgeState, type Routes } from './fake-forge.ts';
import type { TreeEntry } from './git-model.ts';
import type { Referee } from './openapi.ts';

const DOCUMENTATION = 'https://docs.github.com/rest';
const STATES: Record<JobState, { status: string; conclusion: string | null }> = {
  waiting: { status: 'queued', conclusion: null },
  running: { status: 'in_progress', conclusion: null },
  passed: { status: 'completed', conclusion: 'success' },
  failed: { status: 'completed', conclusion: 'failure' },
  cancelled: { status: 'completed', conclusion: 'cancelled' },
  skipped: { status: 'completed', conclusion: 'skipped' },
};

const refused = (status: number, message: string, errors?: unknown[]): Answer => ({ status, body: { message, documentation_url: DOCUMENTATION, status: String(status), ...(errors === undefined ? {} : { errors }) } });
const LOST = refused(404, 'Not Found');

export interface FakeGithub extends FakeForge {
  /** What the host of the logs was asked with. */
  logHost: { url: string; asked: IncomingHttpHeaders[] };
}

export async function startFakeGithub(referee: Referee | null): Promise<FakeGithub> {
  const logs = await startLogHost();
  const fake = await startFakeForge({
    prefix: '/api/v3',
    routes: (state) => routesOf(state, logs),
    unauthorized: refused(401, 'Bad credentials'),
    limited: (reset) => ({ ...refused(403, 'API rate limit exceeded for user ID 1.'), headers: { 'x-ratelimit-limit': '5000', 'x-ratelimit-remaining': '0', 'x-ratelimit-used': '5000', 'x-ratelimit-reset': String(reset), 'x-ratelimit-resource': 'core' } }),
    headers: { 'x-github-media-type': 'github.v3; format=json', 'x-ratelimit-limit': '5000', 'x-ratelimit-remaining': '4999', 'x-ratelimit-reset': '4102444800' },
    ...(referee === null ? {} : { referee }),
  });
  const closeApi = fake.close;
  return Object.assign(fake, {
    logHost: logs,
    async close() {
      logs.server.closeAllConnections();
      logs.server.close();
      await closeApi();
    },
  });
}

function routesOf(state: ForgeState, logs: LogHost): Routes {
  const { git } = state;
  const ofRepository = (act: (asked: Asked) => Answer) => (asked: Asked): Answer => (asked.parts[0] === OWNER && asked.parts[1] === NAME ? act({ ...asked, parts: asked.parts.slice(2) }) : LOST);
  const at = (path: string): string => `${state.api}/repos/${OWNER}/${NAME}${path}`;
  const refOf = (branch: string, sha: string): object => ({ ref: `refs/heads/${branch}`, node_id: 'R', url: at(`/git/refs/heads/${branch}`), object: { type: 'commit', sha, url: at(`/git/commits/${sha}`) } });
  const routes: Routes = {
    'GET /repos/{owner}/{repo}': () => ({ status: 200, body: repositoryOf(state) }),
    'GET /repos/{owner}/{repo}/contents/{path}': ({ parts: [path = ''], query }) => contentOf(state, path, query.get('ref') ?? state.defaultBranch),
    'GET /repos/{owner}/{repo}/git/ref/{ref}': ({ parts: [ref = ''] }) => {
      if (git.branches.size === 0) return refused(409, 'Git Repository is empty.');
      const branch = ref.replace(/^heads\//, '');
      const sha = git.branches.get(branch);
      return sha === undefined ? LOST : { status: 200, body: refOf(branch, sha) };
    },
    'POST /repos/{owner}/{repo}/git/refs': ({ body }) => {
      const { ref, sha } = body as { ref: string; sha: string };
      const branch = ref.replace(/^refs\/heads\//, '');
      if (git.branches.has(branch)) return refused(422, 'Reference already exists');
      if (!git.commits.has(sha)) return refused(422, 'Object does not exist');
      if (git.protectedBranches.has(branch)) return refused(422, 'Repository rule violations found\n\nCannot create ref due to creations being restricted.\n\n');
      git.branches.set(branch, sha);
      return { status: 201, body: refOf(branch, sha) };
    },
    'PATCH /repos/{owner}/{repo}/git/refs/{ref}': ({ parts: [ref = ''], body }) => {
      const { sha, force } = body as { sha: string; force?: boolean };
      const branch = ref.replace(/^heads\//, '');
      const head = git.branches.get(branch);
      if (head === undefined) return refused(422, 'Reference does not exist');
      if (git.protectedBranches.has(branch)) return refused(422, `Protected branch update failed for refs/heads/${branch}.`);
      if (force !== true && !git.isAncestor(head, sha)) return refused(422, 'Update is not a fast forward');
      git.branches.set(branch, sha);
      return { status: 200, body: refOf(branch, sha) };
    },
    'GET /repos/{owner}/{repo}/git/commits/{commit_sha}': ({ parts: [sha = ''] }) => (git.commits.has(sha) ? { status: 200, body: commitOf(state, sha) } : LOST),
    'POST /repos/{owner}/{repo}/git/commits': ({ body }) => {
      const { message, tree, parents } = body as { message: string; tree: string; parents: string[] };
      if (!git.trees.has(tree) || !parents.every((parent) => git.commits.has(parent))) return refused(422, 'Tree SHA does not exist');
      return { status: 201, body: commitOf(state, git.commit(tree, parents, message)) };
    },
    'GET /repos/{owner}/{repo}/git/trees/{tree_sha}': ({ parts: [sha = ''] }) => {
      const entries = git.trees.get(sha);
      return entries === undefined ? LOST : { status: 200, body: treeOf(state, sha, entries) };
    },
    'POST /repos/{owner}/{repo}/git/trees': ({ body }) => {
      const { base_tree: base, tree } = body as { base_tree: string; tree: { path: string; mode: string; content: string }[] };
      if (!git.trees.has(base)) return LOST;
      const sha = git.treeWith(base, tree);
      return { status: 201, body: treeOf(state, sha, git.trees.get(sha) ?? new Map()) };
    },
    'GET /repos/{owner}/{repo}/pulls': ({ query }) => ({ status: 200, body: state.requests.filter(({ source, target, state: now }) => `${OWNER}:${source}` === (query.get('head') ?? `${OWNER}:${source}`) && target === (query.get('base') ?? target) && now === (query.get('state') ?? 'open')).map((each) => pullOf(state, each)) }),
    'POST /repos/{owner}/{repo}/pulls': ({ body }) => openPull(state, body as { head: string; base: string; title: string; body?: string }),
    'GET /repos/{owner}/{repo}/actions/runs': ({ query }) => {
      const runs = state.runs.filter(({ commit, branch }) => commit === (query.get('head_sha') ?? commit) && branch === (query.get('branch') ?? branch)).toSorted((one, other) => other.id - one.id);
      return { status: 200, body: { total_count: runs.length, workflow_runs: runs.slice(0, Number(query.get('per_page') ?? 30)).map((run) => runOf(state, run)) } };
    },
    'GET /repos/{owner}/{repo}/actions/runs/{run_id}/jobs': ({ parts: [id], query }) => {
      const run = state.runs.find((each) => String(each.id) === id);
      if (run === undefined) return LOST;
      const [page, size] = [Number(query.get('page') ?? 1), Number(query.get('per_page') ?? 30)];
      return { status: 200, body: { total_count: run.jobs.length, jobs: run.jobs.slice((page - 1) * size, page * size).map((job) => jobOf(state, run, job)) } };
    },
    'GET /repos/{owner}/{repo}/actions/secrets': ({ query }) => {
      const [page, size] = [Number(query.get('page') ?? 1), Number(query.get('per_page') ?? 30)];
      const secrets = state.variables.filter(({ masked }) => masked).map(({ name }) => ({ name, created_at: '2026-11-21T10:00:00Z', updated_at: '2026-11-21T10:00:00Z' }));
      return { status: 200, body: { total_count: secrets.length, secrets: secrets.slice((page - 1) * size, page * size) } };
    },
    'GET /repos/{owner}/{repo}/actions/jobs/{job_id}/logs': ({ parts: [id] }) => {
      const job = state.runs.flatMap(({ jobs }) => jobs).find((each) => String(each.id) === id);
      if (job === undefined) return LOST;
      logs.content.set(`/logs/${job.id}`, job.log ?? new Uint8Array());
      return { status: 302, headers: { location: `${logs.url}/logs/${job.id}?sig=canary-signature` } };
    },
  };
  return Object.fromEntries(Object.entries(routes).map(([route, act]) => [route, ofRepository(act)]));
}

function repositoryOf({ web, defaultBranch }: ForgeState): object {
  return { id: 7, name: NAME, full_name: `${OWNER}/${NAME}`, private: true, html_url: `${web}/${OWNER}/${NAME}`, default_branch: defaultBranch };
}

function contentOf({ git, api }: ForgeState, path: string, ref: string): Answer {
  const commit = git.resolve(ref);
  const entry = commit === undefined ? undefined : git.entry(commit, path);
  if (entry === undefined) return LOST;
  const url = `${api}/repos/${OWNER}/${NAME}/contents/${path}`;
  const known = { name: path.split('/').at(-1), path, sha: entry.sha, url, git_url: url, html_url: url, download_url: null, _links: { self: url, git: url, html: url } };
  if (entry.type === 'tree') return { status: 200, body: [...(git.trees.get(entry.sha) ?? [])].map(([name, each]) => ({ ...known, name, path: `${path}/${name}`, sha: each.sha, size: 0, type: each.type === 'tree' ? 'dir' : 'file' })) };
  const bytes = git.blobs.get(entry.sha) ?? Buffer.alloc(0);
  const isLarge = bytes.length > 2 ** 20;
  const content = isLarge ? '' : bytes.toString('base64').replace(/(.{60})/g, '$1\n');
  return { status: 200, body: { ...known, type: 'file', encoding: isLarge ? 'none' : 'base64', size: bytes.length, content } };
}

function commitOf({ git, api, web }: ForgeState, sha: string): object {
  const { tree, parents, message, time } = git.at(sha);
  const who = { name: 'Ada Lovelace', email: 'ada@example.com', date: new Date(time * 1000).toISOString() };
  const at = `${api}/repos/${OWNER}/${NAME}/git`;
  return { sha, node_id: 'C', url: `${at}/commits/${sha}`, html_url: `${web}/${OWNER}/${NAME}/commit/${sha}`, author: who, committer: who, message, tree: { sha: tree, url: `${at}/trees/${tree}` }, parents: parents.map((parent) => ({ sha: parent, url: `${at}/commits/${parent}`, html_url: `${web}/${OWNER}/${NAME}/commit/${parent}` })), verification: { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null } };
}

function treeOf({ api }: ForgeState, sha: string, entries: ReadonlyMap<string, TreeEntry>): object {
  const at = `${api}/repos/${OWNER}/${NAME}/git`;
  return { sha, url: `${at}/trees/${sha}`, truncated: false, tree: [...entries].map(([path, entry]) => ({ path, ...entry, url: `${at}/${entry.type}s/${entry.sha}` })) };
}

function pullOf(state: ForgeState, { number, source, target, title, body, state: now }: FakeRequest): object {
  const side = (branch: string): object => ({ label: `${OWNER}:${branch}`, ref: branch, sha: state.git.branches.get(branch) ?? '', repo: repositoryOf(state) });
  return { number, title, body, state: now, html_url: `${state.web}/${OWNER}/${NAME}/pull/${number}`, head: side(source), base: side(target) };
}

function openPull(state: ForgeState, { head, base, title, body = '' }: { head: string; base: string; title: string; body?: string }): Answer {
  const [from, to] = [state.git.branches.get(head), state.git.branches.get(base)];
  if (from === undefined || to === undefined) return refused(422, 'Validation Failed', [{ resource: 'PullRequest', field: from === undefined ? 'head' : 'base', code: 'invalid' }]);
  if (from === to) return refused(422, 'Validation Failed', [{ resource: 'PullRequest', code: 'custom', message: `No commits between ${base} and ${head}` }]);
  if (state.requests.some((each) => each.source === head && each.target === base && each.state === 'open')) return refused(422, 'Validation Failed', [{ resource: 'PullRequest', code: 'custom', message: `A pull request already exists for ${OWNER}:${head}.` }]);
  const made: FakeRequest = { number: state.requests.length + 1, source: head, target: base, title, body, state: 'open' };
  state.requests.push(made);
  return { status: 201, body: pullOf(state, made) };
}

function runOf(state: ForgeState, { id, branch, commit, state: now, workflow = { id: 1, name: 'CI' } }: FakeRun): object {
  return { id, run_number: id, name: workflow.name, workflow_id: workflow.id, path: `.github/workflows/${workflow.id}.yml`, event: 'push', head_branch: branch, head_sha: commit, ...STATES[now], html_url: `${state.web}/${OWNER}/${NAME}/actions/runs/${id}`, repository: repositoryOf(state), pull_requests: [] };
}

function jobOf({ web }: ForgeState, run: FakeRun, { id, name, state, seconds }: FakeRun['jobs'][number]): object {
  const begun = Date.now() - (seconds ?? 0) * 1000;
  return { id, run_id: run.id, name, head_sha: run.commit, ...STATES[state], started_at: new Date(begun).toISOString(), completed_at: STATES[state].conclusion === null ? null : new Date(begun + (seconds ?? 0) * 1000).toISOString(), html_url: `${web}/${OWNER}/${NAME}/actions/runs/${run.id}/job/${id}` };
}

interface LogHost {
  url: string;
  asked: IncomingHttpHeaders[];
  content: Map<string, Uint8Array>;
  server: ReturnType<typeof createServer>;
}

/** Where GitHub keeps logs: another host, which takes the signed address alone. */
async function startLogHost(): Promise<LogHost> {
  const [asked, content]: [IncomingHttpHeaders[], Map<string, Uint8Array>] = [[], new Map()];
  const server = createServer((request, response) => {
    asked.push(request.headers);
    const url = new URL(request.url ?? '', 'http://logs.invalid');
    const found = content.get(url.pathname);
    if (request.headers.authorization !== undefined || url.searchParams.get('sig') !== 'canary-signature' || found === undefined) response.writeHead(400).end('InvalidAuthenticationInfo: Bearer canary-token-0123456789');
    else response.writeHead(200, { 'content-type': 'text/plain' }).end(found);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, content, server };
}
