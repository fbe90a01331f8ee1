// Act: reconstructs every repository of a restore of many in one Spark application.
import { reconstructionsPath } from '../../archive/layout.ts';
import { fromReport, PivoError, type FailureReport } from '../../contract/failures.ts';
import { canonicalJson } from '../../contract/plan.ts';
import { memberRestoreId, type RestoreAllJob } from '../../contract/restore-all.ts';
import { runSparkJob } from '../../restore/spark-engine.ts';
import { isReconstructed } from '../../restore/spark-repository.ts';
import type { ActRun, ActivityDeps } from '../act.ts';
import { anotherAttemptFollows } from '../restore/reconstruct.ts';
import { storedJsonOrNull } from '../restore/stored-json.ts';
import { approvedPlan, keptOnce } from './ports.ts';

export interface ReconstructManyInput {
  job: RestoreAllJob;
  planHash: string;
}

/** What became of each restore in the application, by its id; null: it is reconstructed. */
export type Reconstructions = Record<string, FailureReport | null>;

/** Attempts after which also a failure that may pass is what became of a restore. */
const PATIENCE = 3;

/**
 * How many of them failed; each one's failure is kept in the store. Done again, it joins the application that runs, and leaves out
 * what is reconstructed. Fails with Unavailable when the application itself did, at first with a failure that may pass, InvalidInput
 * without Spark, or Cancelled.
 */
export async function reconstructRestores({ store, cache, spark, log }: ActivityDeps, { job, planHash }: ReconstructManyInput, { signal, onProgress, attempt }: ActRun): Promise<number> {
  if (spark === undefined) throw new PivoError('InvalidInput', 'restore input: engine: "spark" is not configured on this worker', { hint: 'Use the engine "local".' });
  const path = reconstructionsPath(job.restoreId);
  const kept = await storedJsonOrNull<Reconstructions>(store, path);
  if (kept !== null) return failuresIn(kept);
  const ready = (await approvedPlan(store, job.restoreId, planHash)).repositories.filter(({ state }) => state === 'ready');
  const outcome: Reconstructions = {};
  for (const { repository } of ready) {
    const restoreId = memberRestoreId(job.restoreId, repository);
    if (await isReconstructed(store, restoreId)) outcome[restoreId] = null;
  }
  const open = ready.map(({ repository }) => ({ restoreId: memberRestoreId(job.restoreId, repository) })).filter(({ restoreId }) => !(restoreId in outcome));
  const told = await runSparkJob({ store, cache, settings: spark, log, leaves: anotherAttemptFollows }, open, { signal, onProgress }, job.restoreId);
  for (const { restoreId } of open) {
    const failure = told.get(restoreId);
    if (failure === undefined) throw new PivoError('Unavailable', `the Spark application told nothing of ${restoreId}`, { hint: 'It is tried again.' });
    const problem = failure === null ? null : fromReport(failure);
    if (problem?.permanent === false && attempt < PATIENCE) throw problem;
    outcome[restoreId] = failure;
  }
  return failuresIn(await keptOnce<Reconstructions>(store, path, canonicalJson(outcome), signal));
}

const failuresIn = (outcome: Reconstructions): number => Object.values(outcome).filter((failure) => failure !== null).length;
