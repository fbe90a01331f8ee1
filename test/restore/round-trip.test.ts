// What was ingested comes back bit for bit: to a bare repository, to a working clone, over a push.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { git } from '../../git/process.ts';
import { FIXTURES, fixture } from '../fixtures/generate.ts';
import { compareRepositories, describeDifference } from '../harness/compare.ts';
import { openIngest, type IngestHarness } from '../harness/ingest.ts';
import { restoreWith } from './acts.ts';

let dir: string;
let pivo: IngestHarness;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pivo-restore-'));
  pivo = await openIngest(join(dir, 'pivo'));
});

afterAll(async () => {
  await pivo.close();
  await git(['--version']);
  await rm(dir, { recursive: true, force: true });
});

async function backedUp(name: string): Promise<string> {
  const origin = join(dir, 'origins', `${name}.git`);
  await fixture(name).build(origin);
  await pivo.ingest(origin, name);
  return origin;
}

const SLOW = ['big-blob', 'deep-and-wide'];

describe('a restore of the latest visit to a new bare repository', () => {
  for (const { name, promise } of FIXTURES.filter((each) => !SLOW.includes(each.name))) {
    it(`${name}: ${promise}`, { timeout: 60_000 }, async () => {
      const origin = await backedUp(name);
      const target = join(dir, 'targets', `${name}.git`);
      const receipt = await restoreWith(pivo.deps, { repository: name, target });
      expect(describeDifference(await compareRepositories(origin, target))).toBe('');
      expect(receipt.proof.observed).toBe(receipt.proof.planned);
      expect(await readdir(target)).not.toContain('.pivo-restore');
    });
  }
});
