// A later visit stores what is new and nothing else, and takes nothing away from the visits before it.
import { cp, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packFolder } from '../../archive/layout.ts';
import { readVisit } from '../../archive/visits.ts';
import { gitText } from '../../git/process.ts';
import { fixture, linearHistory } from '../fixtures/generate.ts';
import { compareRepositories, describeDifference } from '../harness/compare.ts';
import { countingStore, type Addition } from '../harness/counting-store.ts';
import { mirror, openIngest, type IngestHarness } from '../harness/ingest.ts';

let dir: string;
let harness: IngestHarness;
const additions: Addition[] = [];
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pivo-incremental-'));
  harness = await openIngest(join(dir, 'home'), (store) => countingStore(store, additions));
});
afterAll(async () => {
  await harness.close();
  await rm(dir, { recursive: true, force: true });
});

/** The paths that an ingest added below the repository's folder. */
async function addedBy(act: () => Promise<unknown>): Promise<string[]> {
  additions.length = 0;
  await act();
  return additions.filter(({ verb }) => verb !== 'seal').map(({ path }) => path.replace(/^backups\/[^/]+\//, ''));
}

async function bytesBelow(folder: string): Promise<number> {
  const sizes = await Promise.all((await readdir(folder)).map(async (name) => (await stat(join(folder, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

test('an unchanged origin adds one file, the visit', async () => {
  const origin = join(dir, 'still');
  await linearHistory(origin, { commits: 50, files: 10, seed: 1 });
  await harness.ingest(origin, 'still');
  expect(await addedBy(() => harness.ingest(origin, 'still'))).toEqual(['visits/2.json']);
});

test('a first ingest adds one pack with its index, the snapshot, the visit and the checkout, and stores little more than a mirror', async () => {
  const origin = join(dir, 'first');
  await linearHistory(origin, { commits: 300, files: 20, seed: 2 });
  const added = await addedBy(() => harness.ingest(origin, 'first'));
  const kinds = (pattern: RegExp): number => added.filter((path) => pattern.test(path)).length;
  expect({ packs: kinds(/\.pack$/), indexes: kinds(/\.idx$/), visits: kinds(/^visits\//) }).toEqual({ packs: 1, indexes: 1, visits: 1 });
  expect(added.filter((path) => !/^[0-9a-f]{40}$/.test(path)).length).toBeLessThanOrEqual(10);
  await mirror(origin, join(dir, 'first-mirror'));
  const stored = await bytesBelow(harness.deps.store.localPath(packFolder('first')) ?? '');
  expect(stored).toBeLessThanOrEqual(1.03 * (await bytesBelow(join(dir, 'first-mirror', 'objects', 'pack'))));
});

test('ten new commits add one pack', async () => {
  const origin = join(dir, 'ten');
  await linearHistory(origin, { commits: 300, files: 20, seed: 4 });
  await harness.ingest(origin, 'ten');
  await linearHistory(origin, { commits: 10, files: 20, seed: 4, from: 300 });
  const added = await addedBy(async () => {
    expect(await harness.ingest(origin, 'ten')).toMatchObject({ newPacks: 1, unchanged: false, changes: { created: 0, updated: 1, forced: 0, deleted: 0 } });
  });
  expect(added.filter((path) => path.endsWith('.pack'))).toHaveLength(1);
});

test('a branch deleted and created again brings no pack, even a visit later', async () => {
  const origin = join(dir, 'again');
  const { build } = fixture('force-push');
  await build(origin);
  const tip = await gitText(['commit-tree', '-m', 'Aside', 'main^{tree}'], { gitDir: origin, env: { GIT_AUTHOR_NAME: 'A', GIT_AUTHOR_EMAIL: 'a@example.org', GIT_COMMITTER_NAME: 'A', GIT_COMMITTER_EMAIL: 'a@example.org' } });
  await gitText(['update-ref', 'refs/heads/aside', tip], { gitDir: origin });
  await harness.ingest(origin, 'again');
  await gitText(['update-ref', '-d', 'refs/heads/aside'], { gitDir: origin });
  expect(await harness.ingest(origin, 'again')).toMatchObject({ newPacks: 0, changes: { deleted: 1 } });
  await gitText(['update-ref', 'refs/heads/aside', tip], { gitDir: origin });
  expect(await harness.ingest(origin, 'again')).toMatchObject({ newPacks: 0, changes: { created: 1 } });
});

test('a hundred visits of one commit each stay within twice the mirror, and every state is still there', async () => {
  const origin = join(dir, 'hundred');
  const history = { files: 40, seed: 5 };
  await linearHistory(origin, { commits: 400, ...history });
  await harness.ingest(origin, 'hundred');
  const states = new Map<number, string>();
  for (let at = 0; at < 100; at++) {
    await linearHistory(origin, { commits: 1, ...history, from: 400 + at });
    const { visit, newObjects } = await harness.ingest(origin, 'hundred');
    expect(newObjects).toBeLessThan(40);
    states.set(visit, await gitText(['rev-parse', 'main'], { gitDir: origin }));
    if (visit === 51) await cp(origin, join(dir, 'half-way'), { recursive: true });
  }
  await mirror(origin, join(dir, 'hundred-mirror'));
  const stored = await bytesBelow(harness.deps.store.localPath(packFolder('hundred')) ?? '');
  const mirrored = await bytesBelow(join(dir, 'hundred-mirror', 'objects', 'pack'));
  expect(stored / mirrored).toBeLessThanOrEqual(2);
  expect((await readVisit(harness.deps.store, 'hundred', 101)).packs.length).toBeLessThanOrEqual(40);
  for (const [visit, tip] of states) expect(await gitText(['rev-parse', 'main'], { gitDir: await harness.snapshotOf('hundred', visit) })).toBe(tip);
  expect(describeDifference(await compareRepositories(join(dir, 'half-way'), await harness.snapshotOf('hundred', 51)))).toBe('');
  expect(describeDifference(await compareRepositories(origin, await harness.snapshotOf('hundred', 101)))).toBe('');
}, 300_000);
