// What happened to an origin's refs since the last visit, and what of it took something away.
import { createInterface } from 'node:readline';
import { DESTROYED_LISTED, type Destroyed, type DestroyedRef } from '../contract/gate.ts';
import type { Ref } from '../contract/snapshot.ts';
import type { RefChanges } from '../contract/visit.ts';
import { gitTest, startGit } from '../git/process.ts';
import { unquotePath } from '../git/quote.ts';
import type { Known, Observation, OriginCache } from './origin-cache.ts';

/** A ref that does not lead to what it held any more; `ref` is null when it is gone. */
interface Broken {
  old: Ref;
  ref: Ref | null;
}

/** Compares what was observed with a visit. Ancestry is asked of the cache; what it cannot tell counts as destroyed. */
export async function changesSince(known: Pick<Known, 'snapshot'> | null, { refs, holes }: Pick<Observation, 'refs' | 'holes'>, cache: OriginCache, signal: AbortSignal): Promise<RefChanges> {
  const before = new Map(known?.snapshot.refs.map((ref) => [ref.name, ref]));
  for (const hole of holes) before.delete(hole.ref ?? ''); // the origin still names it
  const changes: RefChanges = { created: 0, updated: 0, forced: 0, deleted: 0 };
  const broken: Broken[] = [];
  for (const ref of refs) {
    const old = before.get(ref.name);
    before.delete(ref.name);
    if (old === undefined) changes.created += 1;
    else if (old.oid !== ref.oid) {
      changes.updated += 1;
      const follows = await contains(cache, ref, old, signal);
      if (!follows) broken.push({ old, ref });
      if (!follows || old.type !== 'commit' || ref.type !== 'commit') changes.forced += 1;
    }
  }
  changes.deleted = before.size;
  for (const old of before.values()) broken.push({ old, ref: null });
  const destroyed = known === null ? null : await describe(broken, known, refs, cache, signal);
  return destroyed === null ? changes : { ...changes, destroyed };
}

const commitOf = ({ type, oid, peeled }: Ref): string | null => (type === 'commit' ? oid : type === 'tag' ? (peeled ?? null) : null);

/** True when the commit of `ref` has that of `old` among its ancestors; what is no commit contains nothing. */
async function contains(cache: OriginCache, ref: Ref, old: Ref, signal: AbortSignal): Promise<boolean> {
  const [ancestor, descendant] = [commitOf(old), commitOf(ref)];
  if (ancestor === null || descendant === null) return false;
  return gitTest(['merge-base', '--is-ancestor', ancestor, descendant], { gitDir: cache.gitDir, signal }).catch(() => false);
}

/** Null when no branch and no tag lost anything; refs of other kinds are a forge's or a tool's own and change all the time. */
async function describe(broken: readonly Broken[], { snapshot }: Pick<Known, 'snapshot'>, refs: readonly Ref[], cache: OriginCache, signal: AbortSignal): Promise<Destroyed | null> {
  const emptied = snapshot.refs.length > 0 && refs.length === 0;
  const found = broken.filter(({ old }) => isBranch(old) || isTag(old));
  if (found.length === 0 && !emptied) return null;
  const lost = await lostCommits(found, refs, cache, signal);
  const named: DestroyedRef[] = [];
  for (const { old, ref } of found) {
    const commit = commitOf(old);
    const kind = isTag(old) ? (ref === null ? 'tag-deleted' : 'tag-moved') : ref === null ? 'branch-deleted' : (await contains(cache, old, ref, signal)) ? 'truncated' : 'forced';
    named.push({ kind, name: old.name, old: old.oid, new: ref?.oid ?? null, lost: commit === null || lost === null || lost.tips.has(commit) });
  }
  return {
    emptied,
    total: named.length,
    truncated: named.filter(({ kind }) => kind === 'truncated').length,
    commits: lost?.count ?? null,
    holds: emptied || named.some((each) => holds(each, snapshot.head.symref)),
    refs: named.slice(0, DESTROYED_LISTED),
  };
}

/** A branch that is gone while other refs hold its commits, as after a merge, is no reason to hold; HEAD's branch always is. */
const holds = ({ kind, name, lost }: DestroyedRef, head: string | null): boolean => kind !== 'branch-deleted' || lost || name === head;

const isBelow = ({ name }: Ref, prefix: string): boolean => unquotePath(name).toString('latin1').startsWith(prefix);
const isBranch = (ref: Ref): boolean => isBelow(ref, 'refs/heads/');
const isTag = (ref: Ref): boolean => isBelow(ref, 'refs/tags/');

/** Commits that the broken refs led to and no ref leads to now: how many, and which of the refs' own; null when objects are missing. */
async function lostCommits(broken: readonly Broken[], refs: readonly Ref[], cache: OriginCache, signal: AbortSignal): Promise<{ count: number; tips: Set<string> } | null> {
  const wanted = new Set(broken.flatMap(({ old }) => commitOf(old) ?? []));
  const kept = new Set(refs.flatMap((ref) => commitOf(ref) ?? []));
  if (wanted.size === 0) return { count: 0, tips: wanted };
  const running = startGit(['rev-list', '--stdin'], { gitDir: cache.gitDir, signal, input: [...[...wanted].map((oid) => `${oid}\n`), ...[...kept].map((oid) => `^${oid}\n`)].join('') });
  const tips = new Set<string>();
  let count = 0;
  for await (const commit of createInterface({ input: running.stdout })) {
    count += 1;
    if (wanted.has(commit)) tips.add(commit);
  }
  const whole = await running.done.then(() => true, () => false);
  signal.throwIfAborted();
  return whole ? { count, tips } : null;
}
