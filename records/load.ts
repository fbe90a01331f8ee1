// Loads the segments of a batch into the records, one after the other.
import { stat } from 'node:fs/promises';
import { isPivoError, PivoError } from '../contract/failures.ts';
import type { SegmentEnd, SpoolKind } from '../contract/spool.ts';
import { readSegment } from '../spool/segment.ts';
import type { RecordStore } from './store.ts';

/** A file of the spool. */
export interface SegmentFile {
  name: string;
  path: string;
}

export interface LoadOrder {
  tag: string;
  kind: SpoolKind;
  segments: readonly SegmentFile[];
}

/** How many segments of the order are done, and records in them. */
export interface LoadProgress {
  segments: number;
  records: number;
}

export interface LoadOptions {
  signal: AbortSignal;
  onProgress(progress: LoadProgress): void;
}

/**
 * What became of each segment, in the order of the segments. One that cannot be read is kept as failed, with the reason; what the batch has already is not read again.
 * Fails as the store does, with Unavailable when a file cannot be had, and with Cancelled when the signal aborts: what was stored before is whole.
 */
export async function loadSegments(store: RecordStore, { tag, kind, segments }: LoadOrder, { signal, onProgress }: LoadOptions): Promise<SegmentEnd[]> {
  const known = new Map((await store.segmentsOf(tag)).map((end) => [end.name, end]));
  const ends: SegmentEnd[] = [];
  let records = 0;
  for (const segment of segments) {
    if (signal.aborted) throw cancelled();
    const end = known.get(segment.name) ?? (await loadOne(store, tag, kind, segment, signal));
    ends.push(end);
    records += end.records + end.duplicates;
    onProgress({ segments: ends.length, records });
  }
  return ends;
}

async function loadOne(store: RecordStore, tag: string, kind: SpoolKind, { name, path }: SegmentFile, signal: AbortSignal): Promise<SegmentEnd> {
  const segment = { name, bytes: await sizeOf(path) };
  try {
    return await store.loadSegment(tag, segment, readSegment(path, { kind, signal }));
  } catch (error) {
    if (signal.aborted) throw cancelled();
    if (!isPivoError(error, 'InvalidInput')) throw error;
    return await store.failSegment(tag, segment, error.message);
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    throw new PivoError('Unavailable', `a segment of the spool cannot be read: ${(error as Error).message}`, { facts: { path }, cause: error });
  }
}

export const cancelled = (): PivoError => new PivoError('Cancelled', 'storing the segments was cancelled; those that were stored stay, and the same batch goes on there');
