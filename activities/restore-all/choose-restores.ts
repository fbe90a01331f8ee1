// Act: chooses the repositories of a restore of many and keeps the list in the store, where it never changes.
import { chosenPath } from '../../archive/layout.ts';
import { PivoError } from '../../contract/failures.ts';
import { canonicalJson } from '../../contract/plan.ts';
import type { ChosenRestore, RestoreAllJob } from '../../contract/restore-all.ts';
import { chooseRestores as choose } from '../../restore/many/choose.ts';
import { namesListedBy } from '../../restore/many/listed.ts';
import type { ActRun, ActivityDeps } from '../act.ts';
import { keptOnce } from './ports.ts';

/** How many there are. Fails as `choose` and `namesListedBy` do, and with Exists where an earlier run of this id chose: what it planned and did would be taken for this one's. */
export async function chooseRestores({ store, protocols, fleet }: ActivityDeps, { restoreId, request }: RestoreAllJob, { signal, onProgress, attempt }: ActRun): Promise<number> {
  onProgress({ phase: 'choosing repositories' });
  if (attempt === 1 && (await store.stat(chosenPath(restoreId))) !== null) throw new PivoError('Exists', `the restore ${restoreId} was begun by an earlier run`, { hint: 'Start this one under another workflow id.' });
  const listed = request.source === undefined ? null : namesListedBy(fleet?.book, request.source);
  const chosen = await choose(request, { store, protocols, listed });
  return (await keptOnce<ChosenRestore[]>(store, chosenPath(restoreId), canonicalJson(chosen), signal)).length;
}
