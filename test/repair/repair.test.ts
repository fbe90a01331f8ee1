// Repairs: a damaged or lost pack's objects come from other packs or the origin into a new pack; older visits read it; nothing is overwritten.
import { readFile, readdir, rename, rm, stat, truncate, chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { drillRepository } from '../../activities/drill.ts';
import { repairRepository } from '../../activities/repair.ts';
import { packPath } from '../../archive/layout.ts';
import { openLibrary } from '../../archive/reading/library.ts';
import { readRepairedVisit } from '../../archive/repairs.ts';
import { readVisit } from '../../archive/visits.ts';
import type { RepairResult } from '../../contract/repair.ts';
import { git, gitText } from '../../git/process.ts';
import { compareRepositories, describeDifference } from '../harness/compare.ts';
import { attempt, fileOf, flipBit, verdictOf, workflowOf } from '../harness/proof.ts';
import { restoreTo } from '../harness/restore.ts';
import { openBackedUp, type BackedUp } from '../reading/backed-up.ts';

const NAME = 'force-push';
let archive: BackedUp;

beforeEach(async () => {
  archive = await openBackedUp();
  await archive.backUp(NAME);
  await git(['clone', '--quiet', '--mirror', archive.origin(NAME), join(archive.dir, 'first.git')], { protocols: ['file'] });
});
afterEach(() => archive.cleanUp());

const repair = (workflow = workflowOf('repair')): Promise<RepairResult> => repairRepository(archive.deps, { request: { repository: NAME }, workflow }, attempt());

async function packOf(seq: number, extension: 'pack' | 'idx' = 'pack'): Promise<{ name: string; file: string }> {
  const { packs } = await readVisit(archive.deps.store, NAME, seq);
  const name = packs.at(-1)?.name ?? '';
  return { name, file: fileOf(archive.deps, packPath(NAME, name, extension)) };
}

/** Names and times of all files of the archive: what was there stays as it was. */
async function filesOf(): Promise<Map<string, string>> {
  const root = fileOf(archive.deps, `backups/${NAME}`);
  const files = new Map<string, string>();
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) files.set(path, `${(await stat(path)).mtimeMs} ${(await readFile(path)).toString('hex').slice(0, 4000)}`);
  }
  return files;
}

async function expectWhole(): Promise<void> {
  expect((await verdictOf(archive.deps, NAME)).findings).toEqual([]);
  const target = join(archive.dir, `again-${Date.now()}.git`);
  await restoreTo(archive.deps, NAME, target, (await readVisit(archive.deps.store, NAME, 1)).snapshot);
  expect(describeDifference(await compareRepositories(join(archive.dir, 'first.git'), target))).toBe('');
}

describe('a pack that is', () => {
  test.each([
    ['changed by a bit', async (file: string) => flipBit(file)],
    ['cut short', async (file: string) => (await chmod(file, 0o644), truncate(file, 100))],
    ['lost', async (file: string) => rm(file)],
    ['lost with its index', async (file: string) => (await rm(file), rm(file.replace(/pack$/, 'idx')))],
  ])('%s comes back from the origin under a new name', async (_how, damage) => {
    const { name, file } = await packOf(1);
    await damage(file);
    const before = await filesOf();
    const result = await repair();
    expect(result).toMatchObject({ visit: 2, lost: [], repaired: [{ pack: name, from: 'origin' }] });
    const visit = await readVisit(archive.deps.store, NAME, 2);
    const by = visit.replaces[name] ?? [];
    expect(by).toHaveLength(1);
    expect(by[0]).not.toBe(name);
    expect(visit).toMatchObject({ outcome: 'unchanged', newPacks: by, snapshot: (await readVisit(archive.deps.store, NAME, 1)).snapshot });
    const after = await filesOf();
    for (const [path, content] of before) expect(after.get(path), path).toBe(content);
    await expectWhole();
  });
});

test('an index that is damaged is replaced without the origin', async () => {
  const { file } = await packOf(1, 'idx');
  await flipBit(file);
  await rename(archive.origin(NAME), `${archive.origin(NAME)}.gone`);
  expect(await repair()).toMatchObject({ visit: 2, repaired: [{ from: 'archive' }], lost: [] });
  await expectWhole();
});

test('history that the origin threw away comes back from a pack that joined it', async () => {
  const { file } = await packOf(1);
  await archive.ingest(archive.origin(NAME), NAME);
  await flipBit(file);
  await repair(); // the new pack holds all of it
  const { file: second } = await packOf(2);
  await flipBit(second);
  expect(await repair()).toMatchObject({ lost: [] });
  await expectWhole();
});

test('an older state that the origin threw away since is restored and verified from the new packs', async () => {
  const { forcePush } = await import('../fixtures/history-shapes.ts');
  await forcePush(archive.origin(NAME));
  await archive.ingest(archive.origin(NAME), NAME);
  const before = await readVisit(archive.deps.store, NAME, 1);
  await flipBit((await packOf(1)).file);
  expect(await repair()).toMatchObject({ visit: 3, lost: [], repaired: [{ pack: before.packs[0]?.name, from: 'origin' }] });
  const { packs } = await readRepairedVisit(archive.deps.store, NAME, 1);
  expect(packs.map(({ name }) => name)).toEqual((await readVisit(archive.deps.store, NAME, 3)).replaces[before.packs[0]?.name ?? '']);
  await expectWhole();
});

test('an object that is nowhere is named, and nothing is written', async () => {
  const { name, file } = await packOf(1);
  await rm(file);
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
  await flipBit((await packOf(1)).file);
  const workflow = workflowOf('repair');
  const first = await repair(workflow);
  expect(await repair(workflow)).toMatchObject({ visit: first.visit, repaired: [{ pack: first.repaired[0]?.pack, by: first.repaired[0]?.by }] });
});

test('everything goes on after a repair: backups, reading of old visits, drills', async () => {
  await flipBit((await packOf(1)).file);
  await repair();
  const { forcePush } = await import('../fixtures/history-shapes.ts');
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
