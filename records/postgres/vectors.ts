// Texts that wait for their vectors, the vectors, and the nearest of them: pgvector, one table for each embedder.
import { PivoError } from '../../contract/failures.ts';
import type { RecordHit, RecordText, TopKQuery } from '../store.ts';
import { LOCK, type Asking, type Database } from './database.ts';
import { MILLISECONDS } from './instants.ts';

const tableOf = (embedder: number): string => `record_vectors_${embedder}`;

interface Embedder {
  id: number;
  /** Null until the first vector came. */
  dimensions: number | null;
}

async function findEmbedder(asking: Asking, name: string): Promise<Embedder | undefined> {
  const [found] = await asking.rows<Embedder>('SELECT id, dimensions FROM record_embedders WHERE name = $1', [name]);
  return found;
}

/** A new embedder's texts are all that are there, and loads add theirs from then on. Fails with InvalidInput or NotAllowed without pgvector. */
async function embedderOf(database: Database, name: string): Promise<Embedder> {
  const known = await findEmbedder(database, name);
  if (known !== undefined) return known;
  return database.transaction(async (transaction) => {
    await transaction.rows('SELECT pg_advisory_xact_lock($1)', [LOCK.embedders]);
    const made = await findEmbedder(transaction, name);
    if (made !== undefined) return made;
    await needVectors(transaction, database.url);
    return beginEmbedder(transaction, name);
  });
}

/** Vectors lie within their rows, whatever their length up to a page: the nearest are found by reading all of them. */
async function beginEmbedder(transaction: Asking, name: string): Promise<Embedder> {
  const [made] = await transaction.rows<{ id: number }>('INSERT INTO record_embedders (name) VALUES ($1) RETURNING id', [name]);
  const id = made?.id ?? 0;
  const table = tableOf(id);
  await transaction.rows(`CREATE TABLE ${table} (record bigint PRIMARY KEY, time timestamptz NOT NULL, key text NOT NULL, type text NOT NULL, vector vector NOT NULL)`);
  await transaction.rows(`ALTER TABLE ${table} ALTER COLUMN vector SET STORAGE MAIN`);
  await transaction.rows(`CREATE INDEX ON ${table} (key, time)`);
  await transaction.rows('INSERT INTO record_texts_due (embedder, record, time) SELECT $1, record, time FROM events WHERE text IS NOT NULL', [id]);
  return { id, dimensions: null };
}

async function needVectors(transaction: Asking, url: string): Promise<void> {
  const [found] = await transaction.rows<{ made: boolean; offered: boolean }>("SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'vector') AS made, EXISTS (SELECT FROM pg_available_extensions WHERE name = 'vector') AS offered");
  if (found?.made === true) return;
  if (found?.offered !== true) throw new PivoError('InvalidInput', `the records database ${url} has no pgvector: records are stored there, but not found by meaning`, { hint: 'Install pgvector for its version of PostgreSQL (Debian: postgresql-NN-pgvector), or keep records in SQLite.' });
  try {
    await transaction.rows('CREATE EXTENSION vector');
  } catch (error) {
    if (error instanceof PivoError && error.kind === 'NotAllowed') throw new PivoError('NotAllowed', `the user of the records database ${url} may not make the extension vector`, { hint: 'Have its superuser run CREATE EXTENSION vector in that database once.', cause: error });
    throw error;
  }
}

/** Several may claim at once: none waits for another, and none is given what another holds. */
export async function claimTexts(database: Database, embedder: string, limit: number, leaseMs: number): Promise<RecordText[]> {
  const { id } = await embedderOf(database, embedder);
  return database.rows<RecordText>(
    `WITH free AS (
      SELECT record FROM record_texts_due WHERE embedder = $1 AND (leased_until IS NULL OR leased_until <= clock_timestamp()) ORDER BY record LIMIT $2 FOR UPDATE SKIP LOCKED
    ), claimed AS (
      UPDATE record_texts_due due SET leased_until = clock_timestamp() + $3 * interval '1 millisecond' FROM free WHERE due.embedder = $1 AND due.record = free.record RETURNING due.record, due.time
    )
    SELECT claimed.record, events.text FROM claimed JOIN events ON events.record = claimed.record AND events.time = claimed.time ORDER BY claimed.record`,
    [id, limit, leaseMs],
  );
}

