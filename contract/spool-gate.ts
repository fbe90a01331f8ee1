// The words of the spool gates: what their acts tell each other, and where a gate or a replay is.
import { z } from 'zod';
import { SpoolBatch, SpoolKind, type GateReason } from './spool.ts';

/** Input of the workflow `spoolGate`; the rest is carried from a run to the run that continues it. */
export const SpoolGateInput = z.strictObject({
  kind: SpoolKind,
  /** Whose spool it is. */
  worker: z.string().min(1).max(200),
  batches: z.number().int().nonnegative().default(0),
  last: SpoolBatch.nullable().default(null),
});
export type SpoolGateInput = z.input<typeof SpoolGateInput>;

/** Why a gate opens. */
export interface Opening {
  reason: GateReason;
  /** The batch that a run before left, which goes on under it; null for a new one. */
  tag: string | null;
  /** How many segments a new batch takes at most. */
  segments: number;
}

/** One opening of a gate. */
export interface OpenBatch {
  tag: string;
  kind: SpoolKind;
  reason: GateReason;
  /** ISO 8601 UTC with milliseconds. */
  opened: string;
}

/** What is claimed for a batch. */
export interface ClaimOrder {
  tag: string;
  kind: SpoolKind;
  segments: number;
}

/** Where a gate is; the answer to its query `status`. */
export interface SpoolGateStatus {
  kind: SpoolKind;
  phase: 'filling' | 'claiming' | 'storing' | 'handing over' | 'settling';
  /** The batch that is open. */
  open: OpenBatch | null;
  /** Batches since segments began to wait. */
  batches: number;
  last: SpoolBatch | null;
}

/** Which archived segments are stored again. */
export const ReplayRange = z.strictObject({
  kind: SpoolKind.optional(),
  /** Only the segments of this batch. */
  batch: SpoolBatch.shape.tag.optional(),
});
export type ReplayRange = z.infer<typeof ReplayRange>;

/** What a replay did so far. */
export const ReplayTotals = z.strictObject({
  batches: z.number().int().nonnegative(),
  segments: z.number().int().nonnegative(),
  failed: z.number().int().nonnegative(),
  records: z.number().int().nonnegative(),
  duplicates: z.number().int().nonnegative(),
});
export type ReplayTotals = z.infer<typeof ReplayTotals>;

/** An archived batch, by which a replay knows how far it is. */
export const ArchivedBatch = z.strictObject({ kind: SpoolKind, tag: SpoolBatch.shape.tag });
export type ArchivedBatch = z.infer<typeof ArchivedBatch>;

/** One archived batch to be stored again. */
export interface ReplayOrder {
  archived: ArchivedBatch;
  /** The tag of its replay, where the records have a batch of its own tag. */
  fresh: string;
  /** ISO 8601 UTC with milliseconds; names this replay. */
  opened: string;
}

/** Input of the workflow `replaySpool`; the rest is carried from a run to the run that continues it. */
export const ReplayInput = ReplayRange.extend({
  worker: z.string().min(1).max(200),
  after: ArchivedBatch.nullable().default(null),
  totals: ReplayTotals.default({ batches: 0, segments: 0, failed: 0, records: 0, duplicates: 0 }),
});
export type ReplayInput = z.input<typeof ReplayInput>;
