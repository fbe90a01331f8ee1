// The tables in PostgreSQL: events and metrics by month, who was stored, batches, and texts that wait for their vectors.
import { PivoError } from '../../contract/failures.ts';
import { LOCK, type Asking, type Database } from './database.ts';

/** Raised with every change of the tables. */
const VERSION = 1;

/** Partitioned by month of `time`; unique over all partitions is what `record_ids` keeps. */
const TABLES = `
CREATE SEQUENCE record_numbers;
CREATE TABLE record_ids (key uuid PRIMARY KEY);
CREATE TABLE record_batches (
  number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
  tag text PRIMARY KEY,
  kind text NOT NULL,
  reason text NOT NULL,
  opened timestamptz NOT NULL,
  finished timestamptz
);
CREATE TABLE record_segments (
  batch text NOT NULL REFERENCES record_batches,
  name text NOT NULL,
  records bigint NOT NULL,
  duplicates bigint NOT NULL,
  bytes bigint NOT NULL,
  failure text,
  PRIMARY KEY (batch, name)
);
CREATE VIEW ingestion_manifest AS
  SELECT number, tag, kind, CASE WHEN finished IS NULL THEN 'open' WHEN failed > 0 THEN 'failed' ELSE 'done' END AS status, reason, segments, failed, records, duplicates, bytes, opened, finished
  FROM record_batches, LATERAL (
    SELECT count(*) AS segments, count(failure) AS failed, coalesce(sum(records), 0)::bigint AS records, coalesce(sum(duplicates), 0)::bigint AS duplicates, coalesce(sum(bytes), 0)::bigint AS bytes
    FROM record_segments WHERE batch = tag
  ) totals;
CREATE TABLE events (
  record bigint NOT NULL,
  id text NOT NULL,
  key text NOT NULL,
  time timestamptz NOT NULL,
  type text NOT NULL,
  source text,
  subject text,
  text text,
  data jsonb,
  batch text NOT NULL,
  PRIMARY KEY (record, time)
) PARTITION BY RANGE (time);
CREATE INDEX events_time ON events USING brin (time);
CREATE INDEX events_key ON events (key, time);
CREATE INDEX events_pushes ON events (batch) WHERE type = 'push';
CREATE TABLE events_other PARTITION OF events DEFAULT;
CREATE TABLE metrics (
  record bigint NOT NULL,
  id text NOT NULL,
  key text NOT NULL,
  time timestamptz NOT NULL,
  name text NOT NULL,
  value double precision NOT NULL,
  unit text,
  labels jsonb,
  batch text NOT NULL
) PARTITION BY RANGE (time);
CREATE INDEX metrics_time ON metrics USING brin (time);
CREATE INDEX metrics_key ON metrics (key, time);
CREATE TABLE metrics_other PARTITION OF metrics DEFAULT;
CREATE TABLE record_embedders (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL UNIQUE,
  dimensions integer
);
CREATE TABLE record_texts_due (
  embedder integer NOT NULL REFERENCES record_embedders,
  record bigint NOT NULL,
  time timestamptz NOT NULL,
  leased_until timestamptz,
  PRIMARY KEY (embedder, record)
);
CREATE TABLE record_schema (version integer NOT NULL);
INSERT INTO record_schema VALUES (${VERSION});
`;

/** Makes the tables where they are missing; several processes may do so at once. Fails with InvalidInput for tables of a newer PIVO. */
export async function prepareSchema(database: Database): Promise<void> {
  if (await isPrepared(database)) return;
  await database.transaction(async (transaction) => {
    await transaction.rows('SELECT pg_advisory_xact_lock($1)', [LOCK.schema]);
    if (!(await isPrepared(transaction))) await transaction.rows(TABLES);
  });
}

/** Those that are there. As the statement sees them: `to_regclass` may say what a transaction saw before it waited for a lock. */
export async function tablesAmong(asking: Asking, names: readonly string[]): Promise<string[]> {
  const found = await asking.rows<{ name: string }>('SELECT relname AS name FROM pg_class WHERE relname = ANY ($1::name[]) AND relnamespace = to_regnamespace(current_schema())', [names]);
  return found.map(({ name }) => name);
}

async function isPrepared(asking: Asking): Promise<boolean> {
  if ((await tablesAmong(asking, ['record_schema'])).length === 0) return false;
  const [schema] = await asking.rows<{ version: number }>('SELECT version FROM record_schema');
  if (schema !== undefined && schema.version > VERSION) throw new PivoError('InvalidInput', `the records database has tables of a newer PIVO (version ${schema.version}, this one knows ${VERSION})`, { hint: 'Run the PIVO that made them, or name another database.' });
  return true;
}
