// What a verification finds: which file, what is wrong with it, what to do, which visits need it.

export interface Finding {
  /** Path in the store. */
  file: string;
  problem: string;
  hint: string;
  /** Numbers of the visits that need the file; empty when all may. */
  visits: number[];
}

export interface RepositoryVerdict {
  repository: string;
  ok: boolean;
  visits: number;
  snapshots: number;
  packs: number;
  /** Bytes of packs and indexes that were read. */
  bytes: number;
  findings: Finding[];
}

export const DAMAGED_HINT = 'Bring the file back from a copy of the archive, or ingest again while the origin has it.';
