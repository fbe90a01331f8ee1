// What a repair promises on every store: a damaged or lost pack's objects come from other packs or the origin into a new pack; older visits read it; nothing is overwritten.
import { createHash } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { drillRepository } from '../../activities/drill.ts';
import { repairRepository } from '../../activities/repair.ts';
import { packPath, repositoryPath, visitPath } from '../../archive/layout.ts';
import { openLibrary } from '../../archive/reading/library.ts';
import { readRepairedVisit } from '../../archive/repairs.ts';
import { readVisit } from '../../archive/visits.ts';
import type { RepairResult } from '../../contract/repair.ts';
import { git, gitText } from '../../git/process.ts';
import { forcePush } from '../fixtures/history-shapes.ts';
import { fingerprintOf, flipBitBy, type ArchiveHand } from '../harness/archive-hand.ts';
import { compareRepositories, describeDifference } from '../harness/compare.ts';
import { attempt, verdictOf, workflowOf } from '../harness/proof.ts';
import { restoreTo } from '../harness/restore.ts';
import type { BackedUp } from '../reading/backed-up.ts';

const NAME = 'force-push';

/** Declares the tests of a store; `open` gives an empty archive on it. */
export function repairSuite(open: () => Promise<BackedUp>): void {
  let archive: BackedUp;

  beforeEach(async () => {
    archive = await open();
    await archive.backUp(NAME);
    await git(['clone', '--quiet', '--mirror', archive.origin(NAME), join(archive.dir, 'first.git')], { protocols: ['file'] });
  });
  afterEach(() => archive.cleanUp());

  const repair = (workflow = workflowOf('repair')): Promise<RepairResult> => repairRepository(archive.deps, { request: { repository: NAME }, workflow }, attempt());
  /** All files and their bytes: what was there stays as it was. */
  const filesOf = (): Promise<Map<string, string>> => fingerprintOf(archive.deps.store, repositoryPath(NAME));

  async function packOf(seq: number, extension: 'pack' | 'idx' = 'pack'): Promise<{ name: string; path: string }> {
    const { packs } = await readVisit(archive.deps.store, NAME, seq);
    const name = packs.at(-1)?.name ?? '';
    return { name, path: packPath(NAME, name, extension) };
  }

  async function expectWhole(): Promise<void> {
    expect((await verdictOf(archive.deps, NAME)).findings).toEqual([]);
    const target = join(archive.dir, `again-${Date.now()}.git`);
    await restoreTo(archive.deps, NAME, target, (await readVisit(archive.deps.store, NAME, 1)).snapshot);
    expect(describeDifference(await compareRepositories(join(archive.dir, 'first.git'), target))).toBe('');
  }

  describe('a pack that is', () => {
    test.each([
      ['changed by a bit', async (hand: ArchiveHand, path: string) => flipBitBy(hand, path)],
      ['cut short', async (hand: ArchiveHand, path: string) => hand.replace(path, (await hand.read(path)).subarray(0, 100))],
      ['lost', async (hand: ArchiveHand, path: string) => hand.remove(path)],
      ['lost with its index', async (hand: ArchiveHand, path: string) => (await hand.remove(path), hand.remove(path.replace(/pack$/, 'idx')))],
    ])('%s comes back from the origin under a new name', async (_how, damage) => {
      const { name, path } = await packOf(1);
      await damage(archive.hand, path);
      const before = await filesOf();
      const result = await repair();
      expect(result).toMatchObject({ visit: 2, lost: [], repaired: [{ pack: name, from: 'origin' }] });
      const visit = await readVisit(archive.deps.store, NAME, 2);
      const by = visit.replaces[name] ?? [];
      expect(by).toHaveLength(1);
      expect(by[0]).not.toBe(name);
      expect(visit).toMatchObject({ outcome: 'unchanged', newPacks: by, snapshot: (await readVisit(archive.deps.store, NAME, 1)).snapshot });
      const after = await filesOf();
      for (const [each, content] of before) expect(after.get(each), each).toBe(content);
      await expectWhole();
    });
  });

  test('an index that is damaged is replaced without the origin', async () => {
    const { path } = await packOf(1, 'idx');
    await flipBitBy(archive.hand, path);
    await rename(archive.origin(NAME), `${archive.origin(NAME)}.gone`);
    expect(await repair()).toMatchObject({ visit: 2, repaired: [{ from: 'archive' }], lost: [] });
    await expectWhole();
  });

  test('an index that was archived as it is, with the id of an object that is not there, is replaced without the origin', async () => {
    const { path } = await packOf(1, 'idx');
    const idx = await archive.hand.read(path);
    const lastId = 8 + 1024 + 19; // of the first object
    idx[lastId] = (idx[lastId] ?? 0) ^ 1;
    createHash('sha1').update(idx.subarray(0, -20)).digest().copy(idx, idx.length - 20);
    await archive.hand.replace(path, idx);
    const visit = await readVisit(archive.deps.store, NAME, 1);
    const packs = visit.packs.map((pack) => ({ ...pack, idx: { ...pack.idx, sha256: createHash('sha256').update(idx).digest('hex') } }));
    await archive.hand.replace(visitPath(NAME, 1), Buffer.from(JSON.stringify({ ...visit, packs })));
    await rm(archive.deps.cache, { recursive: true, force: true }); // a worker that never had the right one
    expect((await verdictOf(archive.deps, NAME)).findings.map(({ file }) => file)).toContain(path);
    await rename(archive.origin(NAME), `${archive.origin(NAME)}.gone`);
    expect(await repair()).toMatchObject({ visit: 2, repaired: [{ from: 'archive' }], lost: [] });
    await expectWhole();
  });

  test('history that the origin threw away comes back from a pack that joined it', async () => {
    const { path } = await packOf(1);
    await archive.ingest(archive.origin(NAME), NAME);
    await flipBitBy(archive.hand, path);
    await repair(); // the new pack holds all of it
    const { path: second } = await packOf(2);
    await flipBitBy(archive.hand, second);
    expect(await repair()).toMatchObject({ lost: [] });
    await expectWhole();
  });

  test('an older state that the origin threw away since is restored and verified from the new packs', async () => {
    await forcePush(archive.origin(NAME));
    await archive.ingest(archive.origin(NAME), NAME);
    const before = await readVisit(archive.deps.store, NAME, 1);
    await flipBitBy(archive.hand, (await packOf(1)).path);
    expect(await repair()).toMatchObject({ visit: 3, lost: [], repaired: [{ pack: before.packs[0]?.name, from: 'origin' }] });
    const { packs } = await readRepairedVisit(archive.deps.store, NAME, 1);
    expect(packs.map(({ name }) => name)).toEqual((await readVisit(archive.deps.store, NAME, 3)).replaces[before.packs[0]?.name ?? '']);
    await expectWhole();
  });

  test('an object that is nowhere is named, and nothing is written', async () => {
    const { name, path } = await packOf(1);
    await archive.hand.remove(path);
    await rename(archive.origin(NAME), `${archive.origin(NAME)}.gone`);
    const before = await filesOf();
    const head = await gitText(['rev-parse', 'HEAD'], { gitDir: join(archive.dir, 'first.git') });
    const result = await repair();
    expect(result).toMatchObject({ visit: null, repaired: [], lost: [{ pack: name }] });
    expect(result.lost[0]?.objects).toContain(head);
    expect(await filesOf()).toEqual(before);
  });

  test('what is whole is left alone, and a second attempt of a run finds its visit', async () => {
    expect(await repair()).toEqual({ repository: NAME, visit: null, repaired: [], lost: [] });
    await flipBitBy(archive.hand, (await packOf(1)).path);
    const workflow = workflowOf('repair');
    const first = await repair(workflow);
    expect(await repair(workflow)).toMatchObject({ visit: first.visit, repaired: [{ pack: first.repaired[0]?.pack, by: first.repaired[0]?.by }] });
  });

  test('everything goes on after a repair: backups, reading of old visits, drills', async () => {
    await flipBitBy(archive.hand, (await packOf(1)).path);
    await repair();
    await forcePush(archive.origin(NAME));
    await archive.ingest(archive.origin(NAME), NAME);
    const third = await readVisit(archive.deps.store, NAME, 3);
    expect(third.replaces).toEqual((await readVisit(archive.deps.store, NAME, 2)).replaces);
    const library = openLibrary({ store: archive.deps.store, cache: join(archive.dir, 'fresh-cache') });
    const reader = await library.reader(NAME);
    const commits: string[] = [];
    for await (const { hash } of reader.log({ from: await reader.snapshot(await reader.visit(1)) })) commits.push(hash);
    await library.close();
    expect(commits.length).toBeGreaterThan(1);
    expect(await drillRepository(archive.deps, { repository: NAME, workflow: workflowOf('drill') }, attempt())).toMatchObject({ outcome: 'proven', visit: 3 });
    await expectWhole();
  });
}
