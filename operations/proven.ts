// Whether a repository is proven restorable, and whether that was too long ago.
import type { DrillState } from '../state/drills.ts';

export interface ProvenState {
  /** When a drill last proved it restorable, ISO 8601 UTC; null when none ever did. */
  proven: string | null;
  /** Measured recovery time in seconds, and the visit that came back, of that drill. */
  recoverySeconds: number | null;
  recoveryVisit: number | null;
  /** Why the last drill failed; null when it did not. */
  failed: string | null;
  /** No drill proved it within the days of `[drill] maxAge`, or the last one failed. */
  red: boolean;
}

const DAY = 86_400_000;

/** A repository that is younger than `maxAge` days has that long for its first drill. `since`: time of its first visit. */
export function provenState(state: DrillState | undefined, since: string, maxAge: number, now = Date.now()): ProvenState {
  const proven = state?.proven ?? null;
  const failed = state?.last.outcome === 'failed' ? (state.last.message ?? 'for no reason given') : null;
  const old = now - Date.parse(proven?.finished ?? since) > maxAge * DAY;
  return { proven: proven?.finished ?? null, recoverySeconds: proven?.seconds ?? null, recoveryVisit: proven?.visit ?? null, failed, red: old || failed !== null };
}
