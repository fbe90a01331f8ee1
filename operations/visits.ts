// Operation `visits`: the backup runs of one repository, last first.
import { z } from 'zod';
import type { LfsRecord } from '../contract/lfs.ts';
import { RepositoryName } from '../contract/names.ts';
import type { Visit } from '../contract/visit.ts';
import { defineOperation } from './operation.ts';

export interface VisitState extends Pick<Visit, 'seq' | 'time' | 'origin' | 'snapshot' | 'snapshotPath' | 'head' | 'outcome' | 'changes' | 'holes' | 'fsck' | 'newPacks' | 'workflow'> {
  /** Packs that this state needs. */
  packs: number;
  /** Bytes that this run added to the archive, indexes included. */
  newBytes: number;
  /** The gate keeps `current` before it. */
  held: boolean;
  /** Objects of Git LFS; null: nobody looked. */
  lfs: Pick<LfsRecord, 'objects' | 'bytes' | 'missing'> | null;
  checkout: Pick<Visit['checkout'], 'commit' | 'kind' | 'path' | 'files' | 'bytes' | 'reason'>;
}

export interface VisitList {
  repository: string;
  /** All visits there are. */
  total: number;
  /** The visit that `current` means. */
  current: number;
  visits: VisitState[];
}

export const visits = defineOperation({
  name: 'visits',
  description: 'Lists the backup runs of a repository, last first: time, snapshot, HEAD, what changed.',
  kind: 'reads',
  input: z.strictObject({
    repository: RepositoryName,
    limit: z.number().int().positive().max(10_000).default(50),
    skip: z.number().int().nonnegative().default(0),
  }),
  async run({ library }, { repository, limit, skip }, { signal }): Promise<VisitList> {
    const reader = await library.reader(repository);
    const wanted = reader.visits.toReversed().slice(skip, skip + limit);
    const { current, held } = await reader.gate();
    const heldVisits = new Set(held.map(({ visit }) => visit));
    const states: VisitState[] = [];
    for (const { seq } of wanted) {
      signal.throwIfAborted();
      states.push(stateOf(await reader.visit(seq), heldVisits.has(seq)));
    }
    return { repository, total: reader.visits.length, current, visits: states };
  },
});

function stateOf(visit: Visit, held: boolean): VisitState {
  const { seq, time, origin, snapshot, snapshotPath, head, outcome, changes, holes, fsck, newPacks, workflow } = visit;
  const { commit, kind, path, files, bytes, reason } = visit.checkout;
  const added = visit.packs.filter(({ name }) => newPacks.includes(name));
  return {
    seq, time, origin, snapshot, snapshotPath, head, outcome, changes, holes, fsck, newPacks, workflow,
    held,
    lfs: visit.lfs === undefined ? null : { objects: visit.lfs.objects, bytes: visit.lfs.bytes, missing: visit.lfs.missing },
    packs: visit.packs.length,
    newBytes: added.reduce((sum, { pack, idx }) => sum + pack.bytes + idx.bytes, 0),
    checkout: { commit, kind, path, files, bytes, reason },
  };
}
