// How many segments lie in the folders of a spool and since when, cheap enough to be asked every second however many wait.
import { join } from 'node:path';
import type { SpoolKind } from '../contract/spool.ts';
import { namesIn, segmentAt } from './listing.ts';
import { parseSegmentName } from './names.ts';
import { reasonOf, type SpoolPlaces } from './places.ts';

/** Most segments of one folder whose sizes are asked for. */
const MOST_SIZED = 2_000;

export interface Census {
  segments: number;
  /** Null where more lie than are asked for their sizes. */
  bytes: number | null;
  /** Seconds since the oldest was written, by the file's time; 0 when none lies there, never negative. */
  age: number;
}

export interface SpoolCensus {
  kind: SpoolKind;
  incoming: Census;
  processing: Census;
  failed: Census;
}

/** What waits, is being stored and has failed; the archive, which only grows, is left out. */
export async function censusOf(places: SpoolPlaces, kind: SpoolKind): Promise<SpoolCensus> {
  const work = places.processing(kind);
  const batches = (await namesIn(work)).map((tag) => join(work, tag));
  return { kind, incoming: await census([places.incoming(kind)]), processing: await census(batches), failed: await census([places.failed(kind)]) };
}

interface Named {
  folder: string;
  name: string;
}

/** A file with a wrong name counts too: it waits to be refused, or was. The reasons beside failed segments do not. */
async function census(folders: readonly string[]): Promise<Census> {
  const found = await Promise.all(folders.map(async (folder) => (await namesIn(folder)).map((name) => ({ folder, name }))));
  const named = found.flat().filter(({ name }) => !name.endsWith(reasonOf('')));
  const oldest = named.reduce<Named | undefined>((least, each) => (least === undefined || timeOf(each) < timeOf(least) ? each : least), undefined);
  return { segments: named.length, bytes: await bytesOf(named), age: oldest === undefined ? 0 : await ageOf(oldest) };
}

/** By its name; a wrong name tells nothing. */
const timeOf = ({ name }: Named): number => parseSegmentName(name)?.time ?? Number.POSITIVE_INFINITY;

async function bytesOf(named: readonly Named[]): Promise<number | null> {
  if (named.length > MOST_SIZED) return null;
  const sizes = await Promise.all(named.map(async ({ folder, name }) => (await segmentAt(folder, name))?.bytes ?? 0));
  return sizes.reduce((sum, bytes) => sum + bytes, 0);
}

/** 0 when it went away meanwhile. */
async function ageOf({ folder, name }: Named): Promise<number> {
  const segment = await segmentAt(folder, name);
  return segment === null ? 0 : Math.max(0, (Date.now() - segment.written) / 1_000);
}
