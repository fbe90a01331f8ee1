// Memory stays flat however long a log is.
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { hadoopLines, temporaryIndex, type TemporaryIndex } from './temporary.ts';

const PEAK = fileURLToPath(new URL('peak-memory.ts', import.meta.url));

let index: TemporaryIndex;

beforeEach(async () => {
  index = await temporaryIndex();
});
afterEach(() => index.close());

/** Megabytes that a process needs at most to read so many pieces of two megabytes: ordinary lines, and one that is far too long. */
async function peakFor(pieces: number): Promise<number> {
  const path = join(index.folder, 'large.log');
  const out = createWriteStream(path);
  for (let n = 0; n < pieces; n++) if (!out.write(`${hadoopLines(500, n * 500)}${'a long line '.repeat(160_000)}\n`)) await once(out, 'drain');
  out.end();
  await once(out, 'close');
  const { stdout } = await promisify(execFile)(process.execPath, [PEAK, join(index.folder, 'large.db'), path]);
  return Number(stdout);
}

it('a log of 100 MB needs no more of it than the caches of the index and a batch', async () => {
  expect(await peakFor(50)).toBeLessThan(450); // 330 measured, and the same for 30 MB
});
