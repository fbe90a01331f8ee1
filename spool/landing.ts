// Lands segments in a spool's incoming folder: staged under a temporary name, durable, then renamed.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { SpoolKind } from '../contract/spool.ts';
import { makeFolder, move, syncFolder, writeNew } from './durable.ts';
import { spoolFailure } from './faults.ts';
import { newSegmentName } from './names.ts';
import type { SpoolPlaces } from './places.ts';

/** A segment that is whole and durable, and that nobody sees yet; or that has landed. */
export interface WrittenSegment {
  name: string;
  frames: number;
  bytes: number;
}

/** Writes encoded frames as one segment that nobody sees yet. Fails with StorageFull, StorageReadOnly and StorageUnavailable, and leaves nothing then. */
export async function stage(places: SpoolPlaces, kind: SpoolKind, frames: readonly Uint8Array[]): Promise<WrittenSegment> {
  const name = newSegmentName(kind);
  try {
    await makeFolder(places.temporary);
    return { name, frames: frames.length, bytes: await writeNew(join(places.temporary, name), [Buffer.concat(frames)]) };
  } catch (error) {
    throw spoolFailure(error, name);
  }
}

/**
 * Lets staged segments be seen, in their order. When it returns their names are durable; a failure or a kill in between has
 * landed some of them whole and none in part, and the others are gone.
 */
export async function land(places: SpoolPlaces, kind: SpoolKind, staged: readonly WrittenSegment[]): Promise<void> {
  const incoming = places.incoming(kind);
  try {
    await makeFolder(incoming);
    for (const { name } of staged) await move(join(places.temporary, name), join(incoming, name));
    await syncFolder(incoming);
  } catch (error) {
    await drop(places, staged.map(({ name }) => name));
    throw spoolFailure(error, incoming);
  }
}

/** Removes staged segments that shall not land. */
export async function drop(places: SpoolPlaces, names: readonly string[]): Promise<void> {
  await Promise.all(names.map((name) => rm(join(places.temporary, name), { force: true })));
}
