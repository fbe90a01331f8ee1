// One page of a listing over the wire: conditional where an answer is kept, its items reduced, and where the next one is.
import { z } from 'zod';
import { PivoError } from '../contract/failures.ts';
import { isPlainRepositoryUrl } from '../contract/plain-url.ts';
import type { ListedRepository } from '../contract/source.ts';
import type { AnswerMemory, ListingOwner, ListingPage } from './listing.ts';
import type { Wire } from './wire.ts';

/** Repositories that are asked for at once: the most that GitHub and GitLab give. */
export const PER_PAGE = 100;

/** The shape of what is kept: another one is asked for anew. */
const KEPT_VERSION = 1;

/** What is kept of a page. */
interface KeptPage {
  version: typeof KEPT_VERSION;
  repositories: ListedRepository[];
  /** Items of the answer. */
  count: number;
  next: string | null;
}

export interface PageReading<Item extends z.ZodType> {
  wire: Wire;
  memory: AnswerMemory;
  headers?: Readonly<Record<string, string>>;
  /** What one item of the answer has to have. */
  item: Item;
  repositoriesOf(item: z.output<Item>): ListedRepository[];
  /** Items of a full page. */
  perPage: number;
}

/**
 * The page at `url`. The next one is where the answer says (RFC 8288 `Link`, or `X-Next-Page`); after a full page that names none it is asked for all the
 * same, since an answer that is not sent again may have been the last one when it was kept. Fails as Listing says; a link to another host is not followed.
 */
export async function pageAt<Item extends z.ZodType>(url: URL, reading: PageReading<Item>, signal: AbortSignal | undefined): Promise<ListingPage> {
  const { repositories, count, next } = await askPage(url, reading, signal);
  if (count === 0) return { repositories, cursor: null };
  return { repositories, cursor: next ?? (count >= reading.perPage ? pageAfter(url) : null) };
}

async function askPage<Item extends z.ZodType>(url: URL, { wire, memory, headers, item, repositoriesOf }: PageReading<Item>, signal: AbortSignal | undefined): Promise<KeptPage> {
  const known = readable(memory.kept(url.href));
  const answer = await wire.ask(url, { headers: { ...headers, ...(known === null ? {} : { 'if-none-match': known.etag }) }, ...(signal === undefined ? {} : { signal }) });
  if (answer.status === 304 && known !== null) return known.page;
  const items = itemsOf(await answer.json(), item, url);
  const page: KeptPage = { version: KEPT_VERSION, repositories: items.flatMap(repositoriesOf), count: items.length, next: nextOf(answer.headers, url) };
  const etag = answer.headers.get('etag');
  if (etag !== null) memory.keep(url.href, { etag, body: JSON.stringify(page) });
  return page;
}

function readable(kept: { etag: string; body: string } | null): { etag: string; page: KeptPage } | null {
  if (kept === null) return null;
  const page = JSON.parse(kept.body) as KeptPage;
  return page.version === KEPT_VERSION ? { etag: kept.etag, page } : null;
}

/** Fails with InvalidInput: what answers in another way is no such forge, and asking again would not change it. */
function itemsOf<Item extends z.ZodType>(value: unknown, item: Item, url: URL): z.output<Item>[] {
  const parsed = z.array(item).safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new PivoError('InvalidInput', `${url.host} answered no list of repositories: ${issue?.path.map(String).join('.') ?? ''} ${issue?.message ?? ''}`.slice(0, 300), { hint: 'Check that the kind of the forge is right, and forges.api in config.toml.' });
}

/** RFC 8288, as much of it as forges write: `<url>; rel="next", …`. */
function nextOf(headers: Headers, from: URL): string | null {
  const [, target] = /<([^<>]*)>\s*;[^,<]*\brel="?next"?/.exec(headers.get('link') ?? '') ?? [];
  if (target !== undefined) return URL.parse(target, from.href)?.href ?? null;
  const page = headers.get('x-next-page')?.trim() ?? '';
  return /^\d+$/.test(page) ? withPage(from, page) : null;
}

const pageAfter = (url: URL): string => withPage(url, String(Number(url.searchParams.get('page') ?? '1') + 1));

function withPage(from: URL, page: string): string {
  const url = new URL(from);
  url.searchParams.set('page', page);
  return url.href;
}

const ADDRESS = { https: /^https?:\/\//i, ssh: /^(ssh:\/\/|(?![^/]*:\/\/)[^/]+:)/i };

/** What git clones, of what a forge says: an address of that transport and never a path of this machine. Fails with InvalidInput. */
export function cloneUrl(transport: ListingOwner['transport'], path: string, said: Record<ListingOwner['transport'], string>): string {
  const url = said[transport];
  if (ADDRESS[transport].test(url) && isPlainRepositoryUrl(url)) return url;
  throw new PivoError('InvalidInput', `the forge gives no ${transport} address for ${path.slice(0, 200)}`, { hint: `Check the forge's own settings of its ${transport} addresses${transport === 'ssh' ? ', or add the source without --ssh' : ''}. Nothing was changed.` });
}

/** The repository that a repository's wiki is: all three forges keep it beside, with `.wiki` in its path. */
export const wikiOf = (of: ListedRepository): ListedRepository => ({ ...of, id: `${of.id}/wiki`, path: `${of.path}.wiki`, url: `${of.url.replace(/\.git$/, '')}.wiki.git`, wiki: true, empty: false });
