// The repositories of a GitHub organisation or user (GitHub, "REST API endpoints for repositories").
import { z } from 'zod';
import { isPivoError } from '../../contract/failures.ts';
import type { ListedRepository } from '../../contract/source.ts';
import type { AnswerMemory, Listing, ListingOwner } from '../listing.ts';
import { PER_PAGE, cloneUrl, pageAt, wikiOf } from '../listing-pages.ts';
import { openWire, type ForgeAccess, type Wire } from '../wire.ts';
import { API_VERSION } from './client.ts';

const Item = z.object({ id: z.number().int(), full_name: z.string().min(1), clone_url: z.string(), ssh_url: z.string(), fork: z.boolean(), archived: z.boolean().default(false), has_wiki: z.boolean().default(false) });
const Owner = z.object({ login: z.string(), type: z.string() });

const HEADERS = { accept: 'application/vnd.github+json', 'x-github-api-version': API_VERSION };

export function openGithubListing(access: ForgeAccess, { owner, transport }: ListingOwner, memory: AnswerMemory): Listing {
  const wire = openWire(access);
  return {
    async page(cursor, signal) {
      const url = cursor === null ? await firstPage(access, wire, owner, signal) : new URL(cursor);
      return pageAt(url, { wire, memory, headers: HEADERS, item: Item, repositoriesOf: (item) => repositoriesOf(item, transport), perPage: PER_PAGE }, signal);
    },
  };
}

/** Sorted by what does not change when others come or go. */
async function firstPage(access: ForgeAccess, wire: Wire, owner: string, signal: AbortSignal | undefined): Promise<URL> {
  const path = await pathOf(access, wire, owner, signal);
  const url = new URL(path, access.api);
  url.searchParams.set('per_page', String(PER_PAGE));
  url.searchParams.set('sort', 'created');
  url.searchParams.set('direction', 'asc');
  return url;
}

/** What is private of a user is shown to that user only, elsewhere. */
async function pathOf(access: ForgeAccess, wire: Wire, owner: string, signal: AbortSignal | undefined): Promise<string> {
  const { type, login } = Owner.parse(await get(access, wire, `users/${encodeURIComponent(owner)}`, signal));
  if (type === 'Organization') return `orgs/${encodeURIComponent(owner)}/repos?type=all`;
  const me = access.token === undefined ? null : await tokensOwner(access, wire, signal);
  return me?.toLowerCase() === login.toLowerCase() ? 'user/repos?affiliation=owner' : `users/${encodeURIComponent(owner)}/repos?type=owner`;
}

/** Null for the token of an app, which is nobody's. */
async function tokensOwner(access: ForgeAccess, wire: Wire, signal: AbortSignal | undefined): Promise<string | null> {
  try {
    return Owner.parse(await get(access, wire, 'user', signal)).login;
  } catch (error) {
    if (isPivoError(error, 'NotAllowed')) return null;
    throw error;
  }
}

const get = async ({ api }: ForgeAccess, wire: Wire, path: string, signal: AbortSignal | undefined): Promise<unknown> => (await wire.ask(new URL(path, api), { headers: HEADERS, ...(signal === undefined ? {} : { signal }) })).json();

/** A wiki is a repository of its own; `has_wiki` says that there may be one (GitHub, "About wikis"). */
function repositoriesOf({ id, full_name: path, clone_url: https, ssh_url: ssh, fork, archived, has_wiki: hasWiki }: z.output<typeof Item>, transport: ListingOwner['transport']): ListedRepository[] {
  const url = cloneUrl(transport, path, { https, ssh });
  const own: ListedRepository = { id: String(id), path, url, archived, fork, wiki: false, empty: false, name: null };
  return hasWiki ? [own, wikiOf(own)] : [own];
}
