// Act: moves waiting segments to the batch that takes them.
import type { ClaimOrder } from '../../contract/spool-gate.ts';
import type { ActRun, ActivityDeps } from '../act.ts';
import { spoolOf } from './ports.ts';

/** At most as many as the opening counted, oldest first; an attempt that follows goes on with what the batch has. */
export async function claimSegments(deps: ActivityDeps, { kind, tag, segments }: ClaimOrder, run: ActRun): Promise<void> {
  run.onProgress({ phase: 'claiming', total: segments });
  await spoolOf(deps).claim(kind, tag, { segments, bytes: Number.MAX_SAFE_INTEGER });
}
