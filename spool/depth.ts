// How much waits and lies in a spool, cheap enough to be asked every few seconds.
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import type { SpoolDepth, SpoolKind } from '../contract/spool.ts';
import { codeOf } from './faults.ts';
import { failedEntriesIn, namesIn, segmentsIn, type Segment } from './listing.ts';
import type { SpoolPlaces } from './places.ts';

interface Total {
  segments: number;
  bytes: number;
}

/** The totals of archived batches, which do not change once they are settled: by folder, with the folder's time when it was read. */
type Known = Map<string, Total & { changed: number }>;

/** A folder that changed this recently may change again within the same tick of its file system's clock. */
const SETTLED_MS = 5_000;

/** Asks for the depth of a kind again and again; reads an archived batch once. */
export function depthReader(places: SpoolPlaces): (kind: SpoolKind) => Promise<SpoolDepth> {
  const known: Known = new Map();
  return async (kind) => {
    const waiting = await segmentsIn(places.incoming(kind));
    return {
      kind,
      incoming: { ...totalOf(waiting), age: ageOf(waiting) },
      processing: await totalOfBatches(places.processing(kind), new Map()),
      failed: totalOf(await failedEntriesIn(places.failed(kind))),
      archive: await totalOfBatches(places.archive(kind), known),
    };
  };
}

const totalOf = (segments: readonly Segment[]): Total => ({ segments: segments.length, bytes: segments.reduce((sum, { bytes }) => sum + bytes, 0) });

/** Seconds; a clock that was set back makes nothing younger than new. */
function ageOf(waiting: readonly Segment[]): number {
  const oldest = waiting.reduce((least, { written }) => Math.min(least, written), Number.POSITIVE_INFINITY);
  return waiting.length === 0 ? 0 : Math.max(0, (Date.now() - oldest) / 1_000);
}

async function totalOfBatches(folder: string, known: Known): Promise<Total> {
  const total: Total = { segments: 0, bytes: 0 };
  for (const tag of await namesIn(folder)) {
    const batch = await totalOfBatch(join(folder, tag), known);
    total.segments += batch.segments;
    total.bytes += batch.bytes;
  }
  return total;
}

async function totalOfBatch(folder: string, known: Known): Promise<Total> {
  const changed = await changeOf(folder);
  const before = known.get(folder);
  if (before?.changed === changed) return before;
  const total = totalOf(await segmentsIn(folder));
  if (Math.abs(Date.now() - changed) > SETTLED_MS) known.set(folder, { ...total, changed });
  return total;
}

/** 0 when it is gone. */
async function changeOf(folder: string): Promise<number> {
  try {
    return (await lstat(folder)).mtimeMs;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return 0;
    throw error;
  }
}
