// Which lines a drawing of jobs has, and how one runs: across to a later column, or along the margin of a column.

export interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** Pixels between two lines along the margin, and how many there are before they share one. */
const [LANE, LANES] = [4, 4];

/** SVG path data; `nth` chooses the lane of a line along the margin. */
export function edgePath(from: Box, to: Box, nth: number): string {
  const [start, end] = [(from.top + from.bottom) / 2, (to.top + to.bottom) / 2];
  if (to.left > from.right) {
    const half = (from.right + to.left) / 2;
    return `M${from.right} ${start} C${half} ${start} ${half} ${end} ${to.left} ${end}`;
  }
  const lane = Math.max(1, Math.min(from.left, to.left) - 5 - LANE * (nth % LANES));
  return `M${from.left} ${start} H${lane + 3} Q${lane} ${start} ${lane} ${start + 3} V${end - 3} Q${lane} ${end} ${lane + 3} ${end} H${to.left}`;
}

export interface Edge {
  from: string;
  to: string;
}

/** From each job to those that wait for it, without what other lines say already: where `c` needs `b` and `a`, and `b` needs `a`, no line from `a` to `c`. */
export function edgesOf(jobs: readonly { name: string; needs: readonly string[] }[]): Edge[] {
  const needsOf = new Map(jobs.map(({ name, needs }) => [name, needs]));
  const beyond = new Map<string, Set<string>>(); // all that a job waits for, however far
  const allOf = (name: string): Set<string> => {
    const known = beyond.get(name);
    if (known !== undefined) return known;
    const all = new Set<string>();
    beyond.set(name, all); // a circle ends here
    for (const need of needsOf.get(name) ?? []) for (const each of [need, ...allOf(need)]) all.add(each);
    return all;
  };
  return jobs.flatMap(({ name, needs }) => needs.filter((need) => needsOf.has(need) && !needs.some((other) => other !== need && allOf(other).has(need))).map((from) => ({ from, to: name })));
}
