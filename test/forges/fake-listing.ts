// Fake GitHub, GitLab and Gitea that list the repositories of one owner: paging, conditional requests, limits. GitHub's OpenAPI description judges where it can be had.
import { createHash } from 'node:crypto';
import { startFakeForge, type Answer, type Asked, type FakeForge, type FakeKind, type ForgeState, type Routes } from './fake-forge.ts';
import type { Referee } from './openapi.ts';

export interface FakeRepository {
  id: number;
  /** Whole path. */
  path: string;
  archived?: boolean;
  fork?: boolean;
  wiki?: boolean;
  empty?: boolean;
}

export interface FakeListing extends FakeForge {
  repositories: FakeRepository[];
  owner: { name: string; type: 'Organization' | 'User' };
  /** Where git finds the repositories. */
  clones: string;
  /** Answers that counted against the rate limit: all but 304. */
  spent: number;
}

export type ListingKind = 'github' | 'gitlab' | 'gitea';

interface Options {
  referee?: Referee | null;
  /** Who has no token may read, too. */
  open?: true;
}

type Scene = ForgeState & Pick<FakeListing, 'repositories' | 'owner' | 'clones' | 'spent'>;

export async function startFakeListing(kind: ListingKind, { referee = null, open }: Options = {}): Promise<FakeListing> {
  let scene: Scene | undefined;
  const { routes, ...rest } = KINDS[kind];
  const fake = await startFakeForge({
    ...rest,
    ...(open === true && { open }),
    routes(state) {
      scene = Object.assign(state, { repositories: [], owner: { name: 'acme', type: 'Organization' as const }, clones: 'https://git.example.com', spent: 0 });
      return routes(scene);
    },
    referee: (asked, answer) => {
      const judged = kind === 'github' && referee !== null ? referee(asked, answer) : { answer, wrong: [] };
      return { ...judged, answer: unlessKnown(asked, judged.answer, scene) };
    },
  });
  return fake as FakeListing;
}

/** As servers do that make an ETag of the body: RFC 9110, 13.1.2. */
function unlessKnown({ headers }: Asked, answer: Answer, scene: Scene | undefined): Answer {
  const etag = `W/"${createHash('sha256').update(JSON.stringify(answer.body)).digest('hex')}"`;
  const isKnown = answer.status === 200 && headers['if-none-match'] === etag;
  if (!isKnown && scene !== undefined) scene.spent++;
  return isKnown ? { status: 304, headers: { ...answer.headers, etag } } : { ...answer, headers: { ...answer.headers, etag } };
}

const GITHUB_LOST: Answer = { status: 404, body: { message: 'Not Found', documentation_url: 'https://docs.github.com/rest', status: '404' } };

const KINDS: Record<ListingKind, Omit<FakeKind, 'routes' | 'referee'> & { routes(scene: Scene): Routes }> = {
  github: {
    prefix: '/api/v3',
    routes: githubRoutes,
    unauthorized: { status: 401, body: { message: 'Bad credentials' } },
    limited: (reset) => ({ status: 403, body: { message: 'API rate limit exceeded for user ID 1.' }, headers: { 'x-ratelimit-limit': '5000', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(reset) } }),
    headers: { 'x-ratelimit-limit': '5000', 'x-ratelimit-remaining': '4999', 'x-ratelimit-reset': '4102444800' },
  },
  gitlab: {
    prefix: '/api/v4',
    routes: gitlabRoutes,
    unauthorized: { status: 401, body: { message: '401 Unauthorized' } },
    limited: (reset) => ({ status: 429, body: 'Retry later', headers: { 'ratelimit-remaining': '0', 'ratelimit-reset': String(reset), 'retry-after': String(Math.max(1, reset - Math.floor(Date.now() / 1000))) } }),
    headers: {},
  },
  gitea: {
    prefix: '/api/v1',
    routes: giteaRoutes,
    unauthorized: { status: 401, body: { message: 'user does not exist [uid: 0, name: ]', url: 'https://git.example.com/api/swagger' } },
    limited: (reset) => ({ status: 429, body: 'Too Many Requests', headers: { 'retry-after': String(Math.max(1, reset - Math.floor(Date.now() / 1000))) } }),
    headers: {},
  },
};

interface Paging {
  size: number;
  page: number;
  of: readonly FakeRepository[];
}

const pagingOf = ({ query }: Asked, of: readonly FakeRepository[], { field, most, normal }: { field: string; most: number; normal: number }): Paging => ({ size: Math.min(most, Number(query.get(field) ?? normal)), page: Number(query.get('page') ?? 1), of: of.toSorted((one, other) => one.id - other.id) });

const itemsOf = ({ size, page, of }: Paging): readonly FakeRepository[] => of.slice((page - 1) * size, page * size);

const hasNext = ({ size, page, of }: Paging): boolean => page * size < of.length;

/** RFC 8288, as the three write it. */
function linkOf({ api }: ForgeState, { path, query }: Asked, paging: Paging, prefix: string): Record<string, string> {
  const at = (page: number): string => `${api}${path.slice(prefix.length)}?${new URLSearchParams([...[...query].filter(([name]) => name !== 'page'), ['page', String(page)]]).toString()}`;
  const last = Math.max(1, Math.ceil(paging.of.length / paging.size));
  const links = [...(paging.page > 1 ? [`<${at(paging.page - 1)}>; rel="prev"`] : []), ...(hasNext(paging) ? [`<${at(paging.page + 1)}>; rel="next"`, `<${at(last)}>; rel="last"`] : [])];
  return links.length === 0 ? {} : { link: links.join(', ') };
}

