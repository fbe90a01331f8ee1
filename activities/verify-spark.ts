// Reads the packs of a verification by Spark: one application for all repositories.
import { packPath, repositoryPath } from '../archive/layout.ts';
import type { PackProblem } from '../archive/reading/verify-packs.ts';
import { isInPart } from '../archive/reading/verify-part.ts';
import { listVisitNumbers, readVisit } from '../archive/visits.ts';
import { isPivoError, PivoError } from '../contract/failures.ts';
import type { VerificationRun } from '../contract/verification.ts';
import { readPacksBySpark, type PackWork } from '../restore/spark-verify.ts';
import type { ActRun, ActivityDeps } from './act.ts';
import { anotherAttemptFollows } from './restore/reconstruct.ts';

/**
 * What Spark found in the packs of these repositories that are in the run's part; undefined for a pack that it did not read.
 * Fails as `readPacksBySpark` does.
 */
export async function packsBySpark({ store, cache, spark, log }: ActivityDeps, { run: id, part }: VerificationRun, names: readonly string[], run: ActRun): Promise<(pack: string) => PackProblem[] | undefined> {
  if (spark === undefined) throw new PivoError('InvalidInput', 'verify input: engine: "spark" is not configured on this worker', { hint: 'Use the engine "local".' });
  const work = new Map<string, PackWork>();
  for (const repository of names) {
    run.signal.throwIfAborted();
    run.onProgress({ phase: `reading the visits of ${repository}` });
    for (const seq of await listVisitNumbers(store, repository)) {
      const visit = await readVisit(store, repository, seq).catch(unlessDamaged);
      for (const proof of visit?.packs ?? []) {
        const path = packPath(repository, proof.name, 'pack');
        if (part === null || isInPart(repository, path.slice(repositoryPath(repository).length + 1), part)) work.set(path, { repository, objectFormat: visit?.objectFormat ?? 'sha1', proof });
      }
    }
  }
  if (work.size === 0) return () => undefined;
  const problems = await readPacksBySpark({ store, cache, settings: spark, log, leaves: anotherAttemptFollows }, id, [...work.values()], run);
  return (pack) => problems.get(pack);
}

/** The verification itself tells of a visit that cannot be read. */
function unlessDamaged(error: unknown): null {
  if (isPivoError(error, 'Damaged', 'NotFound')) return null;
  throw error;
}
