// Brings the planned refs' objects of Git LFS to the target: before its refs, so that no ref is there without them.
import type { LfsRestored } from '../contract/lfs.ts';
import type { Progress } from '../contract/ingest.ts';
import type { RestorePlan } from '../contract/restore.ts';
import type { Store } from '../archive/store.ts';
import { lfsPlaces, type EndpointAccess } from '../lfs/endpoint.ts';
import { reachedObjects } from '../lfs/held.ts';
import { sendObjects } from '../lfs/send.ts';
import { wantedRefs } from './repository.ts';

interface LfsSending {
  store: Store;
  /** Repository with the planned refs. */
  gitDir: string;
  /** Where the objects go: the target's URL or path. */
  target: string;
  access: EndpointAccess;
  run: { signal: AbortSignal; onProgress: (progress: Progress) => void };
}

/** Undefined where the plan has none. Fails as `sendObjects` does. */
export async function sendLfs(plan: RestorePlan, { store, gitDir, target, access, run }: LfsSending): Promise<LfsRestored | undefined> {
  if (plan.lfs === undefined) return undefined;
  run.onProgress({ phase: 'looking for Git LFS pointers' });
  const tips = [...wantedRefs(plan).map((ref) => ref.new), ...(plan.head.oid === null ? [] : [plan.head.oid])];
  const { held, missing } = await reachedObjects(store, plan.repository, gitDir, tips, run.signal);
  const all = [...held, ...missing];
  const told = { objects: all.length, bytes: all.reduce((sum, { size }) => sum + size, 0) };
  if (held.length === 0 || plan.lfs.refused !== null) return { ...told, sent: 0, missing: all.length };
  const [place] = await lfsPlaces({ url: target, operation: 'upload', configured: null }, access, run.signal);
  const sent = place === undefined ? 0 : await sendObjects(held, { store, repository: plan.repository, place, signal: run.signal, onProgress: (progress) => run.onProgress({ phase: 'sending Git LFS objects', ...progress }) });
  return { ...told, sent, missing: missing.length };
}
