// A GitHub's issues, pull requests and releases on loopback; its published OpenAPI description checks each request and answer where it can be had.
import { createHash } from 'node:crypto';
import { changed, DataModel, iso, pageOf, withEtag, type DataAsset, type DataComment, type DataIssue, type DataRelease, type DataReview } from './data-model.ts';
import { NAME, OWNER, startFakeForge, type Answer, type Asked, type FakeForge, type ForgeState, type Routes } from './fake-forge.ts';
import type { Referee } from './openapi.ts';

const refused = (status: number, message: string): Answer => ({ status, body: { message, documentation_url: 'https://docs.github.com/rest', status: String(status) } });

export type FakeGithubData = FakeForge & { data: DataModel };

export async function startFakeGithubData(referee: Referee | null): Promise<FakeGithubData> {
  const data = new DataModel();
  const fake = await startFakeForge({
    prefix: '/api/v3',
    routes: (state) => routesOf(state, data),
    unauthorized: refused(401, 'Bad credentials'),
    limited: (reset) => ({ ...refused(403, 'API rate limit exceeded for user ID 1.'), headers: { 'x-ratelimit-limit': '5000', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(reset) } }),
    headers: { 'x-github-media-type': 'github.v3; format=json' },
    referee: (asked, answer) => {
      const checked = referee === null || answer.body instanceof Uint8Array ? { answer, wrong: [] } : referee(asked, answer);
      return { answer: withEtag(asked, checked.answer), wrong: checked.wrong };
    },
  });
  return Object.assign(fake, { data });
}

const SIZE = { sizeName: 'per_page', usual: 30, most: 100 };

function routesOf({ api, web }: ForgeState, data: DataModel): Routes {
  const at = (path: string): string => `${api}/repos/${OWNER}/${NAME}${path}`;
  const routes: Routes = {
    'GET /repos/{owner}/{repo}': () => ({ status: 200, body: { id: 7, name: NAME, full_name: `${OWNER}/${NAME}`, private: true, html_url: `${web}/${OWNER}/${NAME}`, default_branch: 'main' } }),
    'GET /repos/{owner}/{repo}/labels': (asked) => pageOf(asked, data.labels, SIZE, ({ id, name }) => ({ id, node_id: 'L', url: at(`/labels/${name}`), name, description: null, color: 'ffffff', default: false })),
    'GET /repos/{owner}/{repo}/milestones': (asked) => pageOf(asked, data.milestones, SIZE, ({ id, title }) => ({ id, number: id, title, description: 'Soon', state: 'open' })),
    'GET /repos/{owner}/{repo}/issues': (asked) => pageOf(asked, changed(data.issues, asked.query.get('since'), asked.query.get('direction')), SIZE, (issue) => issueOf(issue, at, web)),
    'GET /repos/{owner}/{repo}/issues/comments': (asked) => pageOf(asked, changed(data.comments.filter(({ review }) => review === null), asked.query.get('since'), asked.query.get('direction')), SIZE, (each) => commentOf(each, at, web)),
    'GET /repos/{owner}/{repo}/pulls': (asked) => pageOf(asked, changed(data.issues.filter(({ merge }) => merge), null, asked.query.get('direction')), SIZE, (issue) => pullOf(issue, at, web)),
    'GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews': (asked) => pageOf(asked, data.reviews.filter(({ number }) => String(number) === asked.parts[2]), SIZE, (each) => reviewOf(each, at, web)),
    'GET /repos/{owner}/{repo}/pulls/comments': (asked) => pageOf(asked, changed(data.comments.filter(({ review }) => review !== null), asked.query.get('since'), asked.query.get('direction')), SIZE, (each) => lineCommentOf(each, at, web)),
    'GET /repos/{owner}/{repo}/releases': (asked) => pageOf(asked, data.releases, SIZE, (release) => releaseOf(release, at, web)),
    'GET /repos/{owner}/{repo}/releases/assets/{asset_id}': (asked) => {
      const asset = data.releases.flatMap(({ assets }) => assets).find(({ id }) => String(id) === asked.parts[2]);
      if (asset === undefined) return refused(404, 'Not Found');
      return asked.headers.accept === 'application/octet-stream' ? { status: 200, body: asset.bytes } : { status: 200, body: assetOf(asset, at, web) };
    },
  };
  return Object.fromEntries(Object.entries(routes).map(([route, act]) => [route, (asked: Asked): Answer => (asked.parts[0] === OWNER && asked.parts[1] === NAME ? act(asked) : refused(404, 'Not Found'))]));
}

