// Act: proves the restore by what the target answers, and writes the receipt.
import { rm } from 'node:fs/promises';
import { receiptPath, restorePath } from '../../archive/layout.ts';
import { isPivoError } from '../../contract/failures.ts';
import { countActions, excerptOf, planHash } from '../../contract/plan.ts';
import type { PushOutcome, Reconstruction, RestoreJob, RestorePlan, RestoreReceipt } from '../../contract/restore.ts';
import { removeMark } from '../../restore/mark.ts';
import { proveRefs, type RefsProof } from '../../restore/prove.ts';
import { withTarget } from '../../restore/target.ts';
import type { ActRun, ActivityDeps } from '../act.ts';
import { accessOf } from './access.ts';
import { plannedRestore, storedReceipt } from './stored-plan.ts';

export interface ProveInput {
  job: RestoreJob;
  reconstruction: Reconstruction;
  pushed: PushOutcome;
  approvedBy: string | null;
  /** When the workflow started, ISO 8601. */
  started: string;
}

/** The receipt with an excerpt of its plan; whole in the store, written once. Fails with ProofFailed, or as Store does. */
export async function proveRestore(deps: ActivityDeps, input: ProveInput, run: ActRun): Promise<RestoreReceipt> {
  const { job } = input;
  run.onProgress({ phase: 'proving' });
  const plan = await plannedRestore(deps, job);
  const receipt = await withTarget(job.request.target, accessOf(deps, job), async (remote) => {
    const kept = (await storedReceipt(deps.store, job.restoreId)) ?? (await keep(deps, receiptOf(input, plan, await proveRefs(remote, plan, run.signal))));
    if (plan.makesTarget) await removeMark(remote.url);
    return kept;
  });
  await deps.store.seal(restorePath(job.restoreId));
  if (deps.store.localPath(restorePath(job.restoreId)) === null) await rm(input.reconstruction.gitDir, { recursive: true, force: true }); // downloaded packs
  return { ...receipt, plan: excerptOf(receipt.plan) };
}

async function keep({ store }: ActivityDeps, receipt: RestoreReceipt): Promise<RestoreReceipt> {
  try {
    await store.create(receiptPath(receipt.restoreId), Buffer.from(`${JSON.stringify(receipt, null, 1)}\n`));
    return receipt;
  } catch (error) {
    const stored = isPivoError(error, 'Exists') ? await storedReceipt(store, receipt.restoreId) : null;
    if (stored === null) throw error;
    return stored;
  }
}

function receiptOf({ job, reconstruction, pushed, approvedBy, started }: ProveInput, plan: RestorePlan, proof: RefsProof): RestoreReceipt {
  const counts = countActions(plan.refs);
  return {
    formatVersion: 1,
    restoreId: job.restoreId,
    planHash: planHash(plan),
    plan,
    outcome: 'done',
    requestedBy: job.request.requestedBy,
    approvedBy,
    engine: job.request.engine,
    workflow: job.workflow,
    started,
    finished: new Date().toISOString(),
    pushed: { created: counts.create, updated: counts['fast-forward'], unchanged: counts.unchanged, refused: counts.refuse },
    head: pushed.head,
    ...(pushed.lfs === undefined ? {} : { lfs: pushed.lfs }),
    proof: { ...proof, objects: pushed.objects, packsVerified: reconstruction.packsVerified, bytesVerified: reconstruction.bytesVerified },
    warnings: [...plan.warnings, ...pushed.warnings],
  };
}
