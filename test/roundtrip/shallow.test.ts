// A shallow origin is archived as far as it goes, and its boundary never spoils what is full before or after.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readVisit } from '../../archive/visits.ts';
import { git, gitText } from '../../git/process.ts';
import { linearHistory } from '../fixtures/generate.ts';
import { compareRepositories, describeDifference } from '../harness/compare.ts';
import { openIngest, type IngestHarness } from '../harness/ingest.ts';

const HISTORY = { files: 10, seed: 8 };

let dir: string;
let full: string;
let harness: IngestHarness;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pivo-shallow-'));
  full = join(dir, 'full');
  await linearHistory(full, { commits: 40, ...HISTORY });
  harness = await openIngest(join(dir, 'home'));
});
afterAll(async () => {
  await harness.close();
  await rm(dir, { recursive: true, force: true });
});

const cloneOf = async (name: string, ...options: string[]): Promise<string> => {
  const into = join(dir, name);
  await git(['clone', '--quiet', '--mirror', ...options, pathToFileURL(full).href, into], { protocols: ['file'] });
  return into;
};
const difference = async (origin: string, name: string, visit: number): Promise<string> => describeDifference(await compareRepositories(origin, await harness.snapshotOf(name, visit)));
const commits = async (name: string, visit: number): Promise<string> => gitText(['rev-list', '--count', '--all'], { gitDir: await harness.snapshotOf(name, visit) });

test('a shallow origin comes over with its boundary; once it is full, so is the archive', async () => {
  const origin = await cloneOf('shallow', '--depth=5');
  await harness.ingest(origin, 'shallow');
  expect(await difference(origin, 'shallow', 1)).toBe('');
  expect((await readVisit(harness.deps.store, 'shallow', 1)).snapshotPath).toContain('-shallow-');
  await git(['fetch', '--quiet', '--unshallow', pathToFileURL(full).href, '+refs/*:refs/*'], { gitDir: origin, protocols: ['file'] });
  await harness.ingest(origin, 'shallow');
  expect(await difference(origin, 'shallow', 2)).toBe('');
  expect([await commits('shallow', 1), await commits('shallow', 2)]).toEqual(['5', '40']);
});

test('a full origin that turns shallow does not shorten the visit before', async () => {
  const origin = await cloneOf('turning');
  await harness.ingest(origin, 'turning');
  await linearHistory(full, { commits: 3, ...HISTORY, from: 40 });
  await git(['fetch', '--quiet', '--depth=2', '--update-shallow', pathToFileURL(full).href, '+refs/*:refs/*'], { gitDir: origin, protocols: ['file'] });
  await harness.ingest(origin, 'turning');
  expect([await commits('turning', 1), await commits('turning', 2)]).toEqual(['40', '2']);
  expect(await difference(origin, 'turning', 2)).toBe('');
  await git(['fetch', '--quiet', '--unshallow', pathToFileURL(full).href, '+refs/*:refs/*'], { gitDir: origin, protocols: ['file'] });
  await harness.ingest(origin, 'turning');
  expect(await difference(origin, 'turning', 3)).toBe('');
  expect([await commits('turning', 1), await commits('turning', 3)]).toEqual(['40', '43']);
});