/** A vector without length has no direction: its record is done with, and near to nothing. */
export async function putVectors(database: Database, embedder: string, vectors: readonly { record: number; vector: Float32Array }[]): Promise<void> {
  const [first] = vectors;
  if (first === undefined) return;
  const { id, dimensions } = await withDimensions(database, await embedderOf(database, embedder), first.vector.length);
  for (const { vector } of vectors) checkLength(embedder, dimensions, vector);
  await database.rows(
    `WITH done AS (
      DELETE FROM record_texts_due WHERE embedder = $1 AND record = ANY ($2::bigint[]) RETURNING record, time
    )
    INSERT INTO ${tableOf(id)} (record, time, key, type, vector)
    SELECT done.record, done.time, events.key, events.type, given.vector::vector
    FROM done JOIN unnest($2::bigint[], $3::text[]) AS given (record, vector) ON given.record = done.record AND given.vector IS NOT NULL
    JOIN events ON events.record = done.record AND events.time = done.time
    ON CONFLICT DO NOTHING`,
    [id, vectors.map(({ record }) => record), vectors.map(({ vector }) => (hasLength(vector) ? textOf(vector) : null))],
  );
}

export async function releaseTexts(database: Database, embedder: string, records: readonly number[]): Promise<void> {
  await database.rows('UPDATE record_texts_due SET leased_until = NULL WHERE embedder = (SELECT id FROM record_embedders WHERE name = $1) AND record = ANY ($2::bigint[])', [embedder, records]);
}

async function withDimensions(database: Database, { id, dimensions }: Embedder, wanted: number): Promise<{ id: number; dimensions: number }> {
  if (dimensions !== null) return { id, dimensions };
  const [kept] = await database.rows<{ dimensions: number }>('UPDATE record_embedders SET dimensions = coalesce(dimensions, $2) WHERE id = $1 RETURNING dimensions', [id, wanted]);
  return { id, dimensions: kept?.dimensions ?? wanted };
}

function checkLength(embedder: string, dimensions: number, vector: Float32Array): void {
  if (vector.length !== dimensions) throw new PivoError('InvalidInput', `the embedder ${embedder} makes vectors of ${dimensions} numbers, and one of ${vector.length} came`);
}

/** Exact, however narrow the filter is: every vector that passes it is compared. Equally near ones come in the order in which they were stored. */
export async function topK(database: Database, { embedder, vector, k, key, type, since, until }: TopKQuery): Promise<RecordHit[]> {
  const known = await findEmbedder(database, embedder);
  if (known?.dimensions == null) return [];
  checkLength(embedder, known.dimensions, vector);
  if (!hasLength(vector)) return [];
  const instant = (milliseconds: number | undefined): string | null => (milliseconds === undefined ? null : new Date(milliseconds).toISOString());
  const filters = Object.entries({ 'key =': key ?? null, 'type =': type ?? null, 'time >=': instant(since), 'time <': instant(until) }).filter(([, value]) => value !== null);
  const where = filters.length === 0 ? '' : `WHERE ${filters.map(([condition], at) => `${condition} $${at + 3}`).join(' AND ')}`;
  return database.rows<RecordHit>(
    `WITH nearest AS MATERIALIZED (SELECT record, time, vector <=> $1::vector AS distance FROM ${tableOf(known.id)} ${where} ORDER BY distance, record LIMIT $2)
    SELECT record, id, key, ${MILLISECONDS} AS time, type, text, data, distance FROM nearest JOIN events USING (record, time) ORDER BY distance, record`,
    [textOf(vector), k, ...filters.map(([, value]) => value)],
  );
}

const hasLength = (vector: Float32Array): boolean => vector.some((each) => each !== 0);

const textOf = (vector: Float32Array): string => `[${vector.join(',')}]`;
