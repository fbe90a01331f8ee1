// A repository's data on GitHub or a GitHub Enterprise Server, behind the port ForgeData.
import type { ForgeData } from '../data.ts';
import { listingData, type Listing } from '../data-pages.ts';
import { instantIn, listIn, numberAtEnd, numberOf, objectIn, recordOf, textIn, type Raw } from '../raw-record.ts';
import { openWire, type ForgeAccess } from '../wire.ts';

/** The version of the REST interface that this is written for. */
const API_VERSION = '2022-11-28';

const login = (user: unknown): string | null => textIn(objectIn(user)['login']);

/** `path` is `owner/name`. */
export function openGithubData(access: ForgeAccess, path: string): ForgeData {
  const wire = openWire(access);
  const repository = `repos/${path.split('/').map(encodeURIComponent).join('/')}`;
  const headers = { accept: 'application/vnd.github+json', 'x-github-api-version': API_VERSION };
  return listingData({
    forge: { kind: 'github', api: access.api.href, path },
    access,
    wire,
    headers,
    size: { most: 100, parameter: 'per_page' },
    repository,
    listings: listingsOf(repository),
    asset: ({ id }, most, signal) => wire.stream(new URL(`${repository}/releases/assets/${encodeURIComponent(id)}`, access.api), { elsewhere: true, largest: most, headers: { ...headers, accept: 'application/octet-stream' }, signal }),
  });
}

const CHANGES = { sort: 'updated', direction: 'asc' } as const;

/** GitHub, "REST API endpoints for issues", "pull requests", "releases". Pull requests are among its issues and are left out there. */
function listingsOf(repository: string): Listing[] {
  const at = (path: string) => (): string => `${repository}/${path}`;
  return [
    { step: { name: 'labels', gives: ['labels'], way: 'all' }, path: at('labels'), order: 'as made', records: (raw) => [recordOf('labels', raw, { title: textIn(raw['name']), body: textIn(raw['description']), url: textIn(raw['url']) })] },
    { step: { name: 'milestones', gives: ['milestones'], way: 'all' }, path: at('milestones'), query: { state: 'all' }, order: 'as made', records: (raw) => [recordOf('milestones', raw, { body: textIn(raw['description']), author: login(raw['creator']) })] },
    { step: { name: 'issues', gives: ['issues'], way: 'changes' }, path: at('issues'), query: { ...CHANGES, state: 'all' }, order: 'oldest change first', since: 'since', records: (raw) => ('pull_request' in raw ? [] : [recordOf('issues', raw, { number: numberOf(raw, 'number'), author: login(raw['user']) })]) },
    { step: { name: 'issue-comments', gives: ['issue-comments'], way: 'changes' }, path: at('issues/comments'), query: CHANGES, order: 'oldest change first', since: 'since', records: (raw) => [recordOf('issue-comments', raw, { number: numberAtEnd(raw['issue_url']), author: login(raw['user']) })] },
    { step: { name: 'merge-requests', gives: ['merge-requests'], way: 'changes' }, path: at('pulls'), query: { state: 'all', sort: 'updated', direction: 'desc' }, order: 'newest change first', records: (raw) => [pullOf(raw)] },
    { step: { name: 'reviews', gives: ['reviews'], way: 'each', of: 'merge-requests' }, path: (of) => `${repository}/pulls/${of?.number ?? 0}/reviews`, order: 'as made', records: (raw, of) => [recordOf('reviews', raw, { number: of?.number ?? null, author: login(raw['user']), created: instantIn(raw['submitted_at']), updated: instantIn(raw['submitted_at']) })] },
    { step: { name: 'review-comments', gives: ['review-comments'], way: 'changes' }, path: at('pulls/comments'), query: CHANGES, order: 'oldest change first', since: 'since', records: (raw) => [recordOf('review-comments', raw, { number: numberAtEnd(raw['pull_request_url']), parent: idOrNull(raw['pull_request_review_id']), author: login(raw['user']) })] },
    { step: { name: 'releases', gives: ['releases', 'release-assets'], way: 'all' }, path: at('releases'), order: 'as made', records: releaseOf },
  ];
}

const idOrNull = (value: unknown): string | null => (typeof value === 'number' ? String(value) : null);

function pullOf(raw: Raw): ReturnType<typeof recordOf> {
  return recordOf('merge-requests', raw, { number: numberOf(raw, 'number'), author: login(raw['user']), state: textIn(raw['merged_at']) === null ? textIn(raw['state']) : 'merged' });
}

function releaseOf(raw: Raw): ReturnType<typeof recordOf>[] {
  const state = raw['draft'] === true ? 'draft' : raw['prerelease'] === true ? 'prerelease' : 'released';
  const release = recordOf('releases', raw, { title: textIn(raw['name']) ?? textIn(raw['tag_name']), author: login(raw['author']), updated: instantIn(raw['updated_at'] ?? raw['published_at']), state });
  const assets = listIn(raw['assets']).map((asset) => recordOf('release-assets', asset, { parent: release.id, title: textIn(asset['name']), author: login(asset['uploader']), url: textIn(asset['browser_download_url']), body: null }));
  return [release, ...assets];
}
