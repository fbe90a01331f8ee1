// Restore drills of an archive on this machine, the comparison that they end with, and how long a proof holds.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { compareWithArchive } from '../../archive/compare.ts';
import { objectsPath } from '../../archive/layout.ts';
import { readSnapshot } from '../../archive/snapshots.ts';
import { readVisit } from '../../archive/visits.ts';
import type { DrillRecord } from '../../contract/drill.ts';
import { git, gitText } from '../../git/process.ts';
import { provenState } from '../../operations/proven.ts';
import { fileOf } from '../harness/proof.ts';
import { openBackedUp, type BackedUp } from '../reading/backed-up.ts';
import { drillSuite } from './suite.ts';

drillSuite(() => openBackedUp());

describe('the comparison sees', () => {
  let archive: BackedUp;
  beforeAll(async () => {
    archive = await openBackedUp();
    await archive.backUp('nested-tags');
  });
  afterAll(() => archive.cleanUp());

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
  const proven: DrillRecord = { run: 'r', repository: 'execa', outcome: 'proven', started: '', finished: '', visit: 1, snapshot: null, visitTime: null, age: null, seconds: 1, refs: 1, objects: 1, bytes: 1, message: null, hint: null };
  const at = (finished: string): ReturnType<typeof provenState> => provenState({ last: { ...proven, finished }, proven: { ...proven, finished } }, '2026-01-01T00:00:00Z', 30, now);
  expect([at('2026-11-01T00:00:00Z').red, at('2026-10-01T00:00:00Z').red]).toEqual([false, true]);
});
