// Twenty thousand issues: all of them, in memory that does not grow with them.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startFakeGithubData, type FakeGithubData } from '../forges/fake-github-data.ts';

const run = promisify(execFile);
const ENTRY = fileURLToPath(new URL('./peak-memory.ts', import.meta.url));

let folder: string;
let fake: FakeGithubData;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pivo-forge-many-'));
  fake = await startFakeGithubData(null);
});
afterAll(async () => {
  await fake.close();
  await run('chmod', ['-R', 'u+w', folder]);
  await rm(folder, { recursive: true });
});

interface Measured {
  records: { issues: number };
  megabytes: number;
}

/** With little room for garbage, so that what is kept shows. */
const measured = async (name: string): Promise<Measured> => JSON.parse((await run(process.execPath, ['--max-old-space-size=64', ENTRY, fake.web, join(folder, name)])).stdout) as Measured;

it('are exported in the memory of a few hundred', { timeout: 300_000 }, async () => {
  const body = 'words '.repeat(100);
  for (let i = 0; i < 300; i++) fake.data.issue({ body });
  const few = await measured('few');
  for (let i = 300; i < 20_000; i++) fake.data.issue({ body });
  const many = await measured('many');
  expect([few.records.issues, many.records.issues]).toEqual([300, 20_000]);
  expect(many.megabytes - few.megabytes).toBeLessThan(100); // they are 50 MB in the archive
});
