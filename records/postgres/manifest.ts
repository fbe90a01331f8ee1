// Batches and their segments.
import { PivoError } from '../../contract/failures.ts';
import { SpoolBatch, type SegmentEnd } from '../../contract/spool.ts';
import type { BatchFilter, NewBatch } from '../store.ts';
import type { Asking } from './database.ts';

export type Segment = Pick<SegmentEnd, 'name' | 'bytes'>;

const COLUMNS = 'name, records, duplicates, bytes, failure';

export async function openBatch(asking: Asking, { tag, kind, reason, opened }: NewBatch): Promise<SpoolBatch> {
  await asking.rows('INSERT INTO record_batches (tag, kind, reason, opened) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING', [tag, kind, reason, opened]);
  return batchOf(asking, tag);
}

export async function closeBatch(asking: Asking, tag: string, finished: string): Promise<SpoolBatch> {
  await asking.rows('UPDATE record_batches SET finished = $2 WHERE tag = $1 AND finished IS NULL', [tag, finished]);
  return batchOf(asking, tag);
}

/** Fails with NotFound for a tag that no batch has. */
export async function batchOf(asking: Asking, tag: string): Promise<SpoolBatch> {
  const [batch] = await listBatches(asking, { tag, limit: 1 });
  if (batch === undefined) throw new PivoError('NotFound', `no batch has the tag ${tag}`, { hint: '`pivo batches` lists them.', facts: { tag } });
  return batch;
}

/** Newest first. */
export async function listBatches(asking: Asking, { tag, kind, status, before, limit }: BatchFilter): Promise<SpoolBatch[]> {
  const rows = await asking.rows<Record<'opened' | 'finished', Date | null>>(
    `SELECT tag, kind, status, reason, segments, failed, records, duplicates, bytes, opened, finished FROM ingestion_manifest
    WHERE ($1::text IS NULL OR tag = $1) AND ($2::text IS NULL OR kind = $2) AND ($3::text IS NULL OR status = $3) AND ($4::text IS NULL OR number < (SELECT number FROM record_batches WHERE tag = $4))
    ORDER BY number DESC LIMIT $5`,
    [tag ?? null, kind ?? null, status ?? null, before ?? null, limit],
  );
  return rows.map((row) => SpoolBatch.parse({ ...row, opened: row.opened?.toISOString(), finished: row.finished?.toISOString() ?? null }));
}

export async function listSegments(asking: Asking, tag: string): Promise<SegmentEnd[]> {
  await batchOf(asking, tag);
  return asking.rows<SegmentEnd>(`SELECT ${COLUMNS} FROM record_segments WHERE batch = $1 ORDER BY name COLLATE "C"`, [tag]);
}

export async function findSegment(asking: Asking, tag: string, name: string): Promise<SegmentEnd | undefined> {
  const [found] = await asking.rows<SegmentEnd>(`SELECT ${COLUMNS} FROM record_segments WHERE batch = $1 AND name = $2`, [tag, name]);
  return found;
}

/** Gives the segment as the batch has it already, waiting for who stores it at the same time; undefined where it is new. */
export async function keepSegment(asking: Asking, tag: string, { name, records, duplicates, bytes, failure }: SegmentEnd): Promise<SegmentEnd | undefined> {
  const kept = await asking.rows(
    'INSERT INTO record_segments (batch, name, records, duplicates, bytes, failure) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING name',
    [tag, name, records, duplicates, bytes, failure],
  );
  return kept.length > 0 ? undefined : findSegment(asking, tag, name);
}

/** Keeps that a segment could not be read; one that the batch has already stays what it is. */
export async function failSegment(asking: Asking, tag: string, segment: Segment, failure: string): Promise<SegmentEnd> {
  await batchOf(asking, tag);
  const end = { ...segment, records: 0, duplicates: 0, failure };
  return (await keepSegment(asking, tag, end)) ?? end;
}
