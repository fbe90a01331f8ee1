// Where everything of a spool lies, by its root.
import { join } from 'node:path';
import type { SpoolKind } from '../contract/spool.ts';

export type SpoolFolder = 'incoming' | 'processing' | 'archive' | 'failed';

export interface SpoolPlaces {
  /** Files that are being written; never read by anybody. */
  temporary: string;
  incoming(kind: SpoolKind): string;
  failed(kind: SpoolKind): string;
  /** Without a tag: the folder of all batches. */
  processing(kind: SpoolKind, tag?: string): string;
  archive(kind: SpoolKind, tag?: string): string;
}

export function placesOf(root: string): SpoolPlaces {
  const of = (folder: SpoolFolder) => (kind: SpoolKind, tag = ''): string => join(root, folder, kind, tag);
  return { temporary: join(root, '.tmp'), incoming: of('incoming'), failed: of('failed'), processing: of('processing'), archive: of('archive') };
}

/** Beside a failed segment: why it failed. */
export const reasonOf = (segment: string): string => `${segment}.reason.json`;
