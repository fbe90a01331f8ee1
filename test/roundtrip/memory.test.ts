// Bytes flow through: a large file costs no memory on its way into the archive and back.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BIG_BLOB_BYTES, bigBlobs } from '../fixtures/contents.ts';

const run = promisify(execFile);
const ENTRY = fileURLToPath(new URL('../harness/peak-memory.ts', import.meta.url));

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pivo-memory-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

/** Peak memory in MB of a process that ingests and restores one file of `bytes`. */
async function peakFor(bytes: number): Promise<number> {
  const folder = join(dir, String(bytes));
  await mkdir(folder);
  await bigBlobs(join(folder, 'origin'), { count: 1, bytes });
  const { stdout } = await run(process.execPath, [ENTRY, join(folder, 'origin'), folder]);
  await rm(folder, { recursive: true, force: true });
  return Number(stdout);
}

test('300 MB in one file take no more memory than 10 MB do', async () => {
  const [small, large] = [await peakFor(10 * 2 ** 20), await peakFor(BIG_BLOB_BYTES)];
  expect(large - small).toBeLessThan(64);
}, 300_000);
