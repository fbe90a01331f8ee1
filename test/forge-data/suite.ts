// What was exported of a forge is verified as packs are, file by file: promises of any store.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ActivityDeps } from '../../activities/act.ts';
import { verifyPart } from '../../activities/verify.ts';
import { forgeAssetPath, forgeExportPath, forgeFolder, forgeLinesPath } from '../../archive/layout.ts';
import { forgeFiles } from '../../archive/reading/verify-forge.ts';
import { startFakeGithubData, type FakeGithubData } from '../forges/fake-github-data.ts';
import { filesBelow, flipBitBy, localHand, type ArchiveHand } from '../harness/archive-hand.ts';
import { sha256Of } from '../harness/git-lfs.ts';
import { attempt, verdictOf, verificationOf } from '../harness/proof.ts';
import { allOf, type Elsewhere } from '../reading/backed-up.ts';
import { exportOnce, openExporting, type Exporting } from './exporting.ts';

const FILE = Buffer.from('the bytes');
const ASSET = forgeAssetPath('shop', sha256Of(FILE));
const ISSUES = forgeLinesPath('shop', 2, 'issues', 1);
const LIST = forgeLinesPath('shop', 1, 'release-assets', 1);
const OF = 3;

/** `elsewhere`: an archive that is not a folder of this machine, new for each test. */
export function forgeVerifySuite(elsewhere?: () => Promise<Elsewhere>): void {
  let folder: string;
  let fake: FakeGithubData;
  let exporting: Exporting;
  let deps: ActivityDeps;
  let hand: ArchiveHand;

  /** A repository with two exports and no backup. */
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pivo-forge-verify-'));
    fake = await startFakeGithubData(null);
    exporting = await openExporting(folder, fake, 'github');
    const place = await elsewhere?.();
    deps = { ...exporting.deps, ...(place === undefined ? {} : { store: place.store }) };
    hand = place?.hand ?? localHand(deps.store);
    fake.data.issue({ title: 'First' });
    fake.data.release('v1', { 'shop.tar.gz': FILE });
    await exportOnce(deps, { repository: 'shop', url: `${fake.web}/acme/shop` }, 'run-1');
    fake.data.issue({ title: 'Second' });
    await exportOnce(deps, { repository: 'shop', url: `${fake.web}/acme/shop` }, 'run-2');
  });
  afterEach(async () => {
    await exporting.close();
    await fake.close();
    await rm(folder, { recursive: true, force: true });
  });

  const found = async (): Promise<unknown[]> => (await verdictOf(deps, 'shop')).findings.map(({ kind, file, problem }) => [kind, file, problem]);

  it('reads every file of the exports, also where nothing was backed up, and counts them', async () => {
    const all = (await allOf(filesBelow(deps.store, forgeFolder('shop')))).toSorted();
    expect(all).toHaveLength(7);
    const { files, ...verdict } = await verdictOf(deps, 'shop');
    expect(verdict).toMatchObject({ ok: true, visits: 0, forgeFiles: 7, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) });
    expect(files.map(({ file }) => file).toSorted()).toEqual(all);
    expect((await forgeFiles(deps.store, 'shop', new AbortController().signal)).toSorted()).toEqual(all);
    expect(await verifyPart(deps, verificationOf(), attempt())).toMatchObject({ ok: true, repositories: 1, files: 7 });
  });

  it('reads each file in exactly one part', async () => {
    const parts = await Promise.all(Array.from({ length: OF }, (_, i) => verdictOf(deps, 'shop', { part: { part: i + 1, of: OF } })));
    expect(parts.flatMap(({ files }) => files.map(({ file }) => file)).toSorted()).toEqual((await forgeFiles(deps.store, 'shop', new AbortController().signal)).toSorted());
  });

  it('names a file of a release that is lost, and one with another byte', async () => {
    await flipBitBy(hand, ASSET);
    expect(await found()).toEqual([['forge', ASSET, expect.stringMatching(/^its SHA-256 is .*export 1 \(file "shop\.tar\.gz" of a release\) says/)]]);
    await hand.remove(ASSET);
    expect(await found()).toEqual([['forge', ASSET, 'it is not there, and export 1 (file "shop.tar.gz" of a release) names it']]);
  });

  it('names lines that are cut, changed or lost', async () => {
    const whole = await hand.read(ISSUES);
    await hand.replace(ISSUES, whole.subarray(1));
    expect(await found()).toEqual([['forge', ISSUES, `it has ${whole.length - 1} bytes, export 2 says ${whole.length}`]]);
    await hand.replace(ISSUES, whole);
    await flipBitBy(hand, ISSUES);
    expect(await found()).toEqual([['forge', ISSUES, expect.stringContaining('its SHA-256 is')]]);
    await hand.remove(ISSUES);
    expect(await found()).toEqual([['forge', ISSUES, 'it is not there, and export 2 names it']]);
  });

  it('names a list of files of releases that is damaged or lost', async () => {
    await flipBitBy(hand, LIST);
    expect(await found()).toEqual([['forge', LIST, expect.any(String)]]);
    await hand.remove(LIST);
    expect(await found()).toEqual([['forge', LIST, expect.any(String)]]);
  });

  it('names an export that was changed, cannot be read or is lost, and goes on with the others', async () => {
    const path = forgeExportPath('shop', 1);
    const whole = await hand.read(path);
    await hand.replace(path, Buffer.from(whole.toString().replace('acme/shop', 'acme/shob')));
    expect(await found()).toEqual([['forge', path, 'it was changed: export 2 knows its file by another SHA-256']]);
    await hand.replace(path, whole.subarray(0, 40));
    expect(await found()).toEqual([['forge', path, expect.stringContaining('cannot be read')]]);
    await hand.remove(path);
    await flipBitBy(hand, ISSUES);
    expect(await found()).toEqual([['forge', path, 'it is not there, and a later export is'], ['forge', ISSUES, expect.any(String)]]);
  });

  it('keeps in a durable run what is wrong until the file is read again and whole', async () => {
    await flipBitBy(hand, ASSET);
    expect(await verifyPart(deps, verificationOf({ repository: 'shop' }), attempt())).toMatchObject({ ok: false, findings: 1, damaged: ['shop'] });
    await flipBitBy(hand, ASSET);
    expect(await verifyPart(deps, verificationOf({ repository: 'shop' }), attempt())).toMatchObject({ ok: true, findings: 0 });
  });
}