const sameName = (one: string | undefined, other: string): boolean => one?.toLowerCase() === other.toLowerCase();

function githubRoutes(scene: Scene): Routes {
  const user = (): object => ({ login: scene.owner.name, id: 1, type: scene.owner.type, site_admin: false });
  const list = (asked: Asked): Answer => {
    const paging = pagingOf(asked, scene.repositories, { field: 'per_page', most: 100, normal: 30 });
    return { status: 200, headers: linkOf(scene, asked, paging, '/api/v3'), body: itemsOf(paging).map((each) => githubRepository(scene, each)) };
  };
  const ofOwner = (type: string) => (asked: Asked): Answer => (sameName(asked.parts[0], scene.owner.name) && scene.owner.type === type ? list(asked) : GITHUB_LOST);
  return {
    'GET /users/{username}': ({ parts: [name] }) => (sameName(name, scene.owner.name) ? { status: 200, body: user() } : GITHUB_LOST),
    'GET /user': () => ({ status: 200, body: scene.owner.type === 'User' ? user() : { login: 'somebody', id: 2, type: 'User' } }),
    'GET /orgs/{org}/repos': ofOwner('Organization'),
    'GET /users/{username}/repos': ofOwner('User'),
    'GET /user/repos': list,
  };
}

function githubRepository({ clones, owner }: Scene, { id, path, archived = false, fork = false, wiki = false }: FakeRepository): object {
  const host = new URL(clones).host;
  return { id, name: path.split('/')[1], full_name: path, private: true, fork, archived, has_wiki: wiki, clone_url: `${clones}/${path}.git`, ssh_url: `git@${host}:${path}.git`, owner: { login: owner.name, id: 1, type: owner.type } };
}

function gitlabRoutes(scene: Scene): Routes {
  const lost = (what: string): Answer => ({ status: 404, body: { message: `404 ${what} Not Found` } });
  const list = (below: string) => (asked: Asked): Answer => {
    const paging = pagingOf(asked, scene.repositories.filter(({ path }) => path.startsWith(`${below}/`)), { field: 'per_page', most: 100, normal: 20 });
    const headers = { ...linkOf(scene, asked, paging, '/api/v4'), 'x-page': String(paging.page), 'x-per-page': String(paging.size), 'x-next-page': hasNext(paging) ? String(paging.page + 1) : '', 'x-total': String(paging.of.length) };
    return { status: 200, headers, body: itemsOf(paging).map((each) => gitlabProject(scene, each)) };
  };
  const isGroup = (path: string | undefined): path is string => scene.owner.type === 'Organization' && path !== undefined && (sameName(path, scene.owner.name) || path.startsWith(`${scene.owner.name}/`));
  return {
    'GET /groups/{id}': ({ parts: [path] }) => (isGroup(path) ? { status: 200, body: { id: 1, path, full_path: path } } : lost('Group')),
    'GET /groups/{id}/projects': (asked) => (isGroup(asked.parts[0]) ? (asked.query.get('include_subgroups') === 'true' ? list(asked.parts[0])(asked) : { status: 200, body: [] }) : lost('Group')),
    'GET /users': ({ query }) => ({ status: 200, body: scene.owner.type === 'User' && sameName(query.get('username') ?? undefined, scene.owner.name) ? [{ id: 5, username: scene.owner.name }] : [] }),
    'GET /users/{id}/projects': (asked) => (asked.parts[0] === '5' ? list(scene.owner.name)(asked) : lost('User')),
  };
}

function gitlabProject({ clones }: Scene, { id, path, archived = false, fork = false, wiki = false, empty = false }: FakeRepository): object {
  const host = new URL(clones).host;
  return { id, path_with_namespace: path, http_url_to_repo: `${clones}/${path}.git`, ssh_url_to_repo: `git@${host}:${path}.git`, archived, empty_repo: empty, wiki_enabled: wiki, wiki_access_level: wiki ? 'enabled' : 'disabled', repository_access_level: 'enabled', ...(fork ? { forked_from_project: { id: 9_000 + id } } : {}) };
}

function giteaRoutes(scene: Scene): Routes {
  const lost: Answer = { status: 404, body: { message: 'GetOrgByName', url: 'https://git.example.com/api/swagger', errors: null } };
  const list = (type: string) => (asked: Asked): Answer => {
    if (!sameName(asked.parts[0], scene.owner.name) || (type !== 'User' && scene.owner.type !== type)) return lost;
    const paging = pagingOf(asked, scene.repositories, { field: 'limit', most: 50, normal: 30 });
    return { status: 200, headers: { ...linkOf(scene, asked, paging, '/api/v1'), 'x-total-count': String(paging.of.length) }, body: itemsOf(paging).map((each) => giteaRepository(scene, each)) };
  };
  return {
    'GET /orgs/{org}': ({ parts: [name] }) => (scene.owner.type === 'Organization' && sameName(name, scene.owner.name) ? { status: 200, body: { id: 1, name } } : lost),
    'GET /orgs/{org}/repos': list('Organization'),
    'GET /users/{username}/repos': list('User'),
  };
}

function giteaRepository({ clones }: Scene, { id, path, archived = false, fork = false, wiki = false, empty = false }: FakeRepository): object {
  const host = new URL(clones).host;
  return { id, name: path.split('/')[1], full_name: path, private: true, fork, archived, empty, has_wiki: wiki, clone_url: `${clones}/${path}.git`, ssh_url: `git@${host}:${path}.git` };
}
