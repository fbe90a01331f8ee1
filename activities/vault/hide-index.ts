// Act: has the index built anew from the archive, so that it has tokens only; the file of before is gone with it.
import { PivoError } from '../../contract/failures.ts';
import type { ActRun, ActivityDeps } from '../act.ts';
import { vaultIn } from './vault-in.ts';

/** Fails with Unavailable while the metadata service does not run. */
export async function hideIndex(deps: ActivityDeps, _input: unknown, { signal, onProgress }: ActRun): Promise<void> {
  vaultIn(deps);
  if (deps.home === undefined) throw new PivoError('Unavailable', 'this worker has no home with an index');
  await deps.home.reindex({ signal, onProgress });
}
