// A spool: the folders in which segments wait, are stored, and lie afterwards.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { SegmentEnd, SpoolDepth, SpoolKind } from '../contract/spool.ts';
import { claim, returnFailed, settle, tagsIn, type ClaimLimits } from './batches.ts';
import { depthReader } from './depth.ts';
import { spoolFailure } from './faults.ts';
import { land, stage, type WrittenSegment } from './landing.ts';
import { failedIn, namesIn, segmentAt, segmentsIn, type FailedSegment, type Segment } from './listing.ts';
import { checkTag } from './names.ts';
import { placesOf, type SpoolPlaces } from './places.ts';

/** All methods fail with StorageFull, StorageReadOnly or StorageUnavailable where the file system does. */
export interface Spool {
  readonly places: SpoolPlaces;
  /** Lands encoded frames as one segment: when it returns, they are durable and wait. */
  land(kind: SpoolKind, frames: readonly Uint8Array[]): Promise<WrittenSegment>;
  /** The segments that wait, oldest first; at most so many. */
  waiting(kind: SpoolKind, most?: number): Promise<Segment[]>;
  depth(kind: SpoolKind): Promise<SpoolDepth>;
  /** Moves waiting segments, oldest first, to the batch `tag` and gives all that the batch has; done again, it goes on. */
  claim(kind: SpoolKind, tag: string, limits: ClaimLimits): Promise<Segment[]>;
  /** What a batch has that is not settled. */
  claimed(kind: SpoolKind, tag: string): Promise<Segment[]>;
  /** Tags of the batches that have segments that are not settled. */
  left(kind: SpoolKind): Promise<string[]>;
  /** Moves segments of a batch to archive/, or to failed/ with the reason; done again, it goes on. Gives the names of those that are nowhere. */
  settle(kind: SpoolKind, tag: string, ends: readonly Pick<SegmentEnd, 'name' | 'failure'>[]): Promise<string[]>;
  /** Tags of the batches that have archived segments. */
  archivedTags(kind: SpoolKind): Promise<string[]>;
  archived(kind: SpoolKind, tag: string): Promise<Segment[]>;
  failed(kind: SpoolKind): Promise<FailedSegment[]>;
  /** Moves a failed segment back to incoming/. Fails with NotFound and InvalidInput. */
  returnFailed(kind: SpoolKind, name: string): Promise<void>;
  /** Removes what writers that died left under temporary names, once it is a day old. For the worker of the home, at its start. */
  sweep(): Promise<void>;
}

const LEFTOVER_MS = 86_400_000;

/** The spool below the folder `root`; nothing is touched before it is used. */
export function openSpool(root: string): Spool {
  const places = placesOf(root);
  const depth = depthReader(places);
  const told = async <T>(act: Promise<T>): Promise<T> =>
    act.catch((error: unknown) => {
      throw spoolFailure(error, root);
    });
  const inBatch = async (folder: string, tag: string): Promise<Segment[]> => {
    checkTag(tag);
    return told(segmentsIn(folder));
  };
  return {
    places,
    land: async (kind, frames) => {
      const staged = await stage(places, kind, frames);
      await land(places, kind, [staged]);
      return staged;
    },
    waiting: (kind, most) => told(segmentsIn(places.incoming(kind), most)),
    depth: (kind) => told(depth(kind)),
    claim: (kind, tag, limits) => told(claim(places, kind, tag, limits)),
    claimed: (kind, tag) => inBatch(places.processing(kind, tag), tag),
    left: (kind) => told(tagsIn(places.processing(kind))),
    settle: (kind, tag, ends) => told(settle(places, kind, tag, ends)),
    archivedTags: (kind) => told(tagsIn(places.archive(kind))),
    archived: (kind, tag) => inBatch(places.archive(kind, tag), tag),
    failed: (kind) => told(failedIn(places.failed(kind), kind)),
    returnFailed: (kind, name) => told(returnFailed(places, kind, name)),
    sweep: () => told(sweep(places.temporary)),
  };
}

async function sweep(folder: string): Promise<void> {
  for (const name of await namesIn(folder)) {
    const leftover = await segmentAt(folder, name);
    if (leftover !== null && Date.now() - leftover.written > LEFTOVER_MS) await rm(join(folder, name), { recursive: true, force: true });
  }
}
