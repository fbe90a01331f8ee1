// What a drill promises on every store: what is whole is proven with its recovery time and point, what is not is told, and nothing stays behind.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { drillRepository } from '../../activities/drill.ts';
import { packPath } from '../../archive/layout.ts';
import { readVisit } from '../../archive/visits.ts';
import { gitText } from '../../git/process.ts';
import { provenState } from '../../operations/proven.ts';
import { drillStates, listDrills } from '../../state/drills.ts';
import { FIXTURES } from '../fixtures/generate.ts';
import { flipBitBy } from '../harness/archive-hand.ts';
import { attempt, workflowOf } from '../harness/proof.ts';
import type { BackedUp } from '../reading/backed-up.ts';

const SHAPES = ['merge-storm', 'nested-tags', 'malformed', 'empty-repository', 'detached-head', 'unborn-head', 'latin1-ref-names', 'refs-at-anything', 'odd-names', 'sha256'];

/** Declares the tests of a store; `open` gives an empty archive on it. */
export function drillSuite(open: () => Promise<BackedUp>): void {
  let archive: BackedUp;
  let state: string;

  beforeAll(async () => {
    archive = await open();
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
      await flipBitBy(archive.hand, path);
      onTestFinished(() => flipBitBy(archive.hand, path));
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
}
