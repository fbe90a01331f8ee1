// Segments in a folder of the spool, and what a load of them comes to.
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Frame, SpoolKind } from '../../contract/spool.ts';
import type { SegmentFile } from '../../records/load.ts';
import { encodeFrame } from '../../spool/frame.ts';
import { newSegmentName } from '../../spool/names.ts';

/** A segment of frames, made while it is written. */
export async function writeSegment(folder: string, kind: SpoolKind, frames: Iterable<Frame>): Promise<SegmentFile> {
  const name = newSegmentName(kind);
  const path = join(folder, name);
  const out = createWriteStream(path);
  for (const frame of frames) if (!out.write(encodeFrame(frame))) await once(out, 'drain');
  out.end();
  await once(out, 'close');
  return { name, path };
}

/** Events with numbers, one a second through November 2026, with text. */
export function* numbered(from: number, count: number): Generator<Frame> {
  for (let n = from; n < from + count; n++) {
    yield { kind: 'event', key: `ada/repository-${n % 200}`, time: Date.UTC(2026, 10, 1) + (n % 2_500_000) * 1_000, id: `event-${n}`, payload: { type: 'build', source: 'ci', subject: `job ${n}`, text: `Build ${n} has ended`, data: { number: n, ok: n % 7 !== 0 } } };
  }
}
