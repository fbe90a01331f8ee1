// What a repository takes in the archive, by part, and how fast that grows.
import { isPivoError } from '../contract/failures.ts';
import type { PackProof, Visit } from '../contract/visit.ts';
import { eachAtOnce } from './at-once.ts';
import { repositoryPath } from './layout.ts';
import { isRemoved, listRetentions, removedBy, type RemovedCheckouts } from './retentions.ts';
import type { Store, Usage } from './store.ts';
import { listVisitNumbers, readVisit } from './visits.ts';

/** Folders of a repository by what they hold; what is in none of them are checkouts, and what unfinished writes left. */
const PARTS = { objects: 'packs', snapshots: 'snapshots', visits: 'visits', decisions: 'decisions', retention: 'retention', lfs: 'lfs', forge: 'forge' } as const;

export type CostPart = (typeof PARTS)[keyof typeof PARTS] | 'checkouts';

/** Bytes of NameNode heap for each file, folder and block, about: Cloudera, HDFS Overview, "Disk space versus namespace". */
export const HEAP_BYTES = 150;

export interface Cost extends Usage {
  /** Files, folders and blocks, each an object of the NameNode; at most so many. Null where there is none. */
  objects: number | null;
}

export interface Growth {
  /** Bytes on the disks that came after the first backup, and the days in which they did. */
  bytes: number;
  days: number;
  /** Null where less than a day has passed. */
  perYear: number | null;
  /** Why the rate says little; null where it rests on months. */
  caveat: string | null;
}

export interface RepositoryCost extends Cost {
  repository: string;
  parts: (Cost & { part: CostPart })[];
  visits: number;
  /** Bytes of packs that only earlier visits need: later ones have their objects in joined or repaired packs. */
  superseded: number;
  /** Null where a visit cannot be read. */
  growth: Growth | null;
}

/** What one visit added. */
export interface VisitCost {
  visit: number;
  time: string;
  outcome: Visit['outcome'];
  snapshot: string;
  packs: number;
  packBytes: number;
  /** The checkout that was laid out for it; null when it has none, or an earlier one. */
  checkout: { path: string; files: number; bytes: number; removed: boolean } | null;
}

const DAY_MS = 86_400_000;
const YEAR_DAYS = 365.25;
/** Fewer days or visits than these say little about a year. */
const TELLING = { days: 30, visits: 5 };
const NOTHING: Usage = { files: 0, folders: 0, bytes: 0, stored: 0, blocks: null };

/**
 * Objects that a NameNode keeps for what a folder takes: one for each file, folder and block (HDFS Architecture, "The Persistence of File System
 * Metadata" and "Data Blocks": a file of b bytes has ceil(b / block size) blocks; files of no bytes have none, so that this is at most).
 */
export const costOf = (usage: Usage): Cost => ({ ...usage, objects: usage.blocks === null ? null : usage.files + usage.folders + usage.blocks });

/** The sum of several. */
export function sumOf(usages: readonly Usage[]): Cost {
  const sum = (of: (usage: Usage) => number): number => usages.reduce((total, usage) => total + of(usage), 0);
  const blocks = usages.some((usage) => usage.blocks !== null) ? sum((usage) => usage.blocks ?? 0) : null;
  return costOf({ files: sum(({ files }) => files), folders: sum(({ folders }) => folders), bytes: sum(({ bytes }) => bytes), stored: sum(({ stored }) => stored), blocks });
}

/** Asks the store about the repository's folder and each part's, and reads its first and last visit: what lies below makes no difference on HDFS. */
export async function repositoryCost(store: Store, repository: string, signal?: AbortSignal): Promise<RepositoryCost> {
  const folder = repositoryPath(repository);
  const [whole, listed, numbers] = await Promise.all([store.usage(folder, signal), store.list(folder), listVisitNumbers(store, repository)]);
  const names = listed.flatMap(({ name, kind }) => (kind === 'folder' && Object.hasOwn(PARTS, name) ? [name as keyof typeof PARTS] : []));
  const measured = await Promise.all(names.map(async (name) => ({ part: PARTS[name], usage: (await store.usage(`${folder}/${name}`, signal)) ?? NOTHING })));
  const rest = without(whole ?? NOTHING, measured.map(({ usage }) => usage));
  const parts = [
    ...measured.map(({ part, usage }) => ({ part, ...costOf(onDisk(usage)) })),
    ...(rest.files > 0 ? [{ part: 'checkouts' as const, ...costOf(rest) }] : []),
  ];
  const total = costOf({ ...sumOf(parts), folders: whole?.folders ?? 0, blocks: whole?.blocks ?? null });
  const ends = await endsOf(store, repository, numbers);
  const removed = names.includes('retention') ? await removedOf(store, repository) : new Map<string, number>();
  const objects = measured.find(({ part }) => part === 'packs')?.usage;
  return { repository, ...total, parts, visits: numbers.length, superseded: ends === null ? 0 : Math.max(0, (objects?.bytes ?? 0) - bytesOf(ends.last.packs)), growth: ends === null ? null : growthOf(total, ends, numbers.length, removed) };
}

