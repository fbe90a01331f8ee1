// What a restore drill is asked and what it proves: that a repository comes back, how long that takes, from which state.
import { z } from 'zod';
import { RepositoryName } from './names.ts';

export const DrillInput = z.strictObject({
  /** One repository; missing: all, one after the other. */
  repository: RepositoryName.optional(),
});
export type DrillInput = z.input<typeof DrillInput>;
export type DrillRequest = z.output<typeof DrillInput>;

/** One drill of one repository. What was not reached is null. */
export interface DrillRecord {
  run: string;
  repository: string;
  outcome: 'proven' | 'failed';
  started: string;
  finished: string;
  /** The recovery point: the visit that was restored, its time, and how old it was then, in seconds. */
  visit: number | null;
  snapshot: string | null;
  visitTime: string | null;
  age: number | null;
  /** Recovery time: seconds from the plan to the proven repository, without the full comparison. */
  seconds: number | null;
  refs: number | null;
  objects: number | null;
  bytes: number | null;
  /** Why it failed, and what to do. */
  message: string | null;
  hint: string | null;
}

export interface DrillSummary {
  proven: number;
  failed: number;
  /** The drills themselves, the first hundred; those that failed come first. */
  drills: DrillRecord[];
}
