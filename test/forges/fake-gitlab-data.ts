// A GitLab's issues, merge requests and releases on loopback, as its API's documentation describes them.
import type { IssueSchema, LabelSchema, MergeRequestSchema, ReleaseSchema } from '@gitbeaker/rest';
import { changed, DataModel, iso, pageOf, withEtag, type DataComment, type DataIssue, type DataRelease } from './data-model.ts';
import { NAME, OWNER, startFakeForge, type Answer, type Asked, type FakeForge, type ForgeState, type Routes } from './fake-forge.ts';

const lost: Answer = { status: 404, body: { message: '404 Not Found' } };
const SIZE = { sizeName: 'per_page', usual: 20, most: 100 };

export async function startFakeGitlabData(): Promise<FakeForge & { data: DataModel }> {
  const data = new DataModel();
  const fake = await startFakeForge({
    prefix: '/api/v4',
    routes: (state) => routesOf(state, data),
    unauthorized: { status: 401, body: { message: '401 Unauthorized' } },
    limited: (reset) => ({ status: 429, body: 'Retry later\n', headers: { 'ratelimit-remaining': '0', 'ratelimit-reset': String(reset), 'retry-after': String(reset - Math.floor(Date.now() / 1000)) } }),
    headers: { 'x-gitlab-meta': '{"version":"1"}', vary: 'Origin' },
    referee: (asked, answer) => ({ answer: withEtag(asked, answer), wrong: [] }),
  });
  return Object.assign(fake, { data });
}

const user = (username: string): { id: number; username: string; name: string; state: string; avatar_url: string; web_url: string } => ({ id: username.length, username, name: username, state: 'active', avatar_url: '', web_url: '' });

function routesOf({ web, api }: ForgeState, data: DataModel): Routes {
  const at = `${web}/${OWNER}/${NAME}/-`;
  const listed = (asked: Asked, merge: boolean): Answer => pageOf(asked, changed(data.issues.filter((each) => each.merge === merge), asked.query.get('updated_after'), asked.query.get('sort')), SIZE, (issue) => (merge ? requestOf(issue, at) : issueOf(issue, at)));
  const discussions = (asked: Asked): Answer => pageOf(asked, data.comments.filter(({ number }) => String(number) === asked.parts[1]), SIZE, discussionOf);
  const routes: Routes = {
    'GET /projects/{id}': () => ({ status: 200, body: { id: 7, path_with_namespace: `${OWNER}/${NAME}`, web_url: `${web}/${OWNER}/${NAME}` } }),
    'GET /projects/{id}/labels': (asked) => pageOf(asked, data.labels, SIZE, ({ id, name }) => ({ id, name, color: '#fff', text_color: '#000', description: '' }) satisfies Partial<LabelSchema>),
    'GET /projects/{id}/milestones': (asked) => pageOf(asked, data.milestones, SIZE, ({ id, title }) => ({ id, iid: id, title, description: 'Soon', state: 'active', web_url: `${at}/milestones/${id}`, created_at: iso(0), updated_at: iso(0) })),
    'GET /projects/{id}/issues': (asked) => listed(asked, false),
    'GET /projects/{id}/issues/{iid}/discussions': discussions,
    'GET /projects/{id}/merge_requests': (asked) => listed(asked, true),
    'GET /projects/{id}/merge_requests/{iid}/discussions': discussions,
    'GET /projects/{id}/merge_requests/{iid}/approvals': (asked) => ({ status: 200, body: { approved_by: data.reviews.filter(({ number, state }) => String(number) === asked.parts[1] && state === 'APPROVED').map(({ author }) => ({ user: user(author) })) } }),
    'GET /projects/{id}/releases': (asked) => pageOf(asked, data.releases, SIZE, (release) => releaseOf(release, at, api)),
    'GET /projects/{id}/packages/generic/{package}/{version}/{file}': ({ parts: [, , , name] }) => {
      const asset = data.releases.flatMap(({ assets }) => assets).find((each) => each.name === name);
      return asset === undefined ? lost : { status: 200, body: asset.bytes };
    },
  };
  return Object.fromEntries(Object.entries(routes).map(([route, act]) => [route, (asked: Asked): Answer => (asked.parts[0] === `${OWNER}/${NAME}` ? act(asked) : lost)]));
}

const millis = (at: number): string => new Date(at).toISOString();

const issueOf = ({ number, title, body, author, state, updated }: DataIssue, at: string): object =>
  ({ id: 1_000_000 + number, iid: number, project_id: 7, title, description: body ?? '', state: state === 'open' ? 'opened' : 'closed', created_at: millis(updated), updated_at: millis(updated), author: user(author) as IssueSchema['author'], web_url: `${at}/issues/${number}`, labels: [] }) satisfies Partial<IssueSchema>;

const requestOf = ({ number, title, body, author, state, updated }: DataIssue, at: string): object =>
  ({ id: 2_000_000 + number, iid: number, project_id: 7, title, description: body ?? '', state: state === 'open' ? 'opened' : 'merged', created_at: millis(updated), updated_at: millis(updated), author: user(author) as MergeRequestSchema['author'], web_url: `${at}/merge_requests/${number}` }) satisfies Partial<MergeRequestSchema>;

/** Each of one note, as where nobody answered. */
const discussionOf = ({ id, body, author, review, updated }: DataComment): object => ({ id: `d${id}`, individual_note: true, notes: [{ id, type: review === null ? null : 'DiffNote', body, author: user(author), created_at: millis(updated), updated_at: millis(updated), system: false, resolvable: review !== null, resolved: false }] });

const releaseOf = ({ id, tag, body, updated, assets }: DataRelease, at: string, api: string): object =>
  ({ tag_name: tag, name: `Release ${tag}`, description: body, created_at: millis(updated), released_at: millis(updated), author: user('ada') as unknown as ReleaseSchema['author'], upcoming_release: false, _links: { self: `${at}/releases/${tag}` } as unknown as ReleaseSchema['_links'], assets: { count: assets.length, sources: [], links: assets.map((asset) => ({ id: asset.id, name: asset.name, link_type: 'package', ...(asset.away === true && { direct_asset_url: `${at}/releases/${tag}/downloads/${asset.name}` }), url: asset.away === true ? 'https://files.example/x' : `${api}/projects/${encodeURIComponent(`${OWNER}/${NAME}`)}/packages/generic/shop/${id}/${asset.name}` })) } as unknown as ReleaseSchema['assets'] }) satisfies Partial<ReleaseSchema>;
