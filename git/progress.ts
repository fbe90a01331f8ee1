// Reads git's progress lines (progress.c): "Writing objects:  45% (450/1000), 12.00 MiB | 5.00 MiB/s".
import type { Progress } from '../contract/ingest.ts';

const PHASES: Record<string, string> = {
  'Enumerating objects': 'preparing objects',
  'Counting objects': 'preparing objects',
  'Compressing objects': 'preparing objects',
  'Writing objects': 'sending objects',
  'Receiving objects': 'receiving objects',
  'Indexing objects': 'receiving objects',
  'Resolving deltas': 'resolving deltas',
  'Updating files': 'checking files out',
};
const UNITS: Record<string, number> = { bytes: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };

/** The progress that a line of git tells, or null for any other line. */
export function readGitProgress(line: string): Progress | null {
  const match = /^(?:remote: )?([A-Z][a-z]+ [a-z]+): +(?:\d+% \((\d+)\/(\d+)\)|(\d+))(?:, ([\d.]+) (bytes|KiB|MiB|GiB))?/.exec(line);
  const phase = PHASES[match?.[1] ?? ''];
  if (match === null || phase === undefined) return null;
  const total = match[3] === undefined ? {} : { total: Number(match[3]) };
  const bytes = match[5] === undefined ? {} : { bytes: Math.round(Number(match[5]) * (UNITS[match[6] ?? ''] ?? 1)) };
  return { phase, done: Number(match[2] ?? match[4]), ...total, ...bytes };
}