type At = (path: string) => string;

const user = (login: string): object => ({ login, id: login.length, node_id: 'U', type: 'User', site_admin: false });

function issueOf({ number, title, body, author, state, merge, updated }: DataIssue, at: At, web: string): object {
  const url = at(`/issues/${number}`);
  return { id: 1_000_000 + number, node_id: 'I', url, number, title, body, state, user: user(author), labels: [], html_url: `${web}/${OWNER}/${NAME}/issues/${number}`, created_at: iso(updated), updated_at: iso(updated), ...(merge ? { pull_request: { url: at(`/pulls/${number}`), html_url: null, diff_url: null, patch_url: null } } : {}) };
}

const commentOf = ({ id, number, body, author, updated }: DataComment, at: At, web: string): object => ({ id, node_id: 'C', url: at(`/issues/comments/${id}`), html_url: `${web}/${OWNER}/${NAME}/issues/${number}#issuecomment-${id}`, body, user: user(author), created_at: iso(updated), updated_at: iso(updated), issue_url: at(`/issues/${number}`), author_association: 'OWNER' });

function pullOf({ number, title, body, author, state, updated }: DataIssue, at: At, web: string): object {
  const side = (branch: string): object => ({ label: `${OWNER}:${branch}`, ref: branch, sha: 'a'.repeat(40) });
  return { id: 2_000_000 + number, node_id: 'P', url: at(`/pulls/${number}`), number, title, body, state, user: user(author), html_url: `${web}/${OWNER}/${NAME}/pull/${number}`, created_at: iso(updated), updated_at: iso(updated), merged_at: null, head: side('topic'), base: side('main') };
}

const reviewOf = ({ id, number, body, author, state, submitted }: DataReview, at: At, web: string): object => ({ id, node_id: 'R', user: user(author), body, state, html_url: `${web}/${OWNER}/${NAME}/pull/${number}#pullrequestreview-${id}`, pull_request_url: at(`/pulls/${number}`), submitted_at: iso(submitted), commit_id: 'a'.repeat(40) });

const lineCommentOf = ({ id, number, body, author, review, updated }: DataComment, at: At, web: string): object => ({ id, node_id: 'C', url: at(`/pulls/comments/${id}`), pull_request_review_id: review, diff_hunk: '@@', path: 'a.ts', body, user: user(author), created_at: iso(updated), updated_at: iso(updated), html_url: `${web}/${OWNER}/${NAME}/pull/${number}#discussion_r${id}`, pull_request_url: at(`/pulls/${number}`), author_association: 'OWNER' });

const releaseOf = ({ id, tag, body, updated, assets }: DataRelease, at: At, web: string): object => ({ id, node_id: 'R', tag_name: tag, name: `Release ${tag}`, body, draft: false, prerelease: false, created_at: iso(updated), published_at: iso(updated), html_url: `${web}/${OWNER}/${NAME}/releases/tag/${tag}`, url: at(`/releases/${id}`), author: user('ada'), assets: assets.map((asset) => assetOf(asset, at, web)) });

const assetOf = ({ id, name, bytes, size, downloads }: DataAsset, at: At, web: string): object => ({ id, node_id: 'A', url: at(`/releases/assets/${id}`), browser_download_url: `${web}/${OWNER}/${NAME}/releases/download/x/${name}`, name, label: null, state: 'uploaded', content_type: 'application/octet-stream', size: size ?? bytes.length, digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`, download_count: downloads, created_at: '2026-01-01T00:00:00Z', updated_at: '2026-01-01T00:00:00Z', uploader: user('ada') });
