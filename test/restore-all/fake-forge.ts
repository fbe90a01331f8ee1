// A forge on loopback that makes repositories: the few addresses of GitHub's, GitLab's and Gitea's APIs that a restore asks, in front of real bare repositories over HTTP.
import { existsSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { ForgeSettings } from '../../forges/settings.ts';
import { git } from '../../git/process.ts';
import { initBare } from '../fixtures/plumbing.ts';
import { startGitHttp } from '../harness/git-http.ts';

export type Kind = ForgeSettings['kind'];

export interface FakeForge {
  url: string;
  settings: ForgeSettings;
  /** What it was asked, method and path below the API, in order. */
  asked: string[];
  /** Repositories that were made, and whether they are private. */
  made: Map<string, boolean>;
  /** Answers given once before the real one, by method and path. */
  refusals: Map<string, { status: number; headers?: Record<string, string>; body?: object }>;
  close(): Promise<void>;
}

const PATHS: Record<Kind, string> = { github: '/api/v3/', gitlab: '/api/v4/', gitea: '/api/v1/' };
export const TOKEN = 'token-of-a-test';

/** The organisation `rescue` is there, with what lies in `root/rescue`. */
export async function startFakeForge(kind: Kind, root: string): Promise<FakeForge> {
  const [asked, made, refusals]: [string[], FakeForge['made'], FakeForge['refusals']] = [[], new Map(), new Map()];
  const gitDirOf = (path: string): string => join(root, `${path}.git`);

  async function answer(method: string, path: string, body: Record<string, unknown>): Promise<[status: number, body: object]> {
    const repository = /^repos\/([^/]+\/[^/]+)$/.exec(path)?.[1] ?? decodeURIComponent(/^projects\/(.+)$/.exec(path)?.[1] ?? '');
    if (repository !== '') {
      if (!existsSync(gitDirOf(repository))) return [404, { message: 'Not Found' }];
      if (typeof body['default_branch'] === 'string') await git(['symbolic-ref', 'HEAD', `refs/heads/${body['default_branch']}`], { gitDir: gitDirOf(repository) });
      return [200, { id: 7, full_name: repository, path_with_namespace: repository }];
    }
    if (method === 'GET') return ['users/rescue', 'orgs/rescue', 'namespaces/rescue'].includes(path) ? [200, { id: 42, type: 'Organization', login: 'rescue' }] : [404, { message: 'Not Found' }];
    const inGroup = kind === 'gitlab' ? path === 'projects' && body['namespace_id'] === 42 : path === 'orgs/rescue/repos';
    if (!inGroup) return [403, { message: 'not there' }];
    const name = `rescue/${String(body['name'])}`;
    if (existsSync(gitDirOf(name))) return [kind === 'github' ? 422 : 409, { message: 'name already exists on this account' }];
    await initBare(gitDirOf(name), 'master');
    made.set(name, body['private'] === true || body['visibility'] === 'private');
    return [201, { id: 8 }];
  }

  function intercept(request: IncomingMessage, response: ServerResponse): boolean {
    const path = request.url?.startsWith(PATHS[kind]) === true ? request.url.slice(PATHS[kind].length) : null;
    if (path === null) return false;
    const said = `${request.method} ${path}`;
    asked.push(said);
    void (async () => {
      let text = '';
      for await (const chunk of request.setEncoding('utf8')) text += String(chunk);
      const refusal = refusals.get(said);
      refusals.delete(said);
      const [status, body] = request.headers.authorization === `Bearer ${TOKEN}` ? [refusal?.status, refusal?.body ?? { message: 'refused' }] : [401, { message: 'who are you?' }];
      const [code, content] = status === undefined ? await answer(request.method ?? '', path, text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)) : [status, body];
      response.writeHead(code, { 'content-type': 'application/json', ...refusal?.headers }).end(JSON.stringify(content));
    })();
    return true;
  }

  const server = await startGitHttp({ root, intercept });
  const host = new URL(server.url).host;
  return { url: server.url, settings: { host, kind, api: `${server.url}${PATHS[kind].slice(0, -1)}`, credential: 'forge' }, asked, made, refusals, close: () => server.close() };
}
