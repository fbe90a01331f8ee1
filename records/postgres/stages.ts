// The temporary tables that a segment's rows wait in, and how they are taken over into the lasting ones.
import type { Frame } from '../../contract/spool.ts';
import { eventRow, idempotencyKey, metricRow } from '../rows.ts';
import type { Partitioned } from './partitions.ts';

export interface Stage {
  table: Partitioned;
  takes(frame: Frame): boolean;
  create: string;
  /** Takes `columnsOf`; of equal ids within a segment the first counts. */
  insert: string;
  columnsOf(frames: readonly Frame[]): unknown[][];
  /** Takes the batch's tag, gives the `count` of new rows. */
  takeOver: string;
}

/** Exact for every time that a frame may have: both products are whole microseconds below 2^53 or multiples of a power of two. */
const INSTANT = "timestamptz 'epoch' + (ms / 1000) * interval '1 second' + (ms % 1000) * interval '1 millisecond'";

const isMetric = ({ kind }: Frame): boolean => kind === 'metric';

/** The values of each name, column by column, as `unnest` takes them. */
const columns = <Row, Name extends keyof Row>(rows: readonly Row[], names: readonly Name[]): Row[Name][][] => names.map((name) => rows.map((row) => row[name]));

const keysOf = (frames: readonly Frame[]): string[] => frames.map(({ kind, id }) => idempotencyKey(kind, id).toString('hex'));

const events: Stage = {
  table: 'events',
  takes: (frame) => !isMetric(frame),
  create: "CREATE TEMPORARY TABLE staged_events (unique_id uuid PRIMARY KEY, record bigint DEFAULT nextval('record_numbers'), id text, key text, time timestamptz, type text, source text, subject text, text text, data jsonb) ON COMMIT DROP",
  insert: `INSERT INTO staged_events (unique_id, id, key, time, type, source, subject, text, data)
    SELECT unique_id, id, key, ${INSTANT}, type, source, subject, text, data::jsonb
    FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[]) AS given (unique_id, id, key, ms, type, source, subject, text, data)
    ON CONFLICT DO NOTHING`,
  columnsOf: (frames) => [keysOf(frames), ...columns(frames.flatMap((frame) => (frame.kind === 'metric' ? [] : [eventRow(frame)])), ['id', 'key', 'time', 'type', 'source', 'subject', 'text', 'data'])],
  takeOver: `WITH fresh AS (
      INSERT INTO record_ids (key) SELECT unique_id FROM staged_events ORDER BY unique_id ON CONFLICT DO NOTHING RETURNING key
    ), stored AS (
      INSERT INTO events (record, id, key, time, type, source, subject, text, data, batch)
      SELECT record, id, staged_events.key, time, type, source, subject, text, data, $1 FROM staged_events JOIN fresh ON fresh.key = unique_id
      RETURNING record, time, text
    ), due AS (
      INSERT INTO record_texts_due (embedder, record, time) SELECT record_embedders.id, record, time FROM stored, record_embedders WHERE text IS NOT NULL
    )
    SELECT count(*) FROM stored`,
};

const metrics: Stage = {
  table: 'metrics',
  takes: isMetric,
  create: "CREATE TEMPORARY TABLE staged_metrics (unique_id uuid PRIMARY KEY, record bigint DEFAULT nextval('record_numbers'), id text, key text, time timestamptz, name text, value double precision, unit text, labels jsonb) ON COMMIT DROP",
  insert: `INSERT INTO staged_metrics (unique_id, id, key, time, name, value, unit, labels)
    SELECT unique_id, id, key, ${INSTANT}, name, value, unit, labels::jsonb
    FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::float8[], $7::text[], $8::text[]) AS given (unique_id, id, key, ms, name, value, unit, labels)
    ON CONFLICT DO NOTHING`,
  columnsOf: (frames) => [keysOf(frames), ...columns(frames.flatMap((frame) => (frame.kind === 'metric' ? [metricRow(frame)] : [])), ['id', 'key', 'time', 'name', 'value', 'unit', 'labels'])],
  takeOver: `WITH fresh AS (
      INSERT INTO record_ids (key) SELECT unique_id FROM staged_metrics ORDER BY unique_id ON CONFLICT DO NOTHING RETURNING key
    ), stored AS (
      INSERT INTO metrics (record, id, key, time, name, value, unit, labels, batch)
      SELECT record, id, staged_metrics.key, time, name, value, unit, labels, $1 FROM staged_metrics JOIN fresh ON fresh.key = unique_id
      RETURNING 1
    )
    SELECT count(*) FROM stored`,
};

export const STAGES: readonly Stage[] = [events, metrics];
