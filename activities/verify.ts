// Acts of a verification: which part is due, and reading one; what was read before a crash is not read again.
import { listArchived } from '../archive/forge-data.ts';
import { openLibrary } from '../archive/reading/library.ts';
import { verifyRepository } from '../archive/reading/verify.ts';
import type { VerificationRun, VerificationSummary } from '../contract/verification.ts';
import type { ActRun, ActivityDeps } from './act.ts';
import { packsBySpark } from './verify-spark.ts';

/** The part of `of` that was not read for the longest time. */
export async function chooseVerifyPart({ results }: ActivityDeps, { repository, of }: { repository: string | null; of: number }): Promise<number> {
  return results.nextPart(of, repository);
}

/**
 * Reads the files of a run, repository by repository, and keeps what it finds; a repository that an earlier attempt finished
 * is not read again. Fails with NotFound for an unknown repository, and as the store does when it does not answer.
 */
export async function verifyPart(deps: ActivityDeps, verification: VerificationRun, run: ActRun): Promise<VerificationSummary> {
  const { store, results } = deps;
  results.beginVerification(verification);
  const names = verification.repository === null ? await listArchived(store) : [verification.repository];
  const finished = new Set(results.verifiedBy(verification.run));
  const due = names.filter((name) => !finished.has(name));
  const library = openLibrary({ store, cache: deps.cache });
  try {
    const told = verification.engine === 'spark' && due.length > 0 ? await packsBySpark(deps, verification, due, run) : undefined;
    for (const [i, name] of due.entries()) {
      run.signal.throwIfAborted();
      const before = names.length === 1 ? '' : `${finished.size + i} of ${names.length} repositories, `;
      const onProgress: ActRun['onProgress'] = (progress) => run.onProgress({ ...progress, phase: `${before}${progress.phase}` });
      const verdict = await verifyRepository(store, library, name, { signal: run.signal, onProgress, part: verification.part ?? undefined, told });
      results.recordVerdict(verification, verdict);
      if (!verdict.ok) run.log.error({ repository: name, findings: verdict.findings.slice(0, 20) }, `${verdict.findings.length} findings in ${name}`);
    }
  } finally {
    await library.close();
  }
  return results.endVerification(verification);
}
