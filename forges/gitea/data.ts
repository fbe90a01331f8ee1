// A repository's data on a Gitea or Forgejo, behind the port ForgeData.
import type { ForgeRecord } from '../../contract/forge-data.ts';
import type { ForgeData } from '../data.ts';
import { listingData, type Listing } from '../data-pages.ts';
import { instantIn, listIn, numberAtEnd, numberOf, objectIn, recordOf, textIn, type Raw } from '../raw-record.ts';
import { assetAt } from '../same-host-asset.ts';
import { openWire, type ForgeAccess } from '../wire.ts';

const login = (user: unknown): string | null => textIn(objectIn(user)['login']);

/** `path` is `owner/name`. */
export function openGiteaData(access: ForgeAccess, path: string): ForgeData {
  const wire = openWire(access);
  const repository = `repos/${path.split('/').map(encodeURIComponent).join('/')}`;
  return listingData({
    forge: { kind: 'gitea', api: access.api.href, path },
    access,
    wire,
    headers: {},
    size: { most: 50, parameter: 'limit' },
    repository,
    listings: listingsOf(repository),
    asset: (record, most, signal) => assetAt(objectIn(record.raw)['browser_download_url'], access, wire, most, signal),
  });
}

/** Gitea's API of one's own server, `/api/swagger`: "issue", "repository". Its issues come as they were made, the newest first. */
function listingsOf(repository: string): Listing[] {
  const at = (path: string) => (): string => `${repository}/${path}`;
  return [
    { step: { name: 'labels', gives: ['labels'], way: 'all' }, path: at('labels'), order: 'as made', records: (raw) => [recordOf('labels', raw, { title: textIn(raw['name']), body: textIn(raw['description']), url: textIn(raw['url']) })] },
    { step: { name: 'milestones', gives: ['milestones'], way: 'all' }, path: at('milestones'), query: { state: 'all' }, order: 'as made', records: (raw) => [recordOf('milestones', raw, { body: textIn(raw['description']) })] },
    { step: { name: 'issues', gives: ['issues'], way: 'changes' }, path: at('issues'), query: { state: 'all', type: 'issues' }, order: 'as made', since: 'since', records: (raw) => [recordOf('issues', raw, { number: numberOf(raw, 'number'), author: login(raw['user']) })] },
    { step: { name: 'issue-comments', gives: ['issue-comments'], way: 'changes' }, path: at('issues/comments'), order: 'as made', since: 'since', records: (raw) => [recordOf('issue-comments', raw, { number: numberAtEnd(raw['issue_url']) ?? numberAtEnd(raw['pull_request_url']), author: login(raw['user']) })] },
    { step: { name: 'merge-requests', gives: ['merge-requests'], way: 'changes' }, path: at('pulls'), query: { state: 'all', sort: 'recentupdate' }, order: 'newest change first', records: (raw) => [pullOf(raw)] },
    { step: { name: 'reviews', gives: ['reviews'], way: 'each', of: 'merge-requests' }, path: (of) => `${repository}/pulls/${of?.number ?? 0}/reviews`, order: 'as made', records: (raw, of) => [recordOf('reviews', raw, { number: of?.number ?? null, author: login(raw['user']), created: instantIn(raw['submitted_at']) })] },
    { step: { name: 'review-comments', gives: ['review-comments'], way: 'each', of: 'reviews' }, path: (of) => `${repository}/pulls/${of?.number ?? 0}/reviews/${encodeURIComponent(of?.id ?? '')}/comments`, order: 'as made', records: (raw, of) => [recordOf('review-comments', raw, { number: of?.number ?? null, parent: of?.id ?? null, author: login(raw['user']) })] },
    { step: { name: 'releases', gives: ['releases', 'release-assets'], way: 'all' }, path: at('releases'), order: 'as made', records: releaseOf },
  ];
}

function pullOf(raw: Raw): ForgeRecord {
  return recordOf('merge-requests', raw, { number: numberOf(raw, 'number'), author: login(raw['user']), state: raw['merged'] === true ? 'merged' : textIn(raw['state']) });
}

function releaseOf(raw: Raw): ForgeRecord[] {
  const state = raw['draft'] === true ? 'draft' : raw['prerelease'] === true ? 'prerelease' : 'released';
  const release = recordOf('releases', raw, { title: textIn(raw['name']) ?? textIn(raw['tag_name']), author: login(raw['author']), updated: instantIn(raw['published_at']), state });
  const assets = listIn(raw['assets']).map((asset) => recordOf('release-assets', asset, { parent: release.id, title: textIn(asset['name']), url: textIn(asset['browser_download_url']) }));
  return [release, ...assets];
}
