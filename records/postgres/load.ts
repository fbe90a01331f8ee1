// Stores a segment: its rows are staged beside the tables, then taken over at once, so that nothing is locked while frames are read.
import type { Frame, SegmentEnd } from '../../contract/spool.ts';
import { partitionOf, type Partition } from '../partitions.ts';
import { LOCK, type Asking, type Database } from './database.ts';
import { batchOf, findSegment, keepSegment, type Segment } from './manifest.ts';
import { makePartitions, type Partitioned } from './partitions.ts';
import { STAGES, type Stage } from './stages.ts';

/** What the staged rows of a segment are: how many frames came, and the partitions that they belong to by table. */
interface Staged {
  frames: number;
  partitions: Map<Partitioned, Map<string, Partition>>;
}

/**
 * In one transaction; whatever else the segment fails with is what `frames` throws. A connection that is lost while the transaction ends may have stored it:
 * the next call finds it by its name.
 */
export async function loadSegment(database: Database, tag: string, segment: Segment, frames: AsyncIterable<readonly Frame[]>): Promise<SegmentEnd> {
  await batchOf(database, tag);
  const before = await findSegment(database, tag, segment.name);
  if (before !== undefined) return before;
  return database.transaction(async (transaction) => {
    const staged = await stage(transaction, frames);
    for (const [table, partitions] of staged.partitions) await makePartitions(database, table, [...partitions.values()]);
    const other = await keepSegment(transaction, tag, { ...segment, records: 0, duplicates: 0, failure: null });
    if (other !== undefined) return other;
    const records = await takeOver(transaction, tag, staged);
    const duplicates = staged.frames - records;
    await transaction.rows('UPDATE record_segments SET records = $3, duplicates = $4 WHERE batch = $1 AND name = $2', [tag, segment.name, records, duplicates]);
    return { ...segment, records, duplicates, failure: null };
  });
}

async function stage(transaction: Asking, frames: AsyncIterable<readonly Frame[]>): Promise<Staged> {
  const staged: Staged = { frames: 0, partitions: new Map() };
  const now = Date.now();
  for await (const chunk of frames) {
    staged.frames += chunk.length;
    for (const each of STAGES) await stageIn(transaction, each, chunk.filter(each.takes), staged.partitions, now);
  }
  return staged;
}

async function stageIn(transaction: Asking, { table, create, insert, columnsOf }: Stage, frames: readonly Frame[], tables: Staged['partitions'], now: number): Promise<void> {
  if (frames.length === 0) return;
  if (!tables.has(table)) await transaction.rows(create);
  const partitions = tables.get(table) ?? new Map<string, Partition>();
  tables.set(table, partitions);
  for (const partition of partitionsOf(frames, now)) partitions.set(partition.name, partition);
  await transaction.rows(insert, columnsOf(frames));
}

/** Frames that follow each other are mostly of one month. */
function* partitionsOf(frames: readonly Frame[], now: number): Generator<Partition> {
  let last: Partition | undefined;
  for (const { time } of frames) {
    if (last?.month != null && time >= last.month.from && time < last.month.until) continue;
    yield (last = partitionOf(time, now));
  }
}

/** New rows; who stores the same ids at the same time is waited for, in an order that all keep. A new embedder waits for the transaction, and so misses no text. */
async function takeOver(transaction: Asking, tag: string, { partitions }: Staged): Promise<number> {
  await transaction.rows('SELECT pg_advisory_xact_lock_shared($1)', [LOCK.embedders]);
  let records = 0;
  for (const { takeOver } of STAGES.filter(({ table }) => partitions.has(table))) {
    const [taken] = await transaction.rows<{ count: number }>(takeOver, [tag]);
    records += taken?.count ?? 0;
  }
  return records;
}
