// An archive that is full or read-only: a clear failure, nothing half written, and the same run works once there is room.
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { listVisitNumbers } from '../../archive/visits.ts';
import { linearHistory } from '../fixtures/generate.ts';
import { compareRepositories, describeDifference } from '../harness/compare.ts';
import { openIngest, type IngestHarness } from '../harness/ingest.ts';

let dir: string;
let origin: string;
let mounted = false;
const mount = (...options: string[]): void => void execFileSync('mount', [...options, join(dir, 'home')], { stdio: 'ignore' });

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pivo-storage-'));
  origin = join(dir, 'origin.git');
  await linearHistory(origin, { commits: 300, files: 40, seed: 1 });
  execFileSync('mkdir', [join(dir, 'home')]);
  try {
    mount('-t', 'tmpfs', '-o', 'size=64k', 'tmpfs');
    mounted = true;
  } catch {
    mounted = false;
  }
});
afterAll(async () => {
  if (mounted) execFileSync('umount', [join(dir, 'home')]);
  await rm(dir, { recursive: true, force: true });
});
beforeEach(({ skip }) => skip(!mounted, 'mounting a small tmpfs needs root'));

/** The archive alone is on the small disk; caches and events are elsewhere. */
async function harness(): Promise<IngestHarness> {
  const opened = await openIngest(join(dir, 'elsewhere'));
  const { openStore } = await import('../../archive/open.ts');
  opened.deps.store = openStore(`file://${join(dir, 'home/archive')}`);
  return opened;
}

test('a full disk fails with what to do, writes no visit, and the next run completes the backup', async () => {
  const { deps, ingest, close } = await harness();
  await expect(ingest(origin, 'r')).rejects.toMatchObject({ kind: 'StorageFull', permanent: true, hint: expect.stringContaining('space') as string });
  expect(await listVisitNumbers(deps.store, 'r')).toEqual([]);
  expect(execFileSync('find', [join(dir, 'home'), '-name', '.tmp-*'], { encoding: 'utf8' })).toBe('');
  mount('-o', 'remount,size=64m');
  const result = await ingest(origin, 'r');
  expect(result.visit).toBe(1);
  const [snapshot] = execFileSync('ls', [join(dir, 'home/archive/backups/r/snapshots')], { encoding: 'utf8' }).trim().split('\n');
  expect(describeDifference(await compareRepositories(origin, join(dir, 'home/archive/backups/r/snapshots', snapshot ?? '')))).toBe('');
  await close();
});

test('a read-only archive fails with what to do, and is as it was', async () => {
  const { deps, ingest, close } = await harness();
  mount('-o', 'remount,ro');
  await linearHistory(origin, { commits: 1, files: 40, seed: 1, from: 300 });
  await expect(ingest(origin, 'r')).rejects.toMatchObject({ kind: 'StorageReadOnly', permanent: true });
  expect(await listVisitNumbers(deps.store, 'r')).toEqual([1]);
  mount('-o', 'remount,rw');
  expect((await ingest(origin, 'r')).visit).toBe(2);
  await close();
});
