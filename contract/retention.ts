// Retention: which checkouts may go, the plan that names them, and the record that the archive keeps of what went.
import { z } from 'zod';
import { RepositoryName } from './names.ts';
import { ObjectId } from './snapshot.ts';
import { Sha256 } from './visit.ts';

const DAYS: Record<string, number> = { d: 1, w: 7 };

/** `90d` or `12w`, as days. */
const Age = z.string().regex(/^[1-9][0-9]{0,4}[dw]$/, 'an age is a number of days or weeks, such as "90d" or "12w"').transform((text) => Number.parseInt(text, 10) * (DAYS[text.at(-1) ?? ''] ?? 1));

/** What may go; a checkout goes only where both say so. */
export const CheckoutRetention = z
  .strictObject({
    /** The latest checkouts of a repository that stay. */
    keep: z.number().int().positive().max(100_000).optional(),
    /** A checkout stays until the last visit that names it is older than this. */
    olderThan: Age.optional(),
  })
  .refine(({ keep, olderThan }) => keep !== undefined || olderThan !== undefined, 'say what stays: `keep`, `olderThan`, or both');

/** `[retention]` of the configuration; without `checkouts` nothing is ever removed. */
export const RetentionPolicy = z.strictObject({ checkouts: CheckoutRetention.optional() });
export type RetentionPolicy = z.infer<typeof RetentionPolicy>;

/** One checkout that goes. */
export const RemovedCheckout = z.strictObject({
  /** Its folder below the repository's. */
  path: z.string(),
  commit: ObjectId,
  kind: z.enum(['files', 'har']),
  /** When it was laid out: one that is laid out again later is another one. */
  laidOut: z.iso.datetime({ precision: 3 }),
  /** The last visit that names it. */
  lastVisit: z.number().int().positive(),
  /** As they were laid out; on a local store, files that it shares with other checkouts stay on the disk. */
  files: z.number().int().nonnegative(),
  bytes: z.number().int().nonnegative(),
});
export type RemovedCheckout = z.infer<typeof RemovedCheckout>;

/** One record under `retention/`: written before the checkouts go, so that nobody takes for damage that they are not there. */
export const RetentionRecord = z.strictObject({
  formatVersion: z.literal(1),
  repository: RepositoryName,
  number: z.number().int().positive(),
  /** Hash of the repository's plan. */
  plan: Sha256,
  /** The person who applied it, as authenticated. */
  by: z.string().min(1).max(200),
  time: z.iso.datetime({ precision: 3 }),
  /** The run that does it. */
  runId: z.string(),
  checkouts: z.array(RemovedCheckout),
});
export type RetentionRecord = z.infer<typeof RetentionRecord>;

/** What would go of one repository. */
export interface RepositoryRetention {
  repository: string;
  /** SHA-256 of what would go, and of nothing else: the same plan of another day has the same. */
  hash: string;
  checkouts: RemovedCheckout[];
  files: number;
  bytes: number;
  /** Checkouts that stay, whatever the policy says or by it. */
  stay: number;
  /** Why nothing of this repository may go now, or null. */
  skipped: string | null;
}

export interface RetentionPlan {
  policy: RetentionPolicy;
  /** Of the hashes of all repositories of which something would go, or that of the one that was asked for; null where nothing would. */
  hash: string | null;
  /** Only those of which something would go, and those that are skipped. */
  repositories: RepositoryRetention[];
  /** How many were looked at. */
  looked: number;
  files: number;
  bytes: number;
}

/** Input of the workflow `retain`. */
export const RetainInput = z.strictObject({
  /** Of a plan for all repositories, or for one. */
  hash: Sha256,
  /** Looks at this repository only. */
  repository: RepositoryName.optional(),
});
export type RetainRequest = z.infer<typeof RetainInput>;

/** A repository of the plan, as a run carries it. */
export interface RetainItem {
  repository: string;
  hash: string;
  /** Who applied the plan, and the run that carries it out. */
  by: string;
  runId: string;
}

/** What became of one repository. */
export interface Retained {
  repository: string;
  /** Number of the record under `retention/`. */
  record: number;
  /** Checkouts that are not there any more. */
  removed: number;
  files: number;
  bytes: number;
  /** Checkouts of the plan that are needed since, by path. */
  stayed: string[];
}

export interface RetentionSummary {
  hash: string;
  repositories: number;
  removed: number;
  files: number;
  bytes: number;
  /** Repositories where it could not be done, the first of them; the others were. */
  failed: { repository: string; kind: string; message: string }[];
  failures: number;
}
