// Restore drills: what is whole is proven with its recovery time and point, what is not is told, and nothing stays behind.
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { drillRepository } from '../../activities/drill.ts';
import { compareWithArchive } from '../../archive/compare.ts';
import { objectsPath, packPath } from '../../archive/layout.ts';
import { readSnapshot } from '../../archive/snapshots.ts';
import { readVisit } from '../../archive/visits.ts';
import { git, gitText } from '../../git/process.ts';
import { provenState } from '../../operations/proven.ts';
import { drillStates, listDrills } from '../../state/drills.ts';
import { FIXTURES } from '../fixtures/generate.ts';
import { attempt, fileOf, flipBit, workflowOf } from '../harness/proof.ts';
import { openBackedUp, type BackedUp } from '../reading/backed-up.ts';

const SHAPES = ['merge-storm', 'nested-tags', 'malformed', 'empty-repository', 'detached-head', 'unborn-head', 'latin1-ref-names', 'refs-at-anything', 'odd-names', 'sha256'];
let archive: BackedUp;
let state: string;

beforeAll(async () => {
  archive = await openBackedUp();
  state = join(archive.dir, 'state.db');
  for (const name of SHAPES) await archive.backUp(name);
});
afterAll(() => archive.cleanUp());

const drill = (repository: string): ReturnType<typeof drillRepository> => drillRepository(archive.deps, { repository, workflow: workflowOf('drill') }, attempt());
const left = async (): Promise<string[]> => [...(await readdir(join(archive.deps.cache, 'drills')).catch(() => [])), ...(await readdir(join(archive.deps.cache, 'restores')).catch(() => []))];

test.each(SHAPES)('%s is proven to come back', async (name) => {
  expect(FIXTURES.some((fixture) => fixture.name === name)).toBe(true);
  const record = await drill(name);
  expect(record).toMatchObject({ repository: name, outcome: 'proven', visit: 1, message: null });
  expect(record.seconds).toBeGreaterThan(0);
  expect(record.objects).toBe(Number(await gitText(['rev-list', '--objects', '--all', '--count'], { gitDir: archive.origin(name) })));
  expect(await left()).toEqual([]);
  expect(await archive.deps.store.list('restores')).toEqual([]);
  expect(drillStates(state).get(name)?.proven).toEqual(record);
});

describe('a repository that does not come back', () => {
  test('is told with the reason, stays proven as of before, and is red', async () => {
    const before = drillStates(state).get('merge-storm')?.proven;
    const path = packPath('merge-storm', (await readVisit(archive.deps.store, 'merge-storm', 1)).packs[0]?.name ?? '', 'pack');
    await flipBit(fileOf(archive.deps, path));
    onTestFinished(() => flipBit(fileOf(archive.deps, path)));
    const record = await drill('merge-storm');
    expect(record).toMatchObject({ outcome: 'failed', visit: 1, message: expect.stringContaining(path) as string });
    expect(await left()).toEqual([]);
    expect(drillStates(state).get('merge-storm')).toEqual({ last: record, proven: before });
    expect(provenState(drillStates(state).get('merge-storm'), record.started, 30)).toMatchObject({ red: true, proven: before?.finished });
    expect(listDrills(state, 'merge-storm', 10)).toHaveLength(2);
  });

  test('of no visit is NotFound, and no drill', async () => {
    await expect(drill('unknown')).rejects.toMatchObject({ kind: 'NotFound' });
    expect(listDrills(state, 'unknown', 10)).toEqual([]);
  });
});

describe('the comparison sees', () => {
  async function restored(): Promise<string> {
    const path = join(archive.dir, `compared-${Date.now()}.git`);
    onTestFinished(() => rm(path, { recursive: true, force: true }));
    await git(['clone', '--quiet', '--mirror', archive.origin('nested-tags'), path], { protocols: ['file'] });
    return path;
  }
  async function compare(path: string): Promise<unknown> {
    const visit = await readVisit(archive.deps.store, 'nested-tags', 1);
    return compareWithArchive(path, await readSnapshot(archive.deps.store, 'nested-tags', visit), visit.packs.map(({ name }) => name), fileOf(archive.deps, objectsPath('nested-tags')), new AbortController().signal);
  }
  test('no difference in a mirror', async () => {
    expect(await compare(await restored())).toMatchObject({ refs: expect.any(Number) as number });
  });
  test('a ref that is missing, one too many, and another HEAD', async () => {
    const path = await restored();
    const [ref = ''] = (await gitText(['for-each-ref', '--format=%(refname)', 'refs/tags'], { gitDir: path })).split('\n');
    const oid = await gitText(['rev-parse', ref], { gitDir: path });
    await git(['update-ref', '-d', ref], { gitDir: path });
    await expect(compare(path)).rejects.toMatchObject({ kind: 'ProofFailed', facts: { missing: [expect.stringContaining(ref) as string] } });
    await git(['update-ref', ref, oid], { gitDir: path });
    await git(['update-ref', 'refs/heads/stranger', 'HEAD'], { gitDir: path });
    await expect(compare(path)).rejects.toMatchObject({ kind: 'ProofFailed', facts: { strange: [expect.stringContaining('stranger') as string] } });
    await git(['update-ref', '-d', 'refs/heads/stranger'], { gitDir: path });
    await git(['symbolic-ref', 'HEAD', 'refs/heads/elsewhere'], { gitDir: path });
    await expect(compare(path)).rejects.toThrow('HEAD is not what was archived');
  });
});

test('a young repository has time for its first drill, an old proof is red', () => {
  const now = Date.parse('2026-11-21T00:00:00Z');
  expect(provenState(undefined, '2026-11-01T00:00:00Z', 30, now)).toMatchObject({ red: false, proven: null });
  expect(provenState(undefined, '2026-10-01T00:00:00Z', 30, now).red).toBe(true);
  const [proven] = listDrills(state, 'sha256', 1);
  if (proven === undefined) throw new Error('no drill');
  const at = (finished: string): ReturnType<typeof provenState> => provenState({ last: { ...proven, finished }, proven: { ...proven, finished } }, '2026-01-01T00:00:00Z', 30, now);
  expect([at('2026-11-01T00:00:00Z').red, at('2026-10-01T00:00:00Z').red]).toEqual([false, true]);
});
