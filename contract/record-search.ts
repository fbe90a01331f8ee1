// The words of finding records by meaning: making their vectors, and the events nearest to a question.
import { z } from 'zod';

/** Input of the workflow `embedRecords`. */
export const EmbedRecordsInput = z.strictObject({
  /** Whose records and embedder. */
  worker: z.string().min(1).max(200),
});
export type EmbedRecordsInput = z.infer<typeof EmbedRecordsInput>;

/** Tells a running `embedRecords` that texts came, which it may just have missed. */
export const TEXTS_SIGNAL = 'texts';

export interface EmbedRecordsSummary {
  embedder: string;
  /** Vectors that the run made. */
  vectors: number;
}

/** One event, as near as its distance says. */
export interface NearEvent {
  id: string;
  key: string;
  /** ISO 8601 UTC with milliseconds. */
  time: string;
  type: string;
  text: string;
  data: Record<string, unknown> | null;
  /** Cosine distance, 0 to 2; smaller is nearer. */
  distance: number;
}

export interface TopK {
  /** Whose vectors were compared. */
  embedder: string;
  /** Nearest first. */
  hits: NearEvent[];
}
