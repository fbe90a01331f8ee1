// What a frame is as a row: the same values for every database. Its texts hold no U+0000: the spool refuses them, as PostgreSQL does.
import { hash } from 'node:crypto';
import type { Frame, SpoolKind } from '../contract/spool.ts';

/** A row of `events`; a push is one of type `push`, its payload in `data`. */
export interface EventRow {
  id: string;
  key: string;
  /** Milliseconds since 1970. */
  time: number;
  type: string;
  source: string | null;
  subject: string | null;
  text: string | null;
  /** JSON. */
  data: string | null;
}

/** A row of `metrics`. */
export interface MetricRow {
  id: string;
  key: string;
  /** Milliseconds since 1970. */
  time: number;
  name: string;
  value: number;
  unit: string | null;
  /** JSON. */
  labels: string | null;
}

type MetricFrame = Extract<Frame, { kind: 'metric' }>;
type EventFrame = Exclude<Frame, MetricFrame>;

/** The row of an event or a push. */
export function eventRow(frame: EventFrame): EventRow {
  return frame.kind === 'push' ? pushRow(frame) : rowOf(frame);
}

type PushFrame = Extract<Frame, { kind: 'push' }>;

function pushRow({ id, key, time, payload }: PushFrame): EventRow {
  return { id, key, time, type: 'push', source: payload.source, subject: payload.repository, text: null, data: JSON.stringify(payload) };
}

function rowOf({ id, key, time, payload: { type, source, subject, text, data } }: Exclude<EventFrame, PushFrame>): EventRow {
  return { id, key, time, type, source: orNull(source), subject: orNull(subject), text: orNull(text), data: data === undefined ? null : JSON.stringify(data) };
}

/** The row of a metric. */
export function metricRow({ id, key, time, payload: { name, value, unit, labels } }: MetricFrame): MetricRow {
  return { id, key, time, name, value, unit: orNull(unit), labels: labels === undefined ? null : JSON.stringify(labels) };
}

/** Names a frame for ever: the first 16 bytes of the SHA-256 of kind, NUL and id. By way of a text, which Node makes in a third of the time of a buffer. */
export const idempotencyKey = (kind: SpoolKind, id: string): Buffer => Buffer.from(hash('sha256', `${kind}\0${id}`, 'binary').slice(0, 16), 'binary');

/** An empty text says as little as none. */
const orNull = (text: string | undefined): string | null => (text === undefined || text === '' ? null : text);
