// Git LFS as a user meets it: backed up, told, restored and verified by the command line, through the workflows.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IngestResult } from '../../contract/ingest.ts';
import type { LfsStatus } from '../../contract/lfs.ts';
import type { RestoreReceipt } from '../../contract/restore.ts';
import { sha256Of } from '../harness/git-lfs.ts';
import { startPivo, type Pivo } from '../harness/pivo.ts';
import { lfsOrigin } from './origin.ts';

const CONTENT = Buffer.from('an object');
const OID = sha256Of(CONTENT);

let folder: string;
let pivo: Pivo;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pivo-lfs-'));
  await lfsOrigin(join(folder, 'site.git'), { 'a.bin': CONTENT, 'pictures/lost.bin': Buffer.from('nowhere') }, { own: ['a.bin'] });
  pivo = await startPivo(join(folder, 'h'));
}, 120_000);

afterAll(async () => {
  await pivo.close();
  await rm(folder, { recursive: true, force: true });
});

describe('the command line', () => {
  it('tells what was backed up and what is missing', async () => {
    const result = await pivo.json<IngestResult>('ingest', join(folder, 'site.git'));
    expect(result).toMatchObject({ holes: 1, lfs: { objects: 2, missing: 1 } });
    expect(await pivo.json<LfsStatus>('lfs', 'site')).toMatchObject({ looked: true, objects: 2, archived: 1, missing: 1, truncated: false, entries: [{ state: 'missing', path: 'pictures/lost.bin', reason: expect.stringContaining('does not have it') as string }] });
    expect(await pivo.text('lfs', 'site')).toMatch(/site: 2 objects of Git LFS, .*1 missing[\s\S]*pictures\/lost\.bin/);
    expect((await pivo.json<LfsStatus>('lfs', 'site', '--all')).entries.map(({ oid }) => oid)).toContain(OID);
    expect(await pivo.text('visits', 'site')).toContain('1 object of Git LFS missing');
    expect(await pivo.text('verify', 'site')).not.toContain('damaged');
  });

  it('plans and restores with the objects, and says what is missing', async () => {
    const target = join(folder, 'back.git');
    expect(await pivo.text('plan', 'site', '--to', target)).toMatch(/Git LFS +2 objects, .*1 of them not in the archive/);
    const receipt = await pivo.json<RestoreReceipt>('restore', 'site', '--to', target, '--yes');
    expect(receipt.lfs).toMatchObject({ objects: 2, sent: 1, missing: 1 });
    expect((await readFile(join(target, 'lfs/objects', OID.slice(0, 2), OID.slice(2, 4), OID))).equals(CONTENT)).toBe(true);
  });

  it('leaves objects out by --lfs none, and knows no other policy', async () => {
    expect(await pivo.json<IngestResult>('ingest', join(folder, 'site.git'), '--name', 'plain', '--lfs', 'none')).toMatchObject({ holes: 0 });
    expect(await pivo.text('lfs', 'plain')).toContain('nobody looked');
    await expect(pivo.text('ingest', join(folder, 'site.git'), '--lfs', 'all')).rejects.toMatchObject({ code: 2 });
  });
});
