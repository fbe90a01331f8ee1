// The repositories of an organisation or user on Gitea or Forgejo (their API, `/api/v1`: orgs/{org}/repos and users/{username}/repos).
import { z } from 'zod';
import { isPivoError } from '../../contract/failures.ts';
import type { ListedRepository } from '../../contract/source.ts';
import type { AnswerMemory, Listing, ListingOwner } from '../listing.ts';
import { cloneUrl, pageAt, wikiOf } from '../listing-pages.ts';
import { openWire, type ForgeAccess, type Wire } from '../wire.ts';

/** As many as a server gives that is configured as it comes (`MAX_RESPONSE_ITEMS`). */
const PER_PAGE = 50;

const Item = z.object({ id: z.number().int(), full_name: z.string().min(1), clone_url: z.string(), ssh_url: z.string(), fork: z.boolean().default(false), archived: z.boolean().default(false), empty: z.boolean().default(false), has_wiki: z.boolean().default(false), external_wiki: z.unknown().optional() });

export function openGiteaListing(access: ForgeAccess, { owner, transport }: ListingOwner, memory: AnswerMemory): Listing {
  const wire = openWire(access);
  return {
    async page(cursor, signal) {
      const url = cursor === null ? await firstPage(access, wire, owner, signal) : new URL(cursor);
      return pageAt(url, { wire, memory, item: Item, repositoriesOf: (item) => repositoriesOf(item, transport), perPage: PER_PAGE }, signal);
    },
  };
}

async function firstPage({ api }: ForgeAccess, wire: Wire, owner: string, signal: AbortSignal | undefined): Promise<URL> {
  const name = encodeURIComponent(owner);
  const isOrganisation = await wire.ask(new URL(`orgs/${name}`, api), signal === undefined ? {} : { signal }).then(() => true, (error: unknown) => {
    if (isPivoError(error, 'NotFound')) return false;
    throw error;
  });
  return new URL(`${isOrganisation ? 'orgs' : 'users'}/${name}/repos?page=1&limit=${PER_PAGE}`, api);
}

/** A wiki elsewhere is none of the forge's. */
function repositoriesOf({ id, full_name: path, clone_url: https, ssh_url: ssh, fork, archived, empty, has_wiki: hasWiki, external_wiki: elsewhere }: z.output<typeof Item>, transport: ListingOwner['transport']): ListedRepository[] {
  const own: ListedRepository = { id: String(id), path, url: cloneUrl(transport, path, { https, ssh }), archived, fork, wiki: false, empty, name: null };
  return hasWiki && elsewhere == null ? [own, wikiOf(own)] : [own];
}
