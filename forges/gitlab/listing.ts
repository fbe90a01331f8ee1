// The projects of a GitLab group with all its subgroups, or of a user (GitLab, "Groups API" and "Projects API").
import { z } from 'zod';
import { isPivoError } from '../../contract/failures.ts';
import type { ListedRepository } from '../../contract/source.ts';
import type { AnswerMemory, Listing, ListingOwner } from '../listing.ts';
import { PER_PAGE, cloneUrl, pageAt, wikiOf } from '../listing-pages.ts';
import { openWire, type ForgeAccess, type Wire } from '../wire.ts';

/** Who is not known sees the simple fields only. */
const Item = z.object({
  id: z.number().int(),
  path_with_namespace: z.string().min(1),
  http_url_to_repo: z.string(),
  ssh_url_to_repo: z.string(),
  archived: z.boolean().nullish(),
  empty_repo: z.boolean().nullish(),
  wiki_enabled: z.boolean().nullish(),
  wiki_access_level: z.string().nullish(),
  repository_access_level: z.string().nullish(),
  forked_from_project: z.unknown().optional(),
});

export function openGitlabListing(access: ForgeAccess, { owner, transport }: ListingOwner, memory: AnswerMemory): Listing {
  const wire = openWire(access);
  return {
    async page(cursor, signal) {
      const url = cursor === null ? await firstPage(access, wire, owner, signal) : new URL(cursor);
      return pageAt(url, { wire, memory, item: Item, repositoriesOf: (item) => repositoriesOf(item, transport), perPage: PER_PAGE }, signal);
    },
  };
}

async function firstPage(access: ForgeAccess, wire: Wire, owner: string, signal: AbortSignal | undefined): Promise<URL> {
  const url = new URL(await pathOf(access, wire, owner, signal), access.api);
  url.searchParams.set('order_by', 'id');
  url.searchParams.set('sort', 'asc');
  url.searchParams.set('per_page', String(PER_PAGE));
  return url;
}

/** A group and a user are never called the same. */
async function pathOf(access: ForgeAccess, wire: Wire, owner: string, signal: AbortSignal | undefined): Promise<string> {
  const path = encodeURIComponent(owner);
  try {
    await wire.ask(new URL(`groups/${path}?with_projects=false`, access.api), signal === undefined ? {} : { signal });
    return `groups/${path}/projects?include_subgroups=true&with_shared=false`;
  } catch (error) {
    if (!isPivoError(error, 'NotFound') || owner.includes('/')) throw error;
    const found = await wire.ask(new URL(`users?username=${path}`, access.api), signal === undefined ? {} : { signal });
    const [user] = z.array(z.object({ id: z.number().int() })).parse(await found.json());
    if (user === undefined) throw error;
    return `users/${user.id}/projects`;
  }
}

function repositoriesOf(item: z.output<typeof Item>, transport: ListingOwner['transport']): ListedRepository[] {
  const url = cloneUrl(transport, item.path_with_namespace, { https: item.http_url_to_repo, ssh: item.ssh_url_to_repo });
  const own: ListedRepository = { id: String(item.id), path: item.path_with_namespace, url, archived: item.archived === true, fork: item.forked_from_project != null, wiki: false, empty: item.empty_repo === true, name: null };
  const hasWiki = item.wiki_access_level === undefined || item.wiki_access_level === null ? item.wiki_enabled === true : item.wiki_access_level !== 'disabled';
  return [...(item.repository_access_level === 'disabled' ? [] : [own]), ...(hasWiki ? [wikiOf(own)] : [])];
}
