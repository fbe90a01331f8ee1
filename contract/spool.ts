// The words of the spool: kinds of frames, what each carries, and what becomes of a batch of segments.
import { z } from 'zod';

/** Written into every frame; a reader refuses a version that it does not know. */
export const FRAME_VERSION = 1;

/** `push`: a forge saw a push. `event`, `metric`: what any program wants kept. */
export const SpoolKind = z.enum(['push', 'event', 'metric']);
export type SpoolKind = z.infer<typeof SpoolKind>;

/** A key, and an idempotency id: what comes twice with the same id is stored once. */
const Text = z.string().min(1).max(512);

/** Values that a payload may hold, at any depth that the frame's limits allow. */
const Data = z.record(z.string().max(200), z.json());

/** Something that happened. `text` is what `top_k` searches by meaning. */
export const EventPayload = z.strictObject({
  type: z.string().min(1).max(200),
  source: z.string().max(512).optional(),
  subject: z.string().max(512).optional(),
  text: z.string().max(65_536).optional(),
  data: Data.optional(),
});
export type EventPayload = z.infer<typeof EventPayload>;

/** One measurement. */
export const MetricPayload = z.strictObject({
  name: z.string().min(1).max(200),
  value: z.number(),
  unit: z.string().max(50).optional(),
  labels: z.record(z.string().max(200), z.string().max(512)).optional(),
});
export type MetricPayload = z.infer<typeof MetricPayload>;

/** A push that a forge told of. */
export const PushPayload = z.strictObject({
  /** The name of the configured webhook that it came by. */
  source: z.string().min(1).max(100),
  forge: z.enum(['github', 'gitlab', 'gitea']),
  /** The repository as the forge names it: `owner/name`. */
  repository: z.string().min(1).max(512),
  /** Where the forge says it can be cloned from, best first. */
  urls: z.array(z.string().min(1).max(2_048)).min(1).max(8),
  /** Null when the forge named no single ref. */
  ref: z.string().max(1_024).nullable(),
  before: z.string().max(64).nullable(),
  after: z.string().max(64).nullable(),
});
export type PushPayload = z.infer<typeof PushPayload>;

const frame = <Kind extends SpoolKind, Payload extends z.ZodType>(kind: Kind, payload: Payload) =>
  z.strictObject({
    kind: z.literal(kind),
    /** What belongs together: a repository, a host, the name of a metric. */
    key: Text,
    /** Milliseconds since 1970, UTC, by the clock of who wrote it. */
    time: z.number().int().min(0).max(253_402_300_799_999),
    /** The idempotency id. */
    id: Text,
    payload,
  });

/** One record on its way into the records database. */
export const Frame = z.discriminatedUnion('kind', [frame('push', PushPayload), frame('event', EventPayload), frame('metric', MetricPayload)]);
export type Frame = z.infer<typeof Frame>;

/** When the gate of a kind opens: at whatever is reached first. */
export const GateThresholds = z.strictObject({
  records: z.number().int().positive().max(10_000_000),
  bytes: z.number().int().positive(),
  /** Seconds since the oldest waiting segment was first seen. */
  seconds: z.number().positive().max(86_400),
});
export type GateThresholds = z.infer<typeof GateThresholds>;

/** What made a gate open. `left`: segments that a run before had claimed and not settled; `replay`: a person asked. */
export const GateReason = z.enum(['records', 'bytes', 'seconds', 'left', 'replay']);
export type GateReason = z.infer<typeof GateReason>;

/**
 * One row of `ingestion_manifest`: the segments that one opening of a gate took.
 * `open`: being stored; `done`: every segment is in archive/; `failed`: at least one is in failed/, the others in archive/ (of a replay all stay in archive/).
 */
export const SpoolBatch = z.strictObject({
  /** `{kind}-{time}-{random}`, chosen once by the gate's run. */
  tag: z.string().min(1).max(200),
  kind: SpoolKind,
  status: z.enum(['open', 'done', 'failed']),
  reason: GateReason,
  /** Segments taken, and those of them that went to failed/. */
  segments: z.number().int().nonnegative(),
  failed: z.number().int().nonnegative(),
  /** Records stored now, and those that were stored before. */
  records: z.number().int().nonnegative(),
  duplicates: z.number().int().nonnegative(),
  /** Bytes of the segments as they lay in the spool. */
  bytes: z.number().int().nonnegative(),
  /** ISO 8601 UTC with milliseconds. */
  opened: z.string(),
  finished: z.string().nullable(),
});
export type SpoolBatch = z.infer<typeof SpoolBatch>;

/** What became of one segment of a batch. */
export const SegmentEnd = z.strictObject({
  /** The file's name, the same in every folder of the spool. */
  name: z.string(),
  records: z.number().int().nonnegative(),
  duplicates: z.number().int().nonnegative(),
  bytes: z.number().int().nonnegative(),
  /** Why it went to failed/; null when it was stored whole. A segment is stored whole or not at all. */
  failure: z.string().nullable(),
});
export type SegmentEnd = z.infer<typeof SegmentEnd>;

/** What waits and lies in the spool of one kind. */
export interface SpoolDepth {
  kind: SpoolKind;
  incoming: { segments: number; bytes: number; /** Age of the oldest in seconds by the file's time; 0 when none waits, never negative. */ age: number };
  processing: { segments: number; bytes: number };
  failed: { segments: number; bytes: number };
  archive: { segments: number; bytes: number };
}
