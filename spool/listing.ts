// What lies in the folders of a spool: segments, their sizes and their ages.
import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SpoolKind } from '../contract/spool.ts';
import { codeOf } from './faults.ts';
import { parseSegmentName } from './names.ts';
import { reasonOf } from './places.ts';

/** A segment as it lies in one of the folders. */
export interface Segment {
  name: string;
  path: string;
  bytes: number;
  /** Milliseconds since 1970 of the file's last writing. */
  written: number;
}

/** A segment that could not be stored. */
export interface FailedSegment extends Segment {
  kind: SpoolKind;
  reason: string;
  /** ISO 8601 UTC; null where the reason was lost. */
  failed: string | null;
  /** The batch that it was taken by. */
  tag: string | null;
}

/** Names in a folder; none where it is missing. Hidden ones are somebody's unfinished business. */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => !name.startsWith('.'));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

/** The segments of a folder, oldest first by the time in their names, as are those of each batch; at most so many. Files that are none are left out. */
export const segmentsIn = (folder: string, most = Number.POSITIVE_INFINITY): Promise<Segment[]> => entriesIn(folder, (name) => parseSegmentName(name) !== null, most);

/** What lies in a folder of failed segments, whatever its name, without the reasons. */
export const failedEntriesIn = (folder: string): Promise<Segment[]> => entriesIn(folder, (name) => !name.endsWith(reasonOf('')));

async function entriesIn(folder: string, isWanted: (name: string) => boolean, most = Number.POSITIVE_INFINITY): Promise<Segment[]> {
  const found: Segment[] = [];
  for (const name of oldestFirst((await namesIn(folder)).filter(isWanted))) {
    if (found.length >= most) break;
    const entry = await segmentAt(folder, name);
    if (entry !== null) found.push(entry);
  }
  return found;
}

/** Null when it went away meanwhile. */
export async function segmentAt(folder: string, name: string): Promise<Segment | null> {
  const path = join(folder, name);
  try {
    const { size, mtimeMs } = await lstat(path);
    return { name, path, bytes: size, written: mtimeMs };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

/** By the time in the names, then by name; what is no segment's name comes first. */
export function oldestFirst(names: readonly string[]): string[] {
  const times = new Map(names.map((name) => [name, parseSegmentName(name)?.time ?? 0]));
  return [...names].sort((a, b) => (times.get(a) ?? 0) - (times.get(b) ?? 0) || (a < b ? -1 : 1));
}

/** The failed segments of a kind, oldest first. */
export async function failedIn(folder: string, kind: SpoolKind): Promise<FailedSegment[]> {
  const entries = await failedEntriesIn(folder);
  return Promise.all(entries.map(async (entry) => ({ ...entry, kind, ...(await reasonBeside(entry.path)) })));
}

/** What is written beside a failed segment. */
export type Reason = Pick<FailedSegment, 'reason' | 'failed' | 'tag'>;

async function reasonBeside(path: string): Promise<Reason> {
  try {
    const { reason, failed, tag } = JSON.parse(await readFile(reasonOf(path), 'utf8')) as Reason;
    return { reason, failed, tag };
  } catch {
    return { reason: 'the reason was lost', failed: null, tag: null };
  }
}
