// A spool for a test, and segments put into it by hand.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Frame, SpoolKind } from '../../contract/spool.ts';
import { openSpool, type Spool } from '../../spool/folders.ts';
import { encodeFrame } from '../../spool/frame.ts';
import { readSegment } from '../../spool/segment.ts';

export interface TestSpool extends Spool {
  root: string;
  /** Writes a file into incoming/ as any program could, and returns its path. */
  byHand(kind: SpoolKind, name: string, bytes: Uint8Array): Promise<string>;
  remove(): Promise<void>;
}

export async function makeSpool(): Promise<TestSpool> {
  const root = await mkdtemp(join(tmpdir(), 'pivo-spool-'));
  const spool = openSpool(root);
  return {
    ...spool,
    root,
    byHand: async (kind, name, bytes) => {
      await mkdir(spool.places.incoming(kind), { recursive: true });
      await writeFile(join(spool.places.incoming(kind), name), bytes);
      return join(spool.places.incoming(kind), name);
    },
    remove: () => rm(root, { recursive: true, force: true }),
  };
}

/** A name as a segment has it; `number` makes it another one. */
export const segmentName = (kind: SpoolKind, number: number, suffix = ''): string => `${kind}-${1_763_700_000_000 + number}-${number.toString(16).padStart(8, '0')}.msgpack${suffix}`;

export const bytesOf = (frames: readonly Frame[]): Buffer => Buffer.concat(frames.map(encodeFrame));

/** All frames of a segment. */
export async function framesOf(path: string, kind: SpoolKind = 'event', signal = new AbortController().signal): Promise<Frame[]> {
  const frames: Frame[] = [];
  for await (const batch of readSegment(path, { kind, signal })) frames.push(...batch);
  return frames;
}
