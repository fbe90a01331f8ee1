// How a restore's job reaches its target, taken from a worker's ports.
import type { RestoreJob } from '../../contract/restore.ts';
import type { TargetAccess } from '../../restore/target.ts';
import type { ActivityDeps } from '../act.ts';

export function accessOf({ protocols, credentials, store }: ActivityDeps, { restoreId, request }: RestoreJob): TargetAccess {
  return { protocols, credentials, credential: request.credential ?? null, archive: store.localPath(''), restoreId };
}
