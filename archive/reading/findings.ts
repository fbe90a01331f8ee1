// What a check notes of a file that is not as it was archived, and what makes a finding of it.
import type { ArchivedKind, Finding } from '../../contract/verification.ts';
import type { Visit } from '../../contract/visit.ts';

export type { Finding, RepositoryVerdict } from '../../contract/verification.ts';

export interface Flaw {
  /** Path in the store. */
  file: string;
  /** Where in the file, where that is known. */
  offset?: number | undefined;
  problem: string;
  hint: string;
  /** Numbers of the visits that need the file; empty when all may. */
  visits: number[];
}

export const DAMAGED_HINT = 'Bring the file back from a copy of the archive.';
export const repairHint = (repository: string): string => `Run \`pivo repair ${repository}\`: objects that the origin or another pack still has come into a new pack. Or bring the file back from a copy of the archive.`;

/** The finding of a flaw; `visits` say which snapshots need the file. */
export function findingOf({ file, offset = undefined, problem, hint, visits: numbers }: Flaw, visits: readonly Visit[]): Finding {
  const snapshots = visits.filter(({ seq }) => numbers.includes(seq)).map(({ snapshot }) => snapshot);
  return { kind: kindOf(file), file, offset: offset ?? null, problem, hint, visits: numbers, snapshots: [...new Set(snapshots)] };
}

/** Kind by the place of a file below `backups/{repository}/`. */
export function kindOf(file: string): ArchivedKind {
  const path = file.split('/').slice(2);
  if (path[0] === 'visits') return 'visit';
  if (path[0] === 'decisions') return 'decision';
  if (path[0] === 'retention') return 'retention';
  if (path[0] === 'snapshots') return 'snapshot';
  if (path[0] === 'lfs') return 'lfs';
  if (path[0] === 'forge') return 'forge';
  if (path[0] === 'objects') return file.endsWith('.idx') ? 'idx' : 'pack';
  return 'checkout';
}
