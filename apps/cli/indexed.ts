// Waits a moment for the index to have a visit.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Session } from './session.ts';

/** Milliseconds that a person gladly waits to read "indexed". */
const PATIENCE = 3_000;
const LOOK_AGAIN = 50;

/** True once the index has the visit; false when it has not in time, or cannot be asked. */
export async function whenIndexed(session: Session, repository: string, visit: number): Promise<boolean> {
  const sql = `SELECT 1 FROM visits WHERE repo_name = '${repository}' AND seq = ${visit}`;
  const deadline = Date.now() + PATIENCE;
  while (Date.now() < deadline && !session.signal.aborted) {
    const found = await session.call<{ rows: unknown[] }>('query', { sql }).catch(() => null);
    if (found === null) return false;
    if (found.rows.length > 0) return true;
    await sleep(LOOK_AGAIN);
  }
  return false;
}
