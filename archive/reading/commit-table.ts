// Every commit ever backed up and the first visit that reached it: a sorted table in the cache, read by halving.
import { createInterface } from 'node:readline';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Snapshot } from '../../contract/snapshot.ts';
import { startGit } from '../../git/process.ts';
import { replaceFile } from '../../whole-file.ts';
import { openObjectView } from '../object-view.ts';
import { readSnapshot } from '../snapshots.ts';
import type { Store } from '../store.ts';
import type { VisitSummary } from './history.ts';
import type { ReadCache } from './read-cache.ts';

const SEQ_BYTES = 4;

export interface CommitTable {
  /** The last visit whose commits are in it. */
  readonly upTo: number;
  readonly size: number;
  /** Number of the first visit that contains the commit, or null for a commit that was never backed up. */
  firstVisit(commit: string): number | null;
  /** Commits whose id begins with these hex digits, at most `limit`, in order. */
  startingWith(prefix: string, limit: number): string[];
}

/** A table over records of `oidBytes` of id and 4 bytes of visit number, sorted. */
export function commitTable(records: Buffer, oidBytes: number, upTo: number): CommitTable {
  const width = oidBytes + SEQ_BYTES;
  const size = records.length / width;
  const idAt = (index: number): string => records.toString('hex', index * width, index * width + oidBytes);
  /** The first record whose id is not below `key`. */
  const lowest = (key: Buffer): number => {
    let [low, high] = [0, size];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (records.compare(key, 0, key.length, middle * width, middle * width + oidBytes) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return {
    upTo,
    size,
    firstVisit(commit) {
      const at = lowest(Buffer.from(commit, 'hex'));
      return at < size && idAt(at) === commit ? records.readUInt32BE(at * width + oidBytes) : null;
    },
    startingWith(prefix, limit) {
      const found: string[] = [];
      for (let at = lowest(Buffer.from(prefix.padEnd(oidBytes * 2, '0'), 'hex')); at < size && found.length < limit && idAt(at).startsWith(prefix); at++) found.push(idAt(at));
      return found;
    },
  };
}

const FILE = /^commits-([0-9]+)$/;

/** Where a table is made from. */
interface Source {
  store: Store;
  repository: string;
  cache: ReadCache;
  oidBytes: number;
}

/**
 * The table of all visits that the cache knows. What earlier visits brought is kept in the cache; only the commits
 * of later ones are walked. Fails with GitFailed, NotFound or Damaged.
 */
export async function openCommitTable(store: Store, repository: string, cache: ReadCache): Promise<CommitTable> {
  const { gitDir, history } = cache;
  const source: Source = { store, repository, cache, oidBytes: history.objectFormat === 'sha1' ? 20 : 32 };
  const last = history.visits.at(-1)?.seq ?? 0;
  const kept = await keptRecords(gitDir, last);
  const before = history.visits.filter((visit) => visit.seq <= kept.upTo);
  const fresh = firstOfEach(history.visits).filter((visit) => visit.seq > kept.upTo);
  if (fresh.length === 0) return commitTable(kept.records, source.oidBytes, last);
  const records = history.gaps ? await walkEach(source, kept.records, fresh) : await walkTogether(source, kept.records, before, fresh);
  await keepRecords(gitDir, records, last);
  return commitTable(records, source.oidBytes, last);
}

/** All fresh visits in one walk that stops at what the visits before reach. */
async function walkTogether({ store, repository, cache, oidBytes }: Source, kept: Buffer, before: readonly VisitSummary[], fresh: readonly VisitSummary[]): Promise<Buffer> {
  const known = new Set<string>();
  for (const visit of firstOfEach(before)) for (const { oid } of tipsOf(await readSnapshot(store, repository, visit))) known.add(oid);
  const start = new Set<string>();
  const tips = new Map<string, number>();
  for (const visit of fresh) {
    for (const { oid, commit } of tipsOf(await readSnapshot(store, repository, visit))) {
      if (!known.has(oid)) start.add(oid);
      if (!tips.has(commit)) tips.set(commit, visit.seq);
    }
  }
  if (start.size === 0) return kept;
  const added = await walk(cache.gitDir, [...start, ...[...known].map((oid) => `^${oid}`)], tips, oidBytes);
  return merge(kept, sorted(added, oidBytes), oidBytes);
}

/** One walk a visit, each to its own boundary: for origins that were shallow or lacked commits. */
async function walkEach({ store, repository, cache, oidBytes }: Source, kept: Buffer, fresh: readonly VisitSummary[]): Promise<Buffer> {
  const { gitDir, history } = cache;
  const gaps = (await readFile(join(gitDir, 'shallow'), 'utf8').catch(() => '')).split('\n').filter((line) => line !== '');
  let records = kept;
  for (const visit of fresh) {
    const snapshot = await readSnapshot(store, repository, visit);
    await using view = await openObjectView(join(gitDir, 'objects'), Object.keys(history.packs), history.objectFormat);
    await view.setShallow(new Set([...snapshot.shallow, ...gaps]));
    const tips = tipsOf(snapshot);
    if (tips.length === 0) continue;
    const reached = await walk(view.gitDir, tips.map(({ oid }) => oid), new Map(tips.map(({ commit }) => [commit, visit.seq])), oidBytes);
    records = merge(records, without(sorted(reached, oidBytes), records, oidBytes), oidBytes);
  }
  return records;
}

/** The records whose ids are not among `others`. */
function without(records: Buffer, others: Buffer, oidBytes: number): Buffer {
  const width = oidBytes + SEQ_BYTES;
  const table = commitTable(others, oidBytes, 0);
  const kept: Buffer[] = [];
  for (let at = 0; at < records.length; at += width) if (table.firstVisit(records.toString('hex', at, at + oidBytes)) === null) kept.push(records.subarray(at, at + width));
  return Buffer.concat(kept);
}

function firstOfEach(visits: readonly VisitSummary[]): VisitSummary[] {
  const seen = new Set<string>();
  return visits.filter(({ snapshotPath }) => !seen.has(snapshotPath) && seen.add(snapshotPath));
}

/** What refs and HEAD name, and the commit that each finally means where it is one. */
function tipsOf({ refs, head }: Snapshot): { oid: string; commit: string }[] {
  const tips = refs.filter((ref) => ref.type === 'commit' || ref.type === 'tag').map(({ oid, peeled }) => ({ oid, commit: peeled ?? oid }));
  return head.oid === null ? tips : [...tips, { oid: head.oid, commit: head.oid }];
}

/**
 * Records of the commits that `revisions` reach. Children come before their parents, so that a commit's first visit,
 * the least of its own and of its children's, is known when it comes.
 */
async function walk(gitDir: string, revisions: readonly string[], tips: ReadonlyMap<string, number>, oidBytes: number): Promise<Buffer> {
  const running = startGit(['rev-list', '--topo-order', '--parents', '--ignore-missing', '--stdin'], { gitDir, input: pieces(revisions) });
  const inherited = new Map<string, number>();
  let records = Buffer.alloc((oidBytes + SEQ_BYTES) * 1024);
  let used = 0;
  try {
    for await (const line of createInterface({ input: running.stdout.setEncoding('latin1'), crlfDelay: Infinity })) {
      const [commit = '', ...parents] = line.split(' ');
      const seq = Math.min(tips.get(commit) ?? Infinity, inherited.get(commit) ?? Infinity);
      inherited.delete(commit);
      for (const parent of parents) inherited.set(parent, Math.min(seq, inherited.get(parent) ?? Infinity));
      if (used === records.length) records = Buffer.concat([records], records.length * 2);
      used += records.write(commit, used, 'hex');
      used = records.writeUInt32BE(seq, used);
    }
    await running.done;
    return records.subarray(0, used);
  } finally {
    running.kill('SIGKILL');
  }
}

async function* pieces(items: readonly string[]): AsyncGenerator<string> {
  for (let at = 0; at < items.length; at += 1_000) yield `${items.slice(at, at + 1_000).join('\n')}\n`;
}

/** Records in the order of their ids. */
function sorted(records: Buffer, oidBytes: number): Buffer {
  const width = oidBytes + SEQ_BYTES;
  const heads = Uint32Array.from({ length: records.length / width }, (_, at) => records.readUInt32BE(at * width));
  const order = Uint32Array.from(heads.keys()).sort((a, b) => (heads[a] ?? 0) - (heads[b] ?? 0) || records.compare(records, b * width, b * width + oidBytes, a * width, a * width + oidBytes));
  const result = Buffer.allocUnsafe(records.length);
  order.forEach((from, to) => records.copy(result, to * width, from * width, (from + 1) * width));
  return result;
}

/** Two sorted lists of records as one; they share no id. */
function merge(a: Buffer, b: Buffer, oidBytes: number): Buffer {
  if (a.length === 0) return b;
  const width = oidBytes + SEQ_BYTES;
  const result = Buffer.allocUnsafe(a.length + b.length);
  let [fromA, fromB, to] = [0, 0, 0];
  while (fromA < a.length && fromB < b.length) {
    const first = a.compare(b, fromB, fromB + oidBytes, fromA, fromA + oidBytes) < 0;
    to += first ? a.copy(result, to, fromA, (fromA += width)) : b.copy(result, to, fromB, (fromB += width));
  }
  to += a.copy(result, to, fromA);
  b.copy(result, to, fromB);
  return result;
}

/** The records of the latest table in the cache that is not later than `last`. */
async function keptRecords(gitDir: string, last: number): Promise<{ upTo: number; records: Buffer }> {
  const upTo = Math.max(0, ...(await tablesIn(gitDir)).filter((seq) => seq <= last));
  const records = upTo === 0 ? null : await readFile(join(gitDir, `commits-${upTo}`)).then(checkedRecords, () => null);
  return records === null ? { upTo: 0, records: Buffer.alloc(0) } : { upTo, records };
}

/** Four bytes after the records: a table that was damaged is made anew. */
function checksum(records: Buffer): Buffer {
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(records));
  return sum;
}

function checkedRecords(file: Buffer): Buffer | null {
  const records = file.subarray(0, Math.max(0, file.length - 4));
  return checksum(records).equals(file.subarray(records.length)) && records.length > 0 ? records : null;
}

async function tablesIn(gitDir: string): Promise<number[]> {
  return (await readdir(gitDir)).flatMap((name) => FILE.exec(name)?.[1] ?? []).map(Number);
}

async function keepRecords(gitDir: string, records: Buffer, upTo: number): Promise<void> {
  await replaceFile(join(gitDir, `commits-${upTo}`), Buffer.concat([records, checksum(records)]));
  for (const seq of await tablesIn(gitDir)) if (seq < upTo) await rm(join(gitDir, `commits-${seq}`), { force: true });
}
