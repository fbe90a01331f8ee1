// What a bench is, how it takes times, and how its table looks.

/** One line of a table: what PIVO needed, what the other way needed in the same run, what is allowed. */
export interface Row {
  what: string;
  unit: 's' | 'ms' | 'MB' | 'files' | 'per second' | 'per minute' | 'MB per second' | 'of 1';
  pivo: number;
  /** The other way, by name, and what it needed. */
  beside?: { name: string; value: number };
  /** The promised bound. */
  allowed?: number;
}

export interface Bench {
  name: string;
  /** What is measured, in one line. */
  title: string;
  run(surroundings: Surroundings): Promise<Row[]>;
}

export interface Surroundings {
  /** A folder that is removed afterwards. */
  scratch: string;
  /** Repositories to measure on: paths of bare or working repositories of 5,000 commits or more. */
  repositories: string[];
}

/** Seconds that `act` took, with its result. */
export async function timed<T>(act: () => Promise<T>): Promise<{ seconds: number; result: T }> {
  const start = performance.now();
  const result = await act();
  return { seconds: (performance.now() - start) / 1000, result };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

const HEADINGS = ['', 'PIVO', 'beside it', 'ratio', 'allowed', ''];

/** The table of a bench, as lines of aligned columns. */
export function table(rows: Row[]): string {
  const cells = [HEADINGS, ...rows.map(cellsOf)];
  const widths = HEADINGS.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells.map((row) => row.map((cell, column) => (column === 0 || column === 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  ').trimEnd()).join('\n');
}

function cellsOf({ what, unit, pivo, beside, allowed }: Row): string[] {
  const isMoreBetter = /per (second|minute)$/.test(unit) || unit === 'of 1';
  const bound = isMoreBetter ? '>= ' : '<= ';
  const kept = allowed === undefined ? '' : (isMoreBetter ? pivo >= allowed : pivo <= allowed) ? 'kept' : 'MISSED';
  return [what, shown(pivo, unit), beside === undefined ? '' : `${beside.name}: ${shown(beside.value, unit)}`, beside === undefined ? '' : `${(pivo / beside.value).toFixed(2)} x`, allowed === undefined ? '' : bound + shown(allowed, unit), kept];
}

const shown = (value: number, unit: Row['unit']): string => `${value.toFixed(unit === 'files' || unit === 'per second' || unit === 'per minute' ? 0 : unit.startsWith('MB') ? 1 : 3)} ${unit}`;
