// Moves segments between the folders of a spool; every act may be done again after a kill and then only finishes what is left.
import { rmdir } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';
import { PivoError } from '../contract/failures.ts';
import type { SegmentEnd, SpoolKind } from '../contract/spool.ts';
import { makeFolder, move, syncFolder, writeNew } from './durable.ts';
import { codeOf } from './faults.ts';
import { namesIn, oldestFirst, segmentAt, segmentsIn, type Reason, type Segment } from './listing.ts';
import { checkTag, newSegmentName, parseSegmentName } from './names.ts';
import { reasonOf, type SpoolPlaces } from './places.ts';

/** How much one batch takes at most; it takes one segment at least, where one waits. */
export interface ClaimLimits {
  segments: number;
  bytes: number;
}

/**
 * Moves waiting segments, oldest first, to the batch `tag` and gives all that the batch has. A file whose name is no segment's goes
 * to failed/ by itself. Done again, it goes on with what the batch has.
 */
export async function claim(places: SpoolPlaces, kind: SpoolKind, tag: string, limits: ClaimLimits): Promise<Segment[]> {
  checkTag(tag);
  const incoming = places.incoming(kind);
  const folder = places.processing(kind, tag);
  const names = oldestFirst(await namesIn(incoming));
  for (const name of names) if (parseSegmentName(name) === null) await fail(places, kind, join(incoming, name), { name, reason: 'this is not the name of a segment', tag: null });
  await makeFolder(folder);
  await take(incoming, folder, names.filter((name) => parseSegmentName(name) !== null), limits);
  await syncFolder(folder);
  await syncFolder(incoming).catch(ignoreMissing);
  const claimed = await segmentsIn(folder);
  if (claimed.length === 0) await removeEmpty(folder);
  return claimed;
}

async function take(incoming: string, folder: string, names: readonly string[], limits: ClaimLimits): Promise<void> {
  const had = await segmentsIn(folder);
  const taken = new Set(had.map(({ name }) => name));
  let bytes = had.reduce((sum, segment) => sum + segment.bytes, 0);
  for (const name of names) {
    if (taken.size >= limits.segments || (taken.size > 0 && bytes >= limits.bytes)) return;
    const segment = taken.has(name) ? null : await segmentAt(incoming, name); // one that the batch has already under this name waits for the next
    if (segment === null || !(await move(segment.path, join(folder, name)))) continue;
    taken.add(name);
    bytes += segment.bytes;
  }
}

/**
 * Moves segments of a batch to where they end: failed/ with the reason, or archive/. One that is there already, or was returned
 * to incoming/ since, is fine. Gives the names of those that are nowhere: somebody removed them.
 */
export async function settle(places: SpoolPlaces, kind: SpoolKind, tag: string, ends: readonly Pick<SegmentEnd, 'name' | 'failure'>[]): Promise<string[]> {
  checkTag(tag);
  const folder = places.processing(kind, tag);
  const archive = places.archive(kind, tag);
  const missing: string[] = [];
  await makeFolder(archive);
  for (const { name, failure } of ends) {
    if (parseSegmentName(name) === null) throw new PivoError('InvalidInput', `"${name.slice(0, 200)}" is not the name of a segment`);
    const from = join(folder, name);
    const moved = failure === null ? await move(from, join(archive, name)) : await fail(places, kind, from, { name, reason: failure, tag });
    if (!moved && !(await isSettled(places, kind, tag, name))) missing.push(name);
  }
  await syncFolder(archive);
  await syncFolder(folder).catch(ignoreMissing);
  await removeEmpty(folder);
  await removeEmpty(archive);
  return missing;
}

async function isSettled(places: SpoolPlaces, kind: SpoolKind, tag: string, name: string): Promise<boolean> {
  const found = await Promise.all([places.archive(kind, tag), places.failed(kind), places.incoming(kind)].map((folder) => segmentAt(folder, name)));
  return found.some((segment) => segment !== null);
}

/** The reason first, so that no failed segment is ever without. False when there is nothing at `from`. */
async function fail(places: SpoolPlaces, kind: SpoolKind, from: string, { name, reason, tag }: Omit<Reason, 'failed'> & { name: string }): Promise<boolean> {
  if ((await segmentAt(dirname(from), name)) === null) return false;
  const folder = places.failed(kind);
  await makeFolder(folder);
  await makeFolder(places.temporary);
  const to = join(folder, await freeName(folder, name, kind));
  const aside = join(places.temporary, randomBytes(12).toString('hex'));
  await writeNew(aside, [Buffer.from(`${JSON.stringify({ reason, failed: new Date().toISOString(), tag } satisfies Reason)}\n`)]);
  await move(aside, reasonOf(to));
  const moved = await move(from, to);
  await syncFolder(folder);
  return moved;
}

/** Nothing that failed before is ever replaced: where its name is taken, a segment gets a new one. */
async function freeName(folder: string, name: string, kind: SpoolKind): Promise<string> {
  if ((await segmentAt(folder, name)) === null) return name;
  const parsed = parseSegmentName(name);
  return parsed === null ? `${name}.${randomBytes(8).toString('hex')}` : newSegmentName(kind, parsed.packing);
}

/** Moves a failed segment back to where it is taken from. Done again, it changes nothing. Fails with NotFound, InvalidInput for what no name makes a segment, and Exists. */
export async function returnFailed(places: SpoolPlaces, kind: SpoolKind, name: string): Promise<void> {
  if (parseSegmentName(name)?.kind !== kind) throw new PivoError('InvalidInput', `"${name.slice(0, 200)}" is not the name of a segment of kind ${kind}`, { hint: 'Correct its name in failed/ first: {kind}-{milliseconds}-{random hex}.msgpack.' });
  const [failed, waiting] = await Promise.all([segmentAt(places.failed(kind), name), segmentAt(places.incoming(kind), name)]);
  if (failed === null && waiting === null) throw new PivoError('NotFound', `no failed segment of kind ${kind} is named ${name}`, { hint: 'See `pivo spool status`.' });
  if (failed !== null && waiting !== null) throw new PivoError('Exists', `a segment named ${name} waits already`);
  if (failed === null) return;
  await makeFolder(places.incoming(kind));
  await move(failed.path, join(places.incoming(kind), name));
  await syncFolder(places.incoming(kind));
  await move(reasonOf(failed.path), join(places.temporary, `${randomBytes(12).toString('hex')}.reason`)); // swept with what is old there
}

/** Tags of the batches of a folder that have a segment, oldest first by name. */
export async function tagsIn(folder: string): Promise<string[]> {
  const tags = (await namesIn(folder)).sort();
  const filled = await Promise.all(tags.map(async (tag) => (await namesIn(join(folder, tag)).catch(ignoreNoFolder)).length > 0));
  return tags.filter((_, i) => filled[i]);
}

async function removeEmpty(folder: string): Promise<void> {
  await rmdir(folder).catch((error: unknown) => {
    if (codeOf(error) !== 'ENOTEMPTY' && codeOf(error) !== 'ENOENT' && codeOf(error) !== 'EEXIST') throw error;
  });
}

function ignoreMissing(error: unknown): void {
  if (codeOf(error) !== 'ENOENT') throw error;
}

function ignoreNoFolder(error: unknown): string[] {
  if (codeOf(error) !== 'ENOTDIR') throw error;
  return [];
}
