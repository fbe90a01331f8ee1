// Numbers and ages in the sentences of checks.

/** `1 segment`, `2 segments`. */
export const many = (value: number, what: string): string => `${value} ${what}${value === 1 ? '' : 's'}`;

/** `40 s`, `12 min`, `3 h`, `5 days`. */
export function ageText(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)} h` : `${Math.round(seconds / 86_400)} days`;
}
