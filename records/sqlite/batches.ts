// The manifest of batches, and the ledger of the segments in them.
import type Database from 'better-sqlite3';
import { PivoError } from '../../contract/failures.ts';
import type { PushPayload, SegmentEnd, SpoolBatch } from '../../contract/spool.ts';
import type { BatchFilter, CollapsedPush, NewBatch } from '../store.ts';
import { partsOf } from './schema.ts';

const COLUMNS = 'tag, kind, status, reason, segments, failed, records, duplicates, bytes, opened, finished';

/** The batch of a tag, with the number that its rows carry. Fails with NotFound for a tag that no batch has. */
export function batchOf(db: Database.Database, tag: string): { number: number; batch: SpoolBatch } {
  const row = db.prepare(`SELECT number, ${COLUMNS} FROM ingestion_manifest WHERE tag = ?`).get(tag) as (SpoolBatch & { number: number }) | undefined;
  if (row === undefined) throw new PivoError('NotFound', `no batch has the tag ${tag}`, { hint: '`pivo batches` lists them.', facts: { tag } });
  const { number, ...batch } = row;
  return { number, batch };
}

export function openBatch(db: Database.Database, { tag, kind, reason, opened }: NewBatch): SpoolBatch {
  db.prepare("INSERT INTO ingestion_manifest (tag, kind, status, reason, opened) VALUES (?, ?, 'open', ?, ?) ON CONFLICT (tag) DO NOTHING").run(tag, kind, reason, opened);
  return batchOf(db, tag).batch;
}

export function closeBatch(db: Database.Database, tag: string, finished: string): SpoolBatch {
  db.prepare("UPDATE ingestion_manifest SET status = CASE failed WHEN 0 THEN 'done' ELSE 'failed' END, finished = ? WHERE tag = ? AND status = 'open'").run(finished, tag);
  return batchOf(db, tag).batch;
}

export function batches(db: Database.Database, { tag, kind, status, before, limit }: BatchFilter): SpoolBatch[] {
  const sql = `SELECT ${COLUMNS} FROM ingestion_manifest
    WHERE tag = coalesce(@tag, tag) AND kind = coalesce(@kind, kind) AND status = coalesce(@status, status)
      AND number < coalesce((SELECT number FROM ingestion_manifest WHERE tag = @before), iif(@before IS NULL, 9223372036854775807, 0))
    ORDER BY number DESC LIMIT @limit`;
  return db.prepare(sql).all({ tag: tag ?? null, kind: kind ?? null, status: status ?? null, before: before ?? null, limit }) as SpoolBatch[];
}

const END = 'name, records, duplicates, bytes, failure';

export const segmentsOf = (db: Database.Database, tag: string): SegmentEnd[] => db.prepare(`SELECT ${END} FROM segments WHERE batch = ? ORDER BY name`).all(batchOf(db, tag).number) as SegmentEnd[];

/** What became of a segment; undefined where the batch does not have it yet. */
export const segmentOf = (db: Database.Database, batch: number, name: string): SegmentEnd | undefined => db.prepare(`SELECT ${END} FROM segments WHERE batch = ? AND name = ?`).get(batch, name) as SegmentEnd | undefined;

/** Keeps what became of a segment, and adds it to its batch. */
export function keepSegment(db: Database.Database, batch: number, end: SegmentEnd): SegmentEnd {
  const { name, records, duplicates, bytes, failure } = end;
  db.prepare(`INSERT INTO segments (batch, ${END}) VALUES (?, ?, ?, ?, ?, ?)`).run(batch, name, records, duplicates, bytes, failure);
  const totals = 'segments = segments + 1, failed = failed + ?, records = records + ?, duplicates = duplicates + ?, bytes = bytes + ?';
  db.prepare(`UPDATE ingestion_manifest SET ${totals} WHERE number = ?`).run(failure === null ? 0 : 1, records, duplicates, bytes, batch);
  return end;
}

interface StoredPush {
  time: number;
  record: number;
  source: string;
  repository: string;
  data: string;
}

/** Of pushes of one instant, the one that came in later is the later one. */
const isLater = (one: StoredPush, other: StoredPush): boolean => one.time > other.time || (one.time === other.time && one.record > other.record);

/** The pushes of a batch by source and repository, those that waited longest first. */
export function pushesOf(db: Database.Database, tag: string): CollapsedPush[] {
  const { number, batch } = batchOf(db, tag);
  if (batch.kind !== 'push') return [];
  const collapsed = new Map<string, { latest: StoredPush; count: number; first: number }>();
  for (const part of partsOf(db, 'events')) {
    for (const row of db.prepare(`SELECT time, record, source, subject AS repository, data FROM events_${part} WHERE type = 'push' AND batch = ?`).iterate(number) as Iterable<StoredPush>) {
      const key = JSON.stringify([row.source, row.repository]);
      const before = collapsed.get(key) ?? { latest: row, count: 0, first: row.time };
      collapsed.set(key, { latest: isLater(row, before.latest) ? row : before.latest, count: before.count + 1, first: Math.min(before.first, row.time) });
    }
  }
  const pushes = [...collapsed.values()].map(({ latest, count, first }): CollapsedPush => ({ push: JSON.parse(latest.data) as PushPayload, count, first, last: latest.time }));
  return pushes.toSorted((a, b) => a.first - b.first || compare(a.push.source, b.push.source) || compare(a.push.repository, b.push.repository));
}

const compare = (one: string, other: string): number => (one < other ? -1 : Number(one > other));
