// Pages of a forge's REST listings: what changed since, in an order in which nothing is missed while it changes.
import { PivoError, isPivoError } from '../contract/failures.ts';
import type { ForgeDataKind, ForgeExport, ForgeRecord, ForgeStep } from '../contract/forge-data.ts';
import type { ForgeData, ForgePage, PageAsked, RecordAsked } from './data.ts';
import { instantIn, type Raw } from './raw-record.ts';
import type { ForgeAccess, Wire } from './wire.ts';

/**
 * The order in which a listing comes. `oldest change first`: the next page is what changed since the last record of this one, so that
 * what moves to the end meanwhile comes again and nothing slips through. `newest change first`: read until older than asked for; what
 * changes meanwhile comes with the next export. `as made`: by number of the page.
 */
type Order = 'oldest change first' | 'newest change first' | 'as made';

export interface Listing {
  step: ForgeStep;
  /** Below the base of the API. */
  path(of: RecordAsked | undefined): string;
  query?: Readonly<Record<string, string>>;
  order: Order;
  /** Name of the parameter that takes an instant. */
  since?: string;
  /** The items of an answer. Default: the answer is a list. */
  items?(answer: unknown): unknown[];
  records(item: Raw, of: RecordAsked | undefined): ForgeRecord[];
}

export interface ListingForge {
  forge: ForgeExport['forge'];
  access: ForgeAccess;
  wire: Wire;
  headers: Readonly<Record<string, string>>;
  /** Most items of a page, and the parameter that says so. */
  size: { most: number; parameter: string };
  /** Path of the repository itself, below the base of the API. */
  repository: string;
  listings: readonly Listing[];
  asset: ForgeData['asset'];
}

/** Where a listing goes on. */
interface Place {
  since: string | null;
  page: number;
}

/** Parts of a page that is longer than an answer may be. */
const PARTS = 10;

export function listingData({ forge, access, wire, headers, size, repository, listings, asset }: ListingForge): ForgeData {
  const byName = new Map<ForgeDataKind, Listing>(listings.map((listing) => [listing.step.name, listing]));

  async function ask(url: URL, { etag, signal }: { etag?: string | null | undefined; signal: AbortSignal | undefined }): Promise<Response> {
    return wire.ask(url, { headers: { ...headers, ...(etag == null ? {} : { 'if-none-match': etag }) }, ...(signal === undefined ? {} : { signal }) });
  }

  function urlOf(listing: Listing, { since, page }: Place, of: RecordAsked | undefined, count: number): URL {
    const url = new URL(listing.path(of), access.api);
    const query = { ...listing.query, ...(since === null || listing.since === undefined ? {} : { [listing.since]: since }), [size.parameter]: String(count), page: String(page) };
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    return url;
  }

  /** A page whose answer is too long is asked for in parts. */
  async function inParts(listing: Listing, place: Place, of: RecordAsked | undefined, signal: AbortSignal | undefined): Promise<Answered> {
    const items: unknown[] = [];
    for (let part = 1; part <= PARTS; part++) {
      const answer = await ask(urlOf(listing, { since: place.since, page: (place.page - 1) * PARTS + part }, of, size.most / PARTS), { signal });
      const read = await itemsOf(listing, answer, access, size.most / PARTS);
      items.push(...read.items);
      if (!read.more) return { ...read, items, etag: null };
      if (part === PARTS) return { ...read, items, etag: null };
    }
    throw new PivoError('Internal', 'unreachable');
  }

  async function answered(listing: Listing, place: Place, { of, etag }: PageAsked, signal: AbortSignal | undefined): Promise<Answered | 'unchanged'> {
    try {
      const answer = await ask(urlOf(listing, place, of, size.most), { etag, signal });
      return answer.status === 304 ? 'unchanged' : await itemsOf(listing, answer, access, size.most);
    } catch (error) {
      if (!isPivoError(error, 'LimitExceeded')) throw error;
      return inParts(listing, place, of, signal);
    }
  }

  return {
    forge,
    steps: listings.map(({ step }) => step),
    asset,
    async look(signal) {
      await ask(new URL(repository, access.api), { signal });
    },
    async page(asked, signal) {
      const listing = byName.get(asked.step);
      if (listing === undefined) throw new PivoError('InvalidInput', `${access.forge} has no listing of ${asked.step}`);
      const place: Place = asked.cursor === null ? { since: asked.since === null ? null : justBefore(asked.since), page: 1 } : (JSON.parse(asked.cursor) as Place);
      const answer = await answered(listing, place, asked, signal);
      return answer === 'unchanged' ? answer : pageOf(listing, place, answer, asked);
    },
  };
}

interface Answered {
  items: unknown[];
  more: boolean;
  etag: string | null;
  time: string | null;
}

/** After a full page the next one is asked for: where it is sent as unchanged later, there may be more than when it was kept. What is asked about one record is not kept. */
async function itemsOf({ items, step }: Listing, answer: Response, { forge, api }: ForgeAccess, full: number): Promise<Answered> {
  const body: unknown = await answer.json();
  const found = items === undefined ? body : items(body);
  if (!Array.isArray(found)) throw new PivoError('InvalidInput', `${forge} at ${api.host} answered a listing with something that is no list`, { hint: 'Check forges.api in config.toml: it is the base of the API.' });
  const date = Date.parse(answer.headers.get('date') ?? '');
  const more = /;\s*rel="?next"?/.test(answer.headers.get('link') ?? '') || (step.of === undefined && found.length >= full);
  return { items: found, more, etag: answer.headers.get('etag'), time: Number.isNaN(date) ? null : new Date(date).toISOString() };
}

function pageOf(listing: Listing, place: Place, { items, more, etag, time }: Answered, { since, of }: PageAsked): ForgePage {
  const objects = items.filter((item): item is Raw => typeof item === 'object' && item !== null);
  const last = instantIn(objects.at(-1)?.['updated_at']);
  const from = since === null ? null : justBefore(since);
  const all = objects.flatMap((item) => listing.records(item, of));
  const records = from === null || listing.order !== 'newest change first' ? all : all.filter(({ updated }) => updated === null || updated >= from);
  return { records, next: more ? nextOf(listing, place, last, from) : null, etag, time };
}

function nextOf({ order }: Listing, { since, page }: Place, last: string | null, from: string | null): string | null {
  if (order === 'newest change first' && from !== null && last !== null && last < from) return null;
  const moved = order === 'oldest change first' && last !== null ? justBefore(last) : null;
  const place: Place = moved !== null && (since === null || moved > since) ? { since: moved, page: 1 } : { since, page: page + 1 };
  return JSON.stringify(place);
}

/** The second before: forges differ in whether an instant itself is asked for, and some keep whole seconds only. */
const justBefore = (instant: string): string => `${new Date((Math.floor(Date.parse(instant) / 1000) - 1) * 1000).toISOString().slice(0, 19)}Z`;
