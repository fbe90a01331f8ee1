// Names of segments and of batches: the only ones that ever become part of a path.
import { randomBytes } from 'node:crypto';
import { PivoError } from '../contract/failures.ts';
import { SpoolKind } from '../contract/spool.ts';
import type { Packing } from '../unpacking.ts';

/** `{kind}-{time}-{random}.msgpack`, and `.zst` or `.gz`: time is milliseconds since 1970 and has 13 digits or more, random is 8 hex digits or more. */
const SEGMENT = new RegExp(`^(${SpoolKind.options.join('|')})-([0-9]{13,15})-[0-9a-f]{8,64}\\.msgpack(\\.zst|\\.gz)?$`);

const PACKINGS: Readonly<Record<string, Packing>> = { '.zst': 'zstd', '.gz': 'gzip' };
const SUFFIXES: Readonly<Record<Packing, string>> = { zstd: '.zst', gzip: '.gz' };

export interface SegmentName {
  kind: SpoolKind;
  /** Milliseconds since 1970 by the clock of who wrote it. */
  time: number;
  packing: Packing | null;
}

/** What a segment's name says; null when it is none. */
export function parseSegmentName(name: string): SegmentName | null {
  const [, kind, time, suffix = ''] = SEGMENT.exec(name) ?? [];
  return kind === undefined ? null : { kind: kind as SpoolKind, time: Number(time), packing: PACKINGS[suffix] ?? null };
}

/** A new name, which no other writer chooses. */
export function newSegmentName(kind: SpoolKind, packing: Packing | null = null): string {
  return `${kind}-${String(Date.now()).padStart(13, '0')}-${randomBytes(12).toString('hex')}.msgpack${packing === null ? '' : SUFFIXES[packing]}`;
}

/** Fails with InvalidInput for a batch tag that could be more than one folder's name. */
export function checkTag(tag: string): void {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/.test(tag)) throw new PivoError('InvalidInput', `"${tag.slice(0, 200)}" is not the tag of a batch`, { hint: 'A tag has up to 200 letters, digits, ".", "_" or "-" and starts with a letter or digit.' });
}