/** Packs are linked into a worker's cache: of them a local store has the whole, not a share. */
const onDisk = (usage: Usage): Usage => (usage.blocks === null ? { ...usage, stored: usage.bytes } : usage);

function without(whole: Usage, parts: readonly Usage[]): Usage {
  const rest = (of: (usage: Usage) => number): number => Math.max(0, parts.reduce((left, part) => left - of(part), of(whole)));
  return { files: rest(({ files }) => files), folders: Math.max(0, rest(({ folders }) => folders) - 1), bytes: rest(({ bytes }) => bytes), stored: rest(({ stored }) => stored), blocks: whole.blocks === null ? null : rest(({ blocks }) => blocks ?? 0) };
}

const bytesOf = (packs: readonly PackProof[]): number => packs.reduce((sum, { pack, idx }) => sum + pack.bytes + idx.bytes, 0);

async function removedOf(store: Store, repository: string): Promise<RemovedCheckouts> {
  return removedBy(await listRetentions(store, repository, () => {}));
}

interface Ends {
  first: Visit;
  last: Visit;
}

async function endsOf(store: Store, repository: string, numbers: readonly number[]): Promise<Ends | null> {
  try {
    const [first, last] = await Promise.all([numbers[0], numbers.at(-1)].map((seq) => readVisit(store, repository, seq ?? 1)));
    return first === undefined || last === undefined ? null : { first, last };
  } catch (error) {
    if (isPivoError(error, 'Damaged', 'NotFound')) return null;
    throw error;
  }
}

/** What came after the first backup, over the time from the first visit to the last. */
function growthOf({ bytes, stored }: Usage, { first, last }: Ends, visits: number, removed: RemovedCheckouts): Growth {
  const began = bytesOf(first.packs) + (isRemoved(first.checkout, removed) ? 0 : first.checkout.bytes);
  const replicas = bytes === 0 ? 1 : Math.max(1, stored / bytes);
  const grown = Math.max(0, Math.round(stored - began * replicas));
  const days = (Date.parse(last.time) - Date.parse(first.time)) / DAY_MS;
  const perYear = days < 1 ? null : Math.round((grown / days) * YEAR_DAYS);
  const few = days < TELLING.days || visits < TELLING.visits;
  return { bytes: grown, days, perYear, caveat: few ? `${visits} ${visits === 1 ? 'visit' : 'visits'} in ${days < 10 ? days.toFixed(1) : Math.round(days)} days say little about a year` : null };
}

/** Visits that are read together. */
const AT_ONCE = 8;

/** What the last `limit` visits added, the last one first. Fails with Damaged where one of them cannot be read. */
export async function visitCosts(store: Store, repository: string, limit: number, signal?: AbortSignal): Promise<VisitCost[]> {
  const numbers = (await listVisitNumbers(store, repository)).slice(-limit - 1);
  const removed = await removedOf(store, repository);
  const visits = new Map<number, Visit>();
  await eachAtOnce(numbers, AT_ONCE, async (seq) => void visits.set(seq, await readVisit(store, repository, seq)), signal);
  const costs = numbers.flatMap((seq) => {
    const visit = visits.get(seq);
    return visit === undefined ? [] : [visitCost(visit, visits.get(seq - 1), removed)];
  });
  return costs.slice(-limit).reverse();
}

function visitCost({ seq, time, outcome, snapshot, packs, newPacks, checkout }: Visit, before: Visit | undefined, removed: RemovedCheckouts): VisitCost {
  const added = packs.filter(({ name }) => newPacks.includes(name));
  const isNew = checkout.path !== null && (before?.checkout.path !== checkout.path || before.checkout.time !== checkout.time);
  return { visit: seq, time, outcome, snapshot, packs: added.length, packBytes: bytesOf(added), checkout: isNew && checkout.path !== null ? { path: checkout.path, files: checkout.files, bytes: checkout.bytes, removed: isRemoved(checkout, removed) } : null };
}
