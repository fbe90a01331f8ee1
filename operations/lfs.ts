// Operation `lfs`: the objects of Git LFS that a repository's history points to, and which of them the archive lacks.
import { z } from 'zod';
import { PivoError } from '../contract/failures.ts';
import type { LfsEntry, LfsStatus } from '../contract/lfs.ts';
import { RepositoryName } from '../contract/names.ts';
import { readLedger, recordOf } from '../archive/ledger.ts';
import { latestVisit } from '../archive/visits.ts';
import { defineOperation } from './operation.ts';

export const lfs = defineOperation({
  name: 'lfs',
  description: 'Tells of the objects of Git LFS that a repository\'s history points to: how many, their bytes, and which are missing in the archive and why.',
  kind: 'reads',
  input: z.strictObject({
    repository: RepositoryName,
    /** `missing`: only those that are not in the archive. */
    objects: z.enum(['missing', 'all']).default('missing'),
    limit: z.number().int().positive().max(100_000).default(1000),
  }),
  async run({ store }, { repository, objects, limit }): Promise<LfsStatus> {
    const visit = await latestVisit(store, repository);
    if (visit === null) throw new PivoError('NotFound', `there is no repository "${repository}" in the archive`, { hint: '`pivo repos` lists what is there.' });
    const ledger = await readLedger(store, repository, visit.lfs?.ledger);
    const { missing, bytes, objects: known } = recordOf(ledger);
    const wanted = [...ledger.entries.values()].filter(({ state }) => objects === 'all' || state === 'missing').sort(byPath);
    return { repository, visit: visit.seq, looked: visit.lfs !== undefined, objects: known, bytes, archived: known - missing, missing, entries: wanted.slice(0, limit), truncated: wanted.length > limit };
  },
});

const byPath = (a: LfsEntry, b: LfsEntry): number => ((a.path ?? a.oid) < (b.path ?? b.oid) ? -1 : 1);
