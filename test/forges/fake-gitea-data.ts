// A Gitea's issues, pull requests and releases on loopback, as the description that every Gitea serves (`/swagger.v1.json`) has them.
import { changed, DataModel, iso, pageOf, withEtag, type DataComment, type DataIssue, type DataRelease } from './data-model.ts';
import { NAME, OWNER, startFakeForge, type Answer, type Asked, type FakeForge, type ForgeState, type Routes } from './fake-forge.ts';

const lost: Answer = { status: 404, body: { message: 'not found', url: '' } };
const SIZE = { sizeName: 'limit', usual: 30, most: 50 };

export async function startFakeGiteaData(): Promise<FakeForge & { data: DataModel }> {
  const data = new DataModel();
  const fake = await startFakeForge({
    prefix: '/api/v1',
    routes: (state) => routesOf(state, data),
    unauthorized: { status: 401, body: { message: 'token is required' } },
    limited: (reset) => ({ status: 429, body: { message: 'slow down' }, headers: { 'retry-after': String(reset - Math.floor(Date.now() / 1000)) } }),
    headers: {},
    referee: (asked, answer) => ({ answer: withEtag(asked, answer), wrong: [] }),
  });
  return Object.assign(fake, { data });
}

const user = (login: string): object => ({ id: login.length, login, full_name: '', email: `${login}@noreply.example` });

function routesOf({ web, api }: ForgeState, data: DataModel): Routes {
  const at = `${web}/${OWNER}/${NAME}`;
  const mergeNumbers = (): Set<number> => new Set(data.issues.filter(({ merge }) => merge).map(({ number }) => number));
  const routes: Routes = {
    'GET /repos/{owner}/{repo}': () => ({ status: 200, body: { id: 7, full_name: `${OWNER}/${NAME}`, html_url: at } }),
    'GET /repos/{owner}/{repo}/labels': (asked) => pageOf(asked, data.labels, SIZE, ({ id, name }) => ({ id, name, color: 'ffffff', description: '', url: `${api}/labels/${id}` })),
    'GET /repos/{owner}/{repo}/milestones': (asked) => pageOf(asked, data.milestones, SIZE, ({ id, title }) => ({ id, title, description: 'Soon', state: 'open', created_at: iso(0), updated_at: iso(0) })),
    // the newest first, whatever changed
    'GET /repos/{owner}/{repo}/issues': (asked) => pageOf(asked, changed(data.issues.filter(({ merge }) => !merge && asked.query.get('type') === 'issues'), asked.query.get('since'), null).toSorted((one, other) => other.number - one.number), SIZE, (issue) => issueOf(issue, at)),
    'GET /repos/{owner}/{repo}/issues/comments': (asked) => pageOf(asked, changed(data.comments.filter(({ review }) => review === null), asked.query.get('since'), 'asc'), SIZE, (each) => commentOf(each, at, mergeNumbers())),
    'GET /repos/{owner}/{repo}/pulls': (asked) => pageOf(asked, changed(data.issues.filter(({ merge }) => merge), null, asked.query.get('sort') === 'recentupdate' ? 'desc' : 'asc'), SIZE, (issue) => ({ ...issueOf(issue, at), id: 2_000_000 + issue.number, html_url: `${at}/pulls/${issue.number}`, merged: issue.state === 'closed' })),
    'GET /repos/{owner}/{repo}/pulls/{index}/reviews': (asked) => pageOf(asked, data.reviews.filter(({ number }) => String(number) === asked.parts[2]), SIZE, ({ id, number, body, author, state, submitted }) => ({ id, body, user: user(author), state, submitted_at: iso(submitted), updated_at: iso(submitted), html_url: `${at}/pulls/${number}#issuecomment-${id}`, comments_count: 0 })),
    'GET /repos/{owner}/{repo}/pulls/{index}/reviews/{id}/comments': (asked) => ({ status: 200, body: data.comments.filter(({ review }) => String(review) === asked.parts[3]).map((each) => commentOf(each, at, mergeNumbers())) }),
    'GET /repos/{owner}/{repo}/releases': (asked) => pageOf(asked, data.releases, SIZE, (release) => releaseOf(release, at, web)),
    'GET /repos/{owner}/{repo}/downloads/{id}': (asked) => {
      const asset = data.releases.flatMap(({ assets }) => assets).find(({ id }) => String(id) === asked.parts[2]);
      return asset === undefined ? lost : { status: 200, body: asset.bytes };
    },
  };
  return Object.fromEntries(Object.entries(routes).map(([route, act]) => [route, (asked: Asked): Answer => (asked.parts[0] === OWNER && asked.parts[1] === NAME ? act(asked) : lost)]));
}

const issueOf = ({ number, title, body, author, state, updated }: DataIssue, at: string): object => ({ id: 1_000_000 + number, number, title, body: body ?? '', state, user: user(author), html_url: `${at}/issues/${number}`, created_at: iso(updated), updated_at: iso(updated), pull_request: null });

function commentOf({ id, number, body, author, updated }: DataComment, at: string, merges: ReadonlySet<number>): object {
  const isMerge = merges.has(number);
  return { id, body, user: user(author), html_url: `${at}/issues/${number}#issuecomment-${id}`, issue_url: isMerge ? '' : `${at}/issues/${number}`, pull_request_url: isMerge ? `${at}/pulls/${number}` : '', created_at: iso(updated), updated_at: iso(updated) };
}

const releaseOf = ({ id, tag, body, updated, assets }: DataRelease, at: string, web: string): object => ({ id, tag_name: tag, name: `Release ${tag}`, body, draft: false, prerelease: false, created_at: iso(updated), published_at: iso(updated), author: user('ada'), html_url: `${at}/releases/tag/${tag}`, assets: assets.map((asset) => ({ id: asset.id, name: asset.name, size: asset.size ?? asset.bytes.length, download_count: asset.downloads, created_at: iso(updated), uuid: 'u', browser_download_url: asset.away === true ? 'https://files.example/x' : `${web}/api/v1/repos/${OWNER}/${NAME}/downloads/${asset.id}` })) });
