// Act: ends a batch: its row of the manifest, and its segments in archive/ or failed/.
import type { OpenBatch } from '../../contract/spool-gate.ts';
import type { SpoolBatch } from '../../contract/spool.ts';
import type { ActRun, ActivityDeps } from '../act.ts';
import { spoolOf, withRecords } from './ports.ts';
import { storeClaimed } from './store.ts';

/**
 * The row first: a batch that still lies in processing/ is taken up again whatever happened, so that no row stays open.
 * A segment that came to the batch after it was stored, by an act that was believed dead, is stored here.
 */
export async function settleSegments(deps: ActivityDeps, batch: OpenBatch, run: ActRun): Promise<SpoolBatch> {
  const ends = await storeClaimed(deps, batch, run);
  run.onProgress({ phase: 'settling', total: ends.length });
  const row = await withRecords(deps, (records) => records.closeBatch(batch.tag, new Date().toISOString()));
  const missing = await spoolOf(deps).settle(batch.kind, batch.tag, ends);
  if (missing.length > 0) run.log.warn({ tag: batch.tag, missing }, 'segments that were stored are in no folder of the spool: somebody removed them');
  return row;
}
