// Waits a moment for the index to have a visit.
import type { Session } from './session.ts';

/** Milliseconds that a person gladly waits to read "indexed". */
const PATIENCE = 5_000;

/** True once the index has the visit; false when it has not in time, or nobody writes it. */
export async function whenIndexed({ config, signal }: Session, repository: string, visit: number): Promise<boolean> {
  const { waitUntilIndexed } = await import('../../operations/index-status.ts');
  return waitUntilIndexed(config.paths.metadataSocket, repository, visit, { signal, timeoutMs: PATIENCE }).catch(() => false);
}
