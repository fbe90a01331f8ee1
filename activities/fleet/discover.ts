// Acts: a discovery: its beginning, one page of the listing, what is missing in it, and its end.
import { PivoError } from '../../contract/failures.ts';
import type { Discovery, ListingCursor } from '../../contract/source.ts';
import type { SourceSpec } from '../../contract/source.ts';
import { openListing } from '../../forges/open-listing.ts';
import { tokenOf } from '../../git/credentials.ts';
import { checkUrl } from '../../git/url.ts';
import { decide } from '../../sources/decide.ts';
import { readList } from '../../sources/list.ts';
import type { ActRun, ActivityDeps } from '../act.ts';
import { knownOrigins } from '../push/known-origins.ts';
import { fleetPorts, sourceSpec } from './ports.ts';

/** Which discovery of which source. */
export interface DiscoveryOf {
  source: string;
  discovery: string;
}

/** What one page brought. */
export interface DiscoveredPage {
  cursor: ListingCursor;
  listed: number;
}

/** From so many present repositories on, more than half of them missing is no accident of people's. */
const MANY = 4;

/** Fails with NotFound for an unknown source, and with Unavailable. */
export function beginDiscovery(deps: ActivityDeps, { source, discovery }: DiscoveryOf): Promise<void> {
  sourceSpec(deps, source);
  fleetPorts(deps).book.beginDiscovery(source, discovery);
  return Promise.resolve();
}

/** Asks the source for its page at `cursor` (null: the first) and keeps what is on it. Fails as the listing does, and with NotFound for an unknown source. */
export async function discoverPage(deps: ActivityDeps, { source, discovery, cursor }: DiscoveryOf & { cursor: ListingCursor }, { signal, onProgress }: ActRun): Promise<DiscoveredPage> {
  const { book, forges } = fleetPorts(deps);
  const spec = sourceSpec(deps, source);
  onProgress({ phase: `asking ${spec.kind === 'list' ? 'the list' : spec.owner}` });
  const page = spec.kind === 'list' ? await wholeList(deps, spec, signal) : await pageOf(deps, spec, forges, cursor, signal);
  book.keepPage(source, discovery, page.repositories);
  return { cursor: page.cursor, listed: page.repositories.length };
}

type Page = { repositories: Awaited<ReturnType<typeof readList>>; cursor: ListingCursor };

const wholeList = async ({ protocols }: ActivityDeps, { owner }: SourceSpec, signal: AbortSignal): Promise<Page> => ({ repositories: await readList(owner, { check: (url) => checkUrl(url, protocols).url, signal }), cursor: null });

async function pageOf(deps: ActivityDeps, spec: SourceSpec, forges: Parameters<typeof openListing>[1]['forges'], cursor: ListingCursor, signal: AbortSignal): Promise<Page> {
  const { book } = fleetPorts(deps);
  const memory = { kept: (url: string) => book.kept(spec.name, url), keep: (url: string, answer: { etag: string; body: string }) => book.keep(spec.name, url, answer) };
  const listing = await openListing(spec, { forges, token: (name) => tokenOf(deps.credentials, name) }, memory);
  return listing.page(cursor, signal);
}

/** How many repositories that the source had are not in what was listed. Fails with Unavailable. */
export function missingInDiscovery(deps: ActivityDeps, { source, discovery }: DiscoveryOf): Promise<number> {
  return Promise.resolve(fleetPorts(deps).book.missing(source, discovery).missing);
}

/**
 * Decides of everything listed and makes it the source's repositories, or, as a dry run, says what it would. Fails with NotAllowed where most of the
 * repositories would vanish and nobody said that they are gone: a token that lost its rights looks like that. Else with InvalidInput, Unavailable and as the store does.
 */
export async function endDiscovery(deps: ActivityDeps, { source, discovery, dryRun, acceptVanished }: DiscoveryOf & { dryRun: boolean; acceptVanished: boolean }, { signal, onProgress }: ActRun): Promise<Discovery> {
  const { book } = fleetPorts(deps);
  const spec = sourceSpec(deps, source);
  if (!acceptVanished && !dryRun) checkVanished(spec, book.missing(source, discovery));
  onProgress({ phase: 'reading which origins the archive knows' });
  const archived = [...(await knownOrigins(deps.store, signal)).values()];
  onProgress({ phase: 'deciding' });
  const decided = decide(spec, book.listed(source, discovery), { named: book.names(), archived });
  return book.endDiscovery(source, discovery, decided, dryRun);
}

function checkVanished({ name, owner }: SourceSpec, { missing, present }: { missing: number; present: number }): void {
  const all = missing === present && present > 0;
  if (!all && (present < MANY || missing * 2 <= present)) return;
  throw new PivoError('NotAllowed', `${missing} of the ${present} repositories of source "${name}" are not listed any more`, {
    facts: { source: name, missing, present },
    hint: `Nothing was changed. Check that the credential may still see ${owner}; if they are gone indeed: pivo source discover ${name} --accept-vanished`,
  });
}
