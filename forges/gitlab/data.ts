// A project's data on a GitLab, behind the port ForgeData.
import type { ForgeRecord } from '../../contract/forge-data.ts';
import type { ForgeData, RecordAsked } from '../data.ts';
import { listingData, type Listing } from '../data-pages.ts';
import { idIn, instantIn, listIn, numberOf, objectIn, recordOf, textIn, type Raw } from '../raw-record.ts';
import { assetAt } from '../same-host-asset.ts';
import { openWire, type ForgeAccess } from '../wire.ts';

const username = (user: unknown): string | null => textIn(objectIn(user)['username']);

/** `path` is `group/…/name`. */
export function openGitlabData(access: ForgeAccess, path: string): ForgeData {
  const wire = openWire(access);
  const project = `projects/${encodeURIComponent(path)}`;
  return listingData({
    forge: { kind: 'gitlab', api: access.api.href, path },
    access,
    wire,
    headers: {},
    size: { most: 100, parameter: 'per_page' },
    repository: project,
    listings: listingsOf(project),
    asset: (record, most, signal) => assetAt(addressOf(objectIn(record.raw), access), access, wire, most, signal),
  });
}

/** GitLab's own address of a file sends on to wherever the project's members say that it is: that is asked for only where they name GitLab itself. */
function addressOf({ direct_asset_url: direct, url }: Raw, { api }: ForgeAccess): unknown {
  return URL.parse(textIn(url) ?? '')?.origin === api.origin ? (direct ?? url) : url;
}

const CHANGES = { scope: 'all', order_by: 'updated_at', sort: 'asc' } as const;

/** GitLab, "Issues API", "Discussions API", "Merge requests API", "Merge request approvals API", "Releases API". Notes are there for one issue or merge request at a time only. */
function listingsOf(project: string): Listing[] {
  const at = (path: string) => (): string => `${project}/${path}`;
  const of = (what: string, path: string) => (record: RecordAsked | undefined): string => `${project}/${what}/${record?.number ?? 0}/${path}`;
  const words = { body: 'description', url: 'web_url' } as const;
  const numbered = (kind: 'issues' | 'merge-requests') => (raw: Raw): ForgeRecord[] => [recordOf(kind, raw, { number: numberOf(raw, 'iid'), author: username(raw['author']), body: textIn(raw[words.body]), url: textIn(raw[words.url]) })];
  return [
    { step: { name: 'labels', gives: ['labels'], way: 'all' }, path: at('labels'), order: 'as made', records: (raw) => [recordOf('labels', raw, { title: textIn(raw['name']), body: textIn(raw['description']), url: null })] },
    { step: { name: 'milestones', gives: ['milestones'], way: 'all' }, path: at('milestones'), order: 'as made', records: (raw) => [recordOf('milestones', raw, { body: textIn(raw['description']), url: textIn(raw['web_url']) })] },
    { step: { name: 'issues', gives: ['issues'], way: 'changes' }, path: at('issues'), query: CHANGES, order: 'oldest change first', since: 'updated_after', records: numbered('issues') },
    { step: { name: 'issue-comments', gives: ['issue-comments'], way: 'each', of: 'issues' }, path: of('issues', 'discussions'), order: 'as made', records: (raw, record) => notesOf('issue-comments', raw, record) },
    { step: { name: 'merge-requests', gives: ['merge-requests'], way: 'changes' }, path: at('merge_requests'), query: CHANGES, order: 'oldest change first', since: 'updated_after', records: numbered('merge-requests') },
    { step: { name: 'reviews', gives: ['reviews'], way: 'each', of: 'merge-requests' }, path: of('merge_requests', 'approvals'), order: 'as made', items: (answer) => listIn(objectIn(answer)['approved_by']), records: approvalOf },
    { step: { name: 'review-comments', gives: ['review-comments'], way: 'each', of: 'merge-requests' }, path: of('merge_requests', 'discussions'), order: 'as made', records: (raw, record) => notesOf('review-comments', raw, record) },
    { step: { name: 'releases', gives: ['releases', 'release-assets'], way: 'all' }, path: at('releases'), query: { order_by: 'created_at', sort: 'asc' }, order: 'as made', records: releaseOf },
  ];
}

/** The notes of one discussion; GitLab's own remarks are among them, with the state `system`. */
function notesOf(kind: 'issue-comments' | 'review-comments', discussion: Raw, of: RecordAsked | undefined): ForgeRecord[] {
  return listIn(discussion['notes']).map((note) => recordOf(kind, note, { number: of?.number ?? null, parent: textIn(discussion['id']), author: username(note['author']), title: null, url: null, state: stateOfNote(note) }));
}

function stateOfNote(note: Raw): string | null {
  if (note['system'] === true) return 'system';
  return note['resolvable'] === true ? (note['resolved'] === true ? 'resolved' : 'unresolved') : null;
}

/** An approval has no id: it is a person's of a merge request. */
function approvalOf(raw: Raw, of: RecordAsked | undefined): ForgeRecord[] {
  const user = objectIn(raw['user']);
  return [recordOf('reviews', raw, { id: `${of?.number ?? 0}/${idIn(user['id'], 'reviews')}`, number: of?.number ?? null, author: username(user), state: 'approved', created: instantIn(raw['approved_at']), updated: instantIn(raw['approved_at']), url: null })];
}

/** A release is its tag; of its files only those that somebody added, since the archives of the source are in git. */
function releaseOf(raw: Raw): ForgeRecord[] {
  const id = idIn(raw['tag_name'], 'releases');
  const release = recordOf('releases', raw, { id, title: textIn(raw['name']) ?? id, body: textIn(raw['description']), author: username(raw['author']), updated: instantIn(raw['released_at']), state: raw['upcoming_release'] === true ? 'upcoming' : 'released', url: textIn(objectIn(raw['_links'])['self']) });
  const links = listIn(objectIn(raw['assets'])['links']).map((link) => recordOf('release-assets', link, { parent: id, title: textIn(link['name']), url: textIn(link['direct_asset_url'] ?? link['url']), state: textIn(link['link_type']) }));
  return [release, ...links];
}
