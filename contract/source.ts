// The words of sources: a forge's owner, or a list, whose repositories are all backed up.
import { z } from 'zod';
import { CredentialName } from './ingest.ts';
import { isPlainUrl } from './plain-url.ts';

/** Names a source on the command line, in schedules and workflow ids. */
export const SourceName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'a source is named by 1 to 63 small letters, digits or "-"');

export const SourceKind = z.enum(['github', 'gitlab', 'gitea', 'list']);
export type SourceKind = z.infer<typeof SourceKind>;

/** `*` and `?` match within one part of a path, `**` across parts; as in gitignore(5), without "!". */
const Pattern = z.string().min(1).max(200);

/** What a person says of a source; kept in `state.db`, never with a secret. */
export const SourceSpec = z
  .strictObject({
    name: SourceName,
    kind: SourceKind,
    /** Base URL of the forge as people open it, such as `https://git.example.com`; missing: github.com or gitlab.com. */
    host: z.url({ protocol: /^https?$/ }).refine(isPlainUrl, 'an address without user, password or query').optional(),
    /** Organisation, user or group with its path; of a list: the file's path. */
    owner: z.string().min(1).max(1000),
    /** For git, and for the forge's API where `apiCredential` is not given. */
    credential: CredentialName.optional(),
    /** For the forge's API where git needs another one, such as a key for ssh. */
    apiCredential: CredentialName.optional(),
    /** Repositories whose path below the forge matches one of them; none: all. */
    include: z.array(Pattern).max(1000).default([]),
    exclude: z.array(Pattern).max(1000).default([]),
    archived: z.boolean().default(true),
    forks: z.boolean().default(false),
    /** Wikis are repositories of their own, named `owner.name.wiki`. */
    wikis: z.boolean().default(true),
    /** Issues, merge requests, releases and so on, as JSON lines beside the backup. */
    forgeData: z.boolean().default(false),
    /** How git reaches the repositories. */
    transport: z.enum(['https', 'ssh']).default('https'),
    /** Backups at once from one host. */
    atOnce: z.number().int().positive().max(100).default(4),
  });
export type SourceSpec = z.output<typeof SourceSpec>;

/** `present`: the last whole listing had it; `vanished`: it had not, and what was backed up stays; `excluded`: by pattern, or as a fork or archived one. */
export const SourceState = z.enum(['present', 'vanished', 'excluded']);
export type SourceState = z.infer<typeof SourceState>;

/** One repository as a forge or a list names it. */
export interface ListedRepository {
  /** Stays the same when it is renamed: the forge's own id, for a list its URL. `{id}/wiki` for a wiki. */
  id: string;
  /** `owner/name` with all groups; of a wiki with `.wiki` behind. */
  path: string;
  /** What git clones. */
  url: string;
  archived: boolean;
  fork: boolean;
  wiki: boolean;
  /** The forge says there is nothing in it yet. */
  empty: boolean;
  /** What a list calls it in the archive; null: PIVO names it. */
  name: string | null;
}

/** A listed repository, and what PIVO makes of it. */
export interface DecidedRepository extends ListedRepository {
  /** Its name in the archive. */
  repository: string;
  /** Why it is not taken; null: it is. */
  excluded: string | null;
  /** Where its newest visit in the archive came from, if that is another URL: it moved, and keeps its name. Null: it did not, or has no visit. */
  formerUrl: string | null;
}

/** A repository of a source, as `state.db` keeps it. */
export interface SourceRepository extends Omit<ListedRepository, 'name'> {
  source: string;
  /** Its name in the archive, for ever: `owner.name`. A renamed repository keeps it. */
  repository: string;
  state: SourceState;
  /** Why it is excluded; null when it is not. */
  reason: string | null;
  /** As of DecidedRepository: what an ingest takes as `formerUrl`. */
  formerUrl: string | null;
  /** Earlier paths, oldest first. */
  renamedFrom: string[];
  /** ISO 8601 UTC. */
  firstSeen: string;
  lastSeen: string;
}

export const DiscoverInput = z.strictObject({
  source: SourceName,
  /** Changes nothing: `listed` tells afterwards what would be taken. */
  dryRun: z.boolean().default(false),
  /** A person knows that most of its repositories are gone. */
  acceptVanished: z.boolean().default(false),
  /** Queue of the worker whose home knows the source. Default: any worker's. */
  worker: z.string().max(100).optional(),
  requestedBy: z.string().max(200).default('unknown'),
});
export type DiscoverInput = z.input<typeof DiscoverInput>;

/** Where a listing that takes several calls goes on: opaque to everybody but the listing. Null: it is at its end. */
export type ListingCursor = string | null;

/** What a whole discovery changed, or, as a dry run, would change. */
export interface Discovery {
  source: string;
  /** Under it the book keeps what was listed until the next discovery of the source. */
  discovery: string;
  /** Nothing of it was kept. */
  dryRun?: true;
  present: number;
  excluded: number;
  new: number;
  renamed: number;
  vanished: number;
}

/** Whose a name in the archive is. */
export type NamedRepository = Pick<SourceRepository, 'source' | 'id' | 'path' | 'url' | 'repository'>;

/** Port SourceBook: the sources of a home and what was found in them. Every method fails with Unavailable when that cannot be kept now. */
export interface SourceBook {
  /** Null for an unknown name. */
  source(name: string): SourceSpec | null;
  sources(): SourceSpec[];
  /** Begins a discovery: what it lists is kept apart under `discovery` until `endDiscovery`. Again with the same id: goes on. */
  beginDiscovery(source: string, discovery: string): void;
  /** Keeps one page; the same repositories again change nothing. */
  keepPage(source: string, discovery: string, page: readonly ListedRepository[]): void;
  /** All that the discovery listed, in byte order of their ids. */
  listed(source: string, discovery: string): ListedRepository[];
  /** How many present repositories the discovery has not listed, and how many are present. */
  missing(source: string, discovery: string): { missing: number; present: number };
  /** Makes what was decided of everything listed the source's repositories; who is not among them is vanished. `dryRun`: only says so, and keeps it for `decided`. */
  endDiscovery(source: string, discovery: string, decided: readonly DecidedRepository[], dryRun: boolean): Discovery;
  /** The names that repositories of all sources have in the archive. */
  names(): NamedRepository[];
  /** Up to `limit` repositories after the one named `after` (by `repository`, byte order; null: from the first). */
  repositories(source: string, after: string | null, limit: number, state?: SourceState): SourceRepository[];
  /** An answer kept for conditional requests: `key` is the URL; null: none. */
  kept(source: string, key: string): { etag: string; body: string } | null;
  keep(source: string, key: string, answer: { etag: string; body: string }): void;
}

