// What was ingested is in the archive as plain git: the same refs, HEAD and objects, for stock git alone.
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { snapshotId } from '../../archive/snapshots.ts';
import { readVisit } from '../../archive/visits.ts';
import { FIXTURES } from '../fixtures/generate.ts';
import { compareRepositories, describeDifference } from '../harness/compare.ts';
import { mirror, openIngest, type IngestHarness } from '../harness/ingest.ts';
import { stateOf } from '../harness/repository-state.ts';

let dir: string;
let harness: IngestHarness;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pivo-archive-'));
  harness = await openIngest(join(dir, 'home'));
});
afterAll(async () => {
  await harness.close();
  await rm(dir, { recursive: true, force: true });
});

const difference = async (a: string, b: string): Promise<string> => describeDifference(await compareRepositories(a, b));

describe.each(FIXTURES)('$name: $promise', ({ name, build, evolve }) => {
  const origin = (): string => join(dir, name);

  test('the snapshot in the archive is the origin', async () => {
    await build(origin());
    const { visit, snapshot, holes } = await harness.ingest(origin(), name);
    const archived = await harness.snapshotOf(name, visit);
    expect(await difference(origin(), archived)).toBe('');
    const { objectFormat, head, refs } = await stateOf(origin());
    expect({ visit, snapshot, holes }).toEqual({ visit: 1, snapshot: snapshotId(objectFormat, head, refs), holes: 0 });
  }, 120_000);

  test('stock git clones it from the archive', async () => {
    const clone = join(dir, `${name}-clone`);
    await mirror(await harness.snapshotOf(name, 1), clone);
    const reference = join(dir, `${name}-reference`);
    await mirror(origin(), reference);
    expect(await difference(reference, clone)).toBe('');
    await Promise.all([clone, reference].map((path) => rm(path, { recursive: true, force: true })));
  }, 120_000);

  test('a second ingest finds nothing new', async () => {
    const { unchanged, newPacks, changes } = await harness.ingest(origin(), name);
    expect({ unchanged, newPacks, changes }).toEqual({ unchanged: true, newPacks: 0, changes: { created: 0, updated: 0, forced: 0, deleted: 0 } });
    expect((await readVisit(harness.deps.store, name, 2)).outcome).toBe('unchanged');
  }, 60_000);

  if (evolve === undefined) return;
  test('after the origin changed, both states are in the archive', async () => {
    const before = join(dir, `${name}-before`);
    await cp(origin(), before, { recursive: true });
    await evolve(origin());
    const { visit } = await harness.ingest(origin(), name);
    expect(await difference(origin(), await harness.snapshotOf(name, visit))).toBe('');
    expect(await difference(before, await harness.snapshotOf(name, 1))).toBe('');
  }, 60_000);
});
