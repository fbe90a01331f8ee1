// TEMPORARY resolver until archive/reading/points.ts is there.
import type { Store } from '../archive/store.ts';
import { readSnapshot } from '../archive/snapshots.ts';
import { latestVisit, readVisits, visitAt } from '../archive/visits.ts';
import { PivoError } from '../contract/failures.ts';
import { gitTest } from '../git/process.ts';
import { repositoryPath } from '../archive/layout.ts';
import type { PlanPoint } from './make-plan.ts';

export async function resolvePoint(store: Store, repository: string, asked: string): Promise<PlanPoint> {
  const last = await latestVisit(store, repository);
  if (last === null) throw new PivoError('NotFound', `there is no repository "${repository}"`, { hint: 'See `pivo repos`.' });
  const done = async (kind: string, visit: typeof last, commit: string | null): Promise<PlanPoint> => ({ asked, kind, visit, commit, snapshot: await readSnapshot(store, repository, visit) });
  if (asked === 'latest') return done('latest', last, last.head);
  if (/^[0-9a-f]{40,64}$/.test(asked)) {
    for await (const visit of readVisits(store, repository)) {
      const gitDir = store.localPath(`${repositoryPath(repository)}/${visit.snapshotPath}`) ?? '';
      const reached = await gitTest(['cat-file', '-e', `${asked}^{commit}`], { gitDir }).catch(() => false);
      if (reached) return done('commit', visit, asked);
    }
    throw new PivoError('NotFound', `no commit ${asked}`);
  }
  if (asked.includes(':snp:')) for await (const visit of readVisits(store, repository)) if (visit.snapshot === asked) return done('snapshot', visit, visit.head);
  if (/^\d{4}-/.test(asked)) {
    const visit = await visitAt(store, repository, new Date(asked));
    if (visit !== null) return done('instant', visit, visit.head);
  }
  throw new PivoError('NotFound', `no point ${asked}`);
}
