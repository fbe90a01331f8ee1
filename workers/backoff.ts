// How long to wait before something that failed is tried again: longer each time, and never in step with others.

const FIRST_MS = 500;
const LONGEST_MS = 15_000;

/** Milliseconds before try `failures + 1`: doubled with each failure up to 15 s, and by chance up to half of it less. */
export function backoffMs(failures: number, chance: () => number = Math.random): number {
  const most = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.max(0, failures - 1));
  return most * (1 - chance() / 2);
}
