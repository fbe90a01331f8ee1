// Runs the acts of a restore one after the other, without Temporal, on the archive of an ingest harness.
import { discardTarget } from '../../activities/restore/discard-target.ts';
import { planRestore } from '../../activities/restore/plan-restore.ts';
import { proveRestore } from '../../activities/restore/prove-restore.ts';
import { pushRefs } from '../../activities/restore/push-refs.ts';
import { reconstruct } from '../../activities/restore/reconstruct.ts';
import type { ActRun, ActivityDeps } from '../../activities/act.ts';
import { RestoreInput, type RestoreJob, type RestoreReceipt } from '../../contract/restore.ts';

let runs = 0;

/** A job as the workflow would hand it on. */
export function jobOf(input: RestoreInput, restoreId = `test-${++runs}`): RestoreJob {
  return { restoreId, workflow: { id: `restore:${restoreId}`, runId: 'run' }, request: RestoreInput.parse(input) };
}

export const runOf = (deps: ActivityDeps, signal = new AbortController().signal): ActRun => ({ signal, onProgress: () => {}, attempt: 1, log: deps.log });

/** Plan, reconstruction, push and proof; a failure removes what was begun, as the workflow does. */
export async function restoreWith(deps: ActivityDeps, input: RestoreInput, job = jobOf(input)): Promise<RestoreReceipt> {
  const run = runOf(deps);
  await planRestore(deps, job, run);
  try {
    const reconstruction = await reconstruct(deps, job, run);
    const pushed = await pushRefs(deps, { job, reconstruction }, run);
    return await proveRestore(deps, { job, reconstruction, pushed, approvedBy: null, started: new Date(0).toISOString() }, run);
  } catch (error) {
    await discardTarget(deps, job, run);
    throw error;
  }
}
