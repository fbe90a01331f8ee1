// A million frames are read with the memory that a quarter of them needs.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventFrame } from './frames.ts';
import { bytesOf, makeSpool, segmentName, type TestSpool } from './segments.ts';

const PEAK = fileURLToPath(new URL('peak-memory.ts', import.meta.url));
/** What garbage may differ by, in MB. The frames of one more segment would take more, as bytes and as objects. */
const NOISE = 80;
let spool: TestSpool;

beforeAll(async () => {
  spool = await makeSpool();
});
afterAll(() => spool.remove());

async function reading(paths: readonly string[]): Promise<{ frames: number; megabytes: number }> {
  const { stdout } = await promisify(execFile)(process.execPath, [PEAK, ...paths]);
  const [frames = 0, megabytes = 0] = stdout.split(' ').map(Number);
  return { frames, megabytes };
}

it('memory stays flat over a million frames, plain and packed', async () => {
  const bytes = bytesOf(Array.from({ length: 250_000 }, (_, i) => eventFrame(i)));
  const many = await spool.byHand('event', segmentName('event', 2), bytes);
  const packed = await spool.byHand('event', segmentName('event', 3, '.zst'), zstdCompressSync(bytes));
  const quarter = await reading([packed]);
  const million = await reading([many, packed, many, packed]);
  expect([quarter.frames, million.frames]).toEqual([250_000, 1_000_000]);
  expect(million.megabytes).toBeLessThan(quarter.megabytes + NOISE);
});
