// What a verification is asked, what it finds, and what it says of each file that it read.
import { z } from 'zod';
import { RepositoryName } from './names.ts';

/** One of `of` parts of all files: each file belongs to exactly one, so that `of` runs read everything. */
export const Part = z
  .strictObject({ part: z.number().int().positive(), of: z.number().int().positive().max(10_000) })
  .refine(({ part, of }) => part <= of, 'a part is written K/N, with K from 1 to N');
export type Part = z.infer<typeof Part>;

export const VerifyInput = z.strictObject({
  /** One repository; missing: all. */
  repository: RepositoryName.optional(),
  /** Missing: everything. */
  part: Part.optional(),
  /** Take the part of so many whose last run is the longest ago. */
  rotate: z.number().int().positive().max(10_000).optional(),
  engine: z.enum(['local', 'spark']).default('local'),
}).refine(({ part, rotate }) => part === undefined || rotate === undefined, 'give either `part` or `rotate`');
export type VerifyInput = z.input<typeof VerifyInput>;
export type VerifyRequest = z.output<typeof VerifyInput>;

export type ArchivedKind = 'visit' | 'snapshot' | 'pack' | 'idx' | 'checkout' | 'decision' | 'retention' | 'lfs' | 'forge';

/** Something that is not as it was archived. */
export interface Finding {
  kind: ArchivedKind;
  /** Path in the store. */
  file: string;
  /** Where in the file the first wrong byte may be; null where that is not known, or the file is gone. */
  offset: number | null;
  problem: string;
  /** What to do. */
  hint: string;
  /** Numbers of the visits that need the file. */
  visits: number[];
  /** Snapshots of these visits. */
  snapshots: string[];
}

/** A file, or a checkout's folder, that was read from its begin to its end, whatever was found. */
export interface ReadFile {
  kind: ArchivedKind;
  file: string;
  bytes: number;
}

export interface RepositoryVerdict {
  repository: string;
  ok: boolean;
  visits: number;
  snapshots: number;
  packs: number;
  checkouts: number;
  /** Files of forge data that were read: exports, their lines, files of releases. */
  forgeFiles: number;
  /** Bytes of packs, indexes, checkouts, objects of Git LFS and forge data that were read. */
  bytes: number;
  findings: Finding[];
  /** Everything that was read. */
  files: ReadFile[];
}

/** One run: what it was to read. */
export interface VerificationRun {
  run: string;
  workflowId: string | null;
  repository: string | null;
  part: Part | null;
  engine: 'local' | 'spark';
  started: string;
}

/** How a run ended; what it found is kept apart, file by file. */
export interface VerificationSummary extends VerificationRun {
  finished: string;
  ok: boolean;
  repositories: number;
  files: number;
  bytes: number;
  findings: number;
  /** The first repositories with findings. */
  damaged: string[];
}

/** When a file was last read, and whether it was as archived. */
export interface LastRead {
  readAt: string;
  ok: boolean;
}
