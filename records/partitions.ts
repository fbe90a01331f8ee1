// Which partition a record belongs to: the month of its time in UTC, or `other` for times far outside.

/** Records before this year have no month of their own. */
const FIRST_YEAR = 2000;

export interface Partition {
  /** `2026_11`, or `other`. */
  name: string;
  /** Milliseconds since 1970 that the month begins with, and the next one; null for `other`. */
  month: { from: number; until: number } | null;
}

/** For times before 2000 or after next year. */
export const OTHER: Partition = { name: 'other', month: null };

/** The partition of a time, by the clock `now`; both in milliseconds since 1970. */
export function partitionOf(time: number, now: number): Partition {
  const date = new Date(time);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  if (year < FIRST_YEAR || year > new Date(now).getUTCFullYear() + 1) return OTHER;
  return { name: `${year}_${String(month + 1).padStart(2, '0')}`, month: { from: Date.UTC(year, month), until: Date.UTC(year, month + 1) } };
}
