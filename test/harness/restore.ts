// Runs the acts of a restore one after the other, without Temporal, on the archive of an ingest harness.
import { planRestore } from '../../activities/restore/plan-restore.ts';
import { proveRestore } from '../../activities/restore/prove-restore.ts';
import { pushRefs } from '../../activities/restore/push-refs.ts';
import { recheckPlan } from '../../activities/restore/recheck-plan.ts';
import { reconstruct } from '../../activities/restore/reconstruct.ts';
import type { ActRun, ActivityDeps } from '../../activities/act.ts';
import { RestoreInput, type RestoreReceipt } from '../../contract/restore.ts';
import { restoreWorkflowId } from '../../contract/names.ts';

let restores = 0;

/** Restores `repository` at `point` to a path, every ref of it. Fails as the acts do. */
export async function restoreTo(deps: ActivityDeps, repository: string, target: string, point = 'latest', more: Partial<RestoreInput> = {}): Promise<RestoreReceipt> {
  const restoreId = `test-${process.pid}-${++restores}`;
  const run: ActRun = { signal: new AbortController().signal, onProgress: () => {}, attempt: 1, log: deps.log };
  const job = { restoreId, workflow: { id: restoreWorkflowId(restoreId), runId: `run-${restoreId}` }, request: RestoreInput.parse({ ...more, repository, target, point, refs: 'all', approval: 'waived' }) };
  const started = new Date().toISOString();
  await planRestore(deps, job, run);
  await recheckPlan(deps, job, run);
  const reconstruction = await reconstruct(deps, job, run);
  const pushed = await pushRefs(deps, { job, reconstruction }, run);
  return proveRestore(deps, { job, reconstruction, pushed, approvedBy: null, started }, run);
}
