// Port RecordStore: the tables that frames become rows of, in SQLite or PostgreSQL.
import type { Frame, GateReason, PushPayload, SegmentEnd, SpoolBatch, SpoolKind } from '../contract/spool.ts';

export interface NewBatch {
  tag: string;
  kind: SpoolKind;
  reason: GateReason;
  /** ISO 8601 UTC with milliseconds. */
  opened: string;
}

export interface BatchFilter {
  /** Only the batch of that tag. */
  tag?: string | undefined;
  kind?: SpoolKind | undefined;
  status?: SpoolBatch['status'] | undefined;
  /** Only those that were opened before the batch of that tag; none for a tag that no batch has. */
  before?: string | undefined;
  limit: number;
}

/** All pushes of one repository that one batch stored. */
export interface CollapsedPush {
  /** The payload of the latest. */
  push: PushPayload;
  count: number;
  /** Milliseconds since 1970 of the first and the latest, by the forge's or the server's clock. */
  first: number;
  last: number;
}

/** A record's words, leased to whoever makes its vector. */
export interface RecordText {
  /** The record's number, unique within the store. */
  record: number;
  text: string;
}

export interface TopKQuery {
  /** Which embedder made `vector`: only vectors of the same one are compared. */
  embedder: string;
  vector: Float32Array;
  k: number;
  key?: string | undefined;
  type?: string | undefined;
  /** Milliseconds since 1970, inclusive and exclusive. */
  since?: number | undefined;
  until?: number | undefined;
}

export interface RecordHit {
  record: number;
  id: string;
  key: string;
  time: number;
  type: string;
  text: string;
  data: Record<string, unknown> | null;
  /** Cosine distance, 0 to 2; smaller is nearer. */
  distance: number;
}

/**
 * What a frame becomes is said once, in records/rows.ts (values, the idempotency key) and records/partitions.ts (months).
 * Every method but `prepare` wants the tables, and fails with NotFound for a tag that no batch has.
 * Every method fails with Unavailable when the database cannot be had now, and may then be called again.
 */
export interface RecordStore {
  /** The database, without any secret. */
  readonly url: string;
  /** Makes the tables where they are missing. Fails with InvalidInput for tables of a newer PIVO. */
  prepare(): Promise<void>;
  /** Keeps the row of a batch with status `open`; the same tag again gives the row as it is. */
  openBatch(batch: NewBatch): Promise<SpoolBatch>;
  /**
   * Stores a segment in one transaction, by idempotency id; a segment that the batch has already (by name) gives what it gave then.
   * What `frames` throws comes out, and nothing of the segment is stored.
   */
  loadSegment(tag: string, segment: { name: string; bytes: number }, frames: AsyncIterable<readonly Frame[]>): Promise<SegmentEnd>;
  /** Keeps that a segment of the batch could not be read, and why. */
  failSegment(tag: string, segment: { name: string; bytes: number }, failure: string): Promise<SegmentEnd>;
  /** What became of the segments of a batch so far. */
  segmentsOf(tag: string): Promise<SegmentEnd[]>;
  /** Adds up the segments and ends the batch: `failed` when one of them failed. Ending it again changes nothing. */
  closeBatch(tag: string, finished: string): Promise<SpoolBatch>;
  /** The pushes that a batch stored, one row for each source and repository, oldest `first` first; none for a batch of another kind. */
  pushesOf(tag: string): Promise<CollapsedPush[]>;
  /** Newest first. */
  batches(filter: BatchFilter): Promise<SpoolBatch[]>;
  /** Rows of `events`, `metrics` and `ingestion_manifest`, counted one by one: for proofs, not for every second. */
  counts(): Promise<Record<string, number>>;
  /** Leases up to `limit` events with text and without a vector of the embedder; a lease that ran out is given again, one that holds never. */
  claimTexts(embedder: string, limit: number, leaseMs: number): Promise<RecordText[]>;
  /** Keeps vectors and ends their leases; a record that has one already keeps it, and a vector of zeros is near nothing. Fails with InvalidInput for a vector of another length than the embedder's first. */
  putVectors(embedder: string, vectors: readonly { record: number; vector: Float32Array }[]): Promise<void>;
  /** Ends leases without vectors, so that the texts may be claimed at once. */
  releaseTexts(embedder: string, records: readonly number[]): Promise<void>;
  /** The nearest events by meaning, nearest first; none for an embedder without vectors. Fails with InvalidInput for a vector of another length. */
  topK(query: TopKQuery): Promise<RecordHit[]>;
  close(): Promise<void>;
}
