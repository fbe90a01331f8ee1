// Port Results: where a worker keeps what verifications and drills found.
import type { DrillRecord } from './drill.ts';
import type { Part, RepositoryVerdict, VerificationRun, VerificationSummary } from './verification.ts';

/** Every method fails with Unavailable when the results cannot be kept now. */
export interface Results {
  /** The part of `of` whose last complete run over the repository (null: all) is the longest ago; one that never ran comes first. */
  nextPart(of: number, repository: string | null): Part['part'];
  /** Keeps that a run began; the same run again changes nothing. */
  beginVerification(run: VerificationRun): void;
  /** Keeps what was read and found in one repository, in place of what the same files had before. */
  recordVerdict(run: VerificationRun, verdict: RepositoryVerdict): void;
  /** Repositories that a run has finished. */
  verifiedBy(run: string): string[];
  /** Ends a run, and says what it was altogether. */
  endVerification(run: VerificationRun): VerificationSummary;
  /** Keeps a drill; the same run again replaces it. */
  recordDrill(drill: DrillRecord): void;
}
