// Verification of an archive on real HDFS reads its checkouts, which are Hadoop Archives.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readSmall } from '../../archive/read.ts';
import type { Finding } from '../../archive/reading/findings.ts';
import { openLibrary } from '../../archive/reading/library.ts';
import { verifyRepository } from '../../archive/reading/verify.ts';
import { readVisit } from '../../archive/visits.ts';
import { fixture } from '../fixtures/generate.ts';
import { openIngest, type IngestHarness } from '../harness/ingest.ts';
import type { Elsewhere } from '../reading/backed-up.ts';
import { hdfsUnderTest, type HdfsUnderTest } from './hdfs.ts';

const NAMES = ['odd-names', 'sha256'];
let under: HdfsUnderTest;
let dir: string;
let archive: Elsewhere;
let pivo: IngestHarness;

beforeAll(async () => {
  under = await hdfsUnderTest();
  dir = await mkdtemp(join(tmpdir(), 'pivo-verify-hdfs-'));
  archive = await under.archiveInHand();
  pivo = await openIngest(dir, () => archive.store);
  for (const name of NAMES) {
    await fixture(name).build(join(dir, `${name}.git`));
    await pivo.ingest(join(dir, `${name}.git`), name);
  }
});
afterAll(async () => {
  await pivo?.close();
  await rm(dir, { recursive: true, force: true });
});

async function findings(name: string): Promise<Finding[]> {
  const library = openLibrary({ store: archive.store, cache: join(dir, 'verify-cache') });
  try {
    return (await verifyRepository(archive.store, library, name, { signal: new AbortController().signal, onProgress: () => {} })).findings;
  } finally {
    await library.close();
  }
}

test.each(NAMES)('an archive as it was written verifies: %s', async (name) => {
  expect((await readVisit(archive.store, name, 1)).checkout.kind).toBe('har');
  expect(await findings(name)).toEqual([]);
});

describe('one changed byte', () => {
  test.each([
    ['part-0', /^its bytes \d+ to \d+ are not ".*", blob [0-9a-f]{40}$/],
    ['_index', /^it does not name the files of the commit's tree, first at byte \d+, in the line of "\//],
    ['_masterindex', /./],
  ])('of %s is found, and nothing else', async (file, problem) => {
    const path = `backups/odd-names/${(await readVisit(archive.store, 'odd-names', 1)).checkout.path}/${file}`;
    const before = await readSmall(archive.store, path);
    const damaged = Buffer.from(before);
    const at = damaged.length >> 1;
    damaged[at] = (damaged[at] ?? 0) ^ 1;
    await archive.hand.replace(path, damaged);
    expect(await findings('odd-names')).toEqual([expect.objectContaining({ file: path, problem: expect.stringMatching(problem) as string, visits: [1] })]);
    await archive.hand.replace(path, before);
    expect(await findings('odd-names')).toEqual([]);
  });
});
