// Reads git's progress lines (progress.c): "Receiving objects:  45% (450/1000), 12.00 MiB | 5.00 MiB/s".
import type { Progress } from '../contract/ingest.ts';

const PHASES: Record<string, string> = {
  'Enumerating objects': 'origin prepares',
  'Counting objects': 'origin prepares',
  'Compressing objects': 'origin prepares',
  'Receiving objects': 'receiving objects',
  'Resolving deltas': 'resolving deltas',
  'Writing objects': 'sending objects',
};
const UNITS: Record<string, number> = { bytes: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };

/** The progress that a line of git tells, or null for any other line. */
export function readFetchProgress(line: string): Progress | null {
  const match = /^(?:remote: )?([A-Z][a-z]+ [a-z]+): +(?:\d+% \((\d+)\/(\d+)\)|(\d+))(?:, ([\d.]+) (bytes|KiB|MiB|GiB))?/.exec(line);
  const phase = PHASES[match?.[1] ?? ''];
  if (match === null || phase === undefined) return null;
  const done = Number(match[2] ?? match[4]);
  return { phase, done, ...(match[3] === undefined ? {} : { total: Number(match[3]) }), ...(match[5] === undefined ? {} : { bytes: Math.round(Number(match[5]) * (UNITS[match[6] ?? ''] ?? 1)) }) };
}
