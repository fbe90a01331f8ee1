// Operation `visit-changes`: what one visit brought: refs made, moved, forced and deleted.
import { join } from 'node:path';
import { z } from 'zod';
import { RepositoryName } from '../contract/names.ts';
import type { Ref, Snapshot } from '../contract/snapshot.ts';
import type { Visit } from '../contract/visit.ts';
import { judgeMoves } from '../restore/fast-forwards.ts';
import type { RepositoryReader } from '../archive/reading/reader.ts';
import { defineOperation } from './operation.ts';

export interface RefChange {
  name: string;
  /** `forced`: the new commit does not contain the old one. */
  change: 'created' | 'updated' | 'forced' | 'deleted';
  old: string | null;
  new: string | null;
}

export interface VisitChanges {
  repository: string;
  visit: number;
  time: string;
  /** As the visit counted them; `refs` may hold fewer. */
  counts: Visit['changes'];
  /** Deleted and forced ones first. */
  refs: RefChange[];
  truncated: boolean;
}

const ORDER = ['deleted', 'forced', 'updated', 'created'] as const;

export const visitChanges = defineOperation({
  name: 'visit-changes',
  description: 'Tells what one visit of a repository found changed since the visit before: refs created, updated, forced and deleted.',
  kind: 'reads',
  input: z.strictObject({ repository: RepositoryName, visit: z.number().int().positive(), limit: z.number().int().positive().max(10_000).default(500) }),
  async run({ library }, { repository, visit: seq, limit }, { signal }): Promise<VisitChanges> {
    const reader = await library.reader(repository);
    const visit = await reader.visit(seq);
    const before = seq === 1 ? [] : (await reader.snapshot(await reader.visit(seq - 1))).refs;
    const changes = compare(before, await reader.snapshot(visit));
    if (visit.changes.forced > 0) await markForced(reader, visit, changes, signal);
    changes.sort((a, b) => ORDER.indexOf(a.change) - ORDER.indexOf(b.change));
    return { repository, visit: seq, time: visit.time, counts: visit.changes, refs: changes.slice(0, limit), truncated: changes.length > limit };
  },
});

/** Most moved refs that are looked at for being forced. */
const MOST_MOVES = 10_000;

/** As the visit counted them: whatever is no fast-forward of a commit. */
async function markForced({ gitDir }: RepositoryReader, { objectFormat }: Visit, changes: readonly RefChange[], signal: AbortSignal): Promise<void> {
  const updated = changes.filter(({ change }) => change === 'updated').slice(0, MOST_MOVES);
  const verdicts = await judgeMoves(join(gitDir, 'objects'), objectFormat, updated.map((each) => ({ old: each.old ?? '', new: each.new ?? '' })), signal);
  for (const [at, each] of updated.entries()) if (verdicts[at] !== 'fast-forward') each.change = 'forced';
}

function compare(before: readonly Ref[], { refs }: Snapshot): RefChange[] {
  const old = new Map(before.map(({ name, oid }) => [name, oid]));
  const now = new Set(refs.map(({ name }) => name));
  const made = refs.flatMap(({ name, oid }): RefChange[] => {
    const was = old.get(name);
    if (was === oid) return [];
    return [{ name, change: was === undefined ? 'created' : 'updated', old: was ?? null, new: oid }];
  });
  const gone = before.filter(({ name }) => !now.has(name)).map(({ name, oid }): RefChange => ({ name, change: 'deleted', old: oid, new: null }));
  return [...made, ...gone];
}
