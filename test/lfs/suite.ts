// Objects of Git LFS are verified like packs, and a restore sends nothing that is damaged: promises of any store.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { drillRepository } from '../../activities/drill.ts';
import { lfsLedgerPath, lfsObjectPath, packPath } from '../../archive/layout.ts';
import { lfsFiles } from '../../archive/reading/verify-lfs.ts';
import { readVisit } from '../../archive/visits.ts';
import { hasGaps } from '../../contract/visit.ts';
import type { Finding } from '../../contract/verification.ts';
import { flipBitBy, localHand, type ArchiveHand } from '../harness/archive-hand.ts';
import { git } from '../../git/process.ts';
import { pointerTo, sha256Of } from '../harness/git-lfs.ts';
import { openIngest, type IngestHarness } from '../harness/ingest.ts';
import { verdictOf } from '../harness/proof.ts';
import { restoreTo } from '../harness/restore.ts';
import type { Elsewhere } from '../reading/backed-up.ts';
import { addCommit, lfsOrigin } from './origin.ts';

const CONTENT = Buffer.alloc(100_000, 'content');
const OTHER = Buffer.from('another object');
const object = (content: Buffer): string => lfsObjectPath('project', sha256Of(content));


/** `elsewhere`: an archive that is not a folder of this machine, new for each test. */
export function lfsSuite(elsewhere?: () => Promise<Elsewhere>): void {
  let folder: string;
  let pivo: IngestHarness;
  let hand: ArchiveHand;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pivo-lfs-'));
    const place = await elsewhere?.();
    pivo = await openIngest(join(folder, 'home'), (store) => place?.store ?? store);
    hand = place?.hand ?? localHand(pivo.deps.store);
    await lfsOrigin(join(folder, 'origin.git'), { 'a.bin': CONTENT, 'b.bin': OTHER }, { own: ['a.bin', 'b.bin'] });
    await pivo.ingest(join(folder, 'origin.git'), 'project');
  });

  afterEach(async () => {
    await pivo.close();
    await rm(folder, { recursive: true, force: true });
  });

  const findings = async (): Promise<Finding[]> => (await verdictOf(pivo.deps, 'project')).findings;

  describe('verify', () => {
    it('reads every object and the ledger', async () => {
      const { ok, files, bytes } = await verdictOf(pivo.deps, 'project');
      const visit = await readVisit(pivo.deps.store, 'project', 1);
      expect((await lfsFiles(pivo.deps.store, 'project', [visit])).sort()).toEqual([lfsLedgerPath('project', 1), object(CONTENT), object(OTHER)].sort());
      expect(bytes).toBeGreaterThan(CONTENT.length + OTHER.length); // of both, although they are read at the same time
      expect({ ok, read: files.filter(({ kind }) => kind === 'lfs').map(({ file }) => file).sort() }).toEqual({ ok: true, read: [lfsLedgerPath('project', 1), object(CONTENT), object(OTHER)].sort() });
    });

    it('says which object has a changed byte', async () => {
      await flipBitBy(hand, object(CONTENT));
      expect(await findings()).toMatchObject([{ kind: 'lfs', file: object(CONTENT), problem: expect.stringContaining('not its name') as string }]);
    });

    it('says which object is cut, and which is lost', async () => {
      await hand.replace(object(CONTENT), CONTENT.subarray(1));
      await hand.remove(object(OTHER));
      expect((await findings()).map(({ file, problem }) => [file, problem]).sort()).toEqual([[object(CONTENT), 'it has 99999 bytes, its pointer says 100000'], [object(OTHER), 'it is not there, and the ledger says that it was archived']].sort());
    });

    it.each([['lost', () => hand.remove(lfsLedgerPath('project', 1)), /is not there, and it was/], ['changed', () => flipBitBy(hand, lfsLedgerPath('project', 1)), /SHA-256|cannot be read/]] as const)('says that the ledger is %s', async (_, damage, problem) => {
      await damage();
      expect(await findings()).toMatchObject([{ kind: 'lfs', file: lfsLedgerPath('project', 1), problem: expect.stringMatching(problem) as string, visits: [1] }]);
    });

    it('is clean again when a backup began the ledger anew', async () => {
      await hand.remove(lfsLedgerPath('project', 1));
      await addCommit(join(folder, 'origin.git'), 'refs/heads/main', { 'c.bin': OTHER });
      expect(await pivo.ingest(join(folder, 'origin.git'), 'project')).toMatchObject({ lfs: { objects: 2, missing: 0 } });
      expect(await findings()).toEqual([]);
    });
  });

  describe('a later visit that did not look for objects', () => {
    it('does not keep those that were archived from being verified', async () => {
      await addCommit(join(folder, 'origin.git'), 'refs/heads/main', { 'c.bin': OTHER });
      await pivo.ingest(join(folder, 'origin.git'), 'project', { lfs: 'none' });
      expect((await verdictOf(pivo.deps, 'project')).files.map(({ file }) => file)).toContain(object(CONTENT));
      await flipBitBy(hand, object(CONTENT));
      expect(await findings()).toMatchObject([{ kind: 'lfs', file: object(CONTENT) }]);
    });
  });

  describe('a pack that cannot be searched for pointers', () => {
    it('costs no backup, and is searched by the one after it was mended', async () => {
      const ingest = (more?: object): ReturnType<IngestHarness['ingest']> => pivo.ingest(join(folder, 'origin.git'), 'other', more);
      await ingest({ lfs: 'none' });
      const pack = packPath('other', (await readVisit(pivo.deps.store, 'other', 1)).packs[0]?.name ?? '', 'pack');
      const whole = await hand.read(pack);
      await hand.replace(pack, whole.subarray(0, 40));
      expect(await ingest()).not.toHaveProperty('lfs');
      expect((await readVisit(pivo.deps.store, 'other', 2)).lfs).toBeUndefined();
      await hand.replace(pack, whole);
      expect(await ingest()).toMatchObject({ lfs: { objects: 2, missing: 0 } });
    });
  });

  describe('missing objects', () => {
    it('are no gap of git\'s own: what its packs lack stays a finding, and an unchanged origin is not fetched', () => {
      const lfs = { reason: '1 of 1 objects of Git LFS is missing', lfs: 1 };
      expect([{ outcome: 'partial' as const, holes: [lfs] }, { outcome: 'partial' as const, holes: [lfs, { ref: 'HEAD', reason: 'broken' }] }, { outcome: 'partial' as const, holes: [] }, { outcome: 'full' as const, holes: [] }].map(hasGaps)).toEqual([false, true, true, false]);
    });
  });

  describe('a drill', () => {
    const drill = async (): Promise<unknown> => drillRepository(pivo.deps, { repository: 'project', workflow: { id: 'drill', runId: 'drill-1' } }, { signal: new AbortController().signal, onProgress: () => {}, attempt: 1, log: pivo.deps.log });

    it('brings the objects back, too', async () => {
      expect(await drill()).toMatchObject({ outcome: 'proven' });
    });

    it('fails where one is damaged, and names it', async () => {
      await flipBitBy(hand, object(OTHER));
      expect(await drill()).toMatchObject({ outcome: 'failed', message: expect.stringContaining(object(OTHER)) as string });
    });
  });

  describe('a restore', () => {
    it('ends before anything is sent that is damaged, and names it', async () => {
      await flipBitBy(hand, object(CONTENT));
      await expect(restoreTo(pivo.deps, 'project', join(folder, 'target.git'))).rejects.toMatchObject({ kind: 'Damaged', message: expect.stringContaining(object(CONTENT)) as string });
    });

    it('without the objects, as asked, brings everything else in spite of the damage', async () => {
      await flipBitBy(hand, object(CONTENT));
      const receipt = await restoreTo(pivo.deps, 'project', join(folder, 'target.git'), 'latest', { lfs: 'none' });
      expect(receipt).toMatchObject({ outcome: 'done', lfs: { sent: 0 }, warnings: expect.arrayContaining([expect.stringContaining('left out, as asked')]) as string[] });
    });

    it('is refused where the target has something else in the place of an object, and names it', async () => {
      const target = join(folder, 'target.git');
      await git(['init', '--quiet', '--bare', target]);
      const file = join(target, object(CONTENT).replace(/^.*?\/lfs\//, 'lfs/'));
      await mkdir(dirname(file), { recursive: true });
      for (const other of [CONTENT.subarray(1), Buffer.alloc(CONTENT.length)]) {
        await writeFile(file, other);
        await expect(restoreTo(pivo.deps, 'project', target)).rejects.toMatchObject({ kind: 'TargetRefused', message: expect.stringContaining(file) as string });
      }
      await rm(file);
      expect((await restoreTo(pivo.deps, 'project', target)).lfs).toMatchObject({ objects: 2, missing: 0 });
      expect((await readFile(file)).equals(CONTENT)).toBe(true);
    });

    it('brings an object whose length another pointer gives wrong', async () => {
      await addCommit(join(folder, 'origin.git'), 'refs/heads/main', { 'lie.bin': pointerTo(CONTENT).replace(/size .*/, 'size 1') });
      await pivo.ingest(join(folder, 'origin.git'), 'project');
      expect((await restoreTo(pivo.deps, 'project', join(folder, 'target.git'))).lfs).toMatchObject({ objects: 2, sent: 2, missing: 0, bytes: CONTENT.length + OTHER.length });
    });

    it('of a shallow origin tells what its pointers name', async () => {
      await addCommit(join(folder, 'origin.git'), 'refs/heads/main', { 'a.bin': CONTENT });
      await git(['clone', '--quiet', '--bare', '--depth=1', pathToFileURL(join(folder, 'origin.git')).href, join(folder, 'shallow.git')], { config: { 'protocol.file.allow': 'always' } });
      await pivo.ingest(join(folder, 'shallow.git'), 'shallow');
      expect((await restoreTo(pivo.deps, 'shallow', join(folder, 'target.git'))).lfs).toMatchObject({ objects: 1, missing: 1 });
    });

    it('tells of objects that the archive has not, and brings the others', async () => {
      await addCommit(join(folder, 'origin.git'), 'refs/heads/main', { 'c.bin': Buffer.from('never there') });
      await pivo.ingest(join(folder, 'origin.git'), 'project');
      const receipt = await restoreTo(pivo.deps, 'project', join(folder, 'target.git'));
      expect(receipt.lfs).toMatchObject({ objects: 3, sent: 2, missing: 1 });
      expect(receipt.warnings).toContainEqual(expect.stringContaining('1 object of Git LFS of 3 is not in the archive'));
    });
  });
}
