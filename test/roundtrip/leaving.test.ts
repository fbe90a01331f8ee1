// You can leave: another user, with stock git and nothing but read access, gets everything; nobody gets anything changed.
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { git } from '../../git/process.ts';
import { fixture } from '../fixtures/generate.ts';
import { compareRepositories, describeDifference } from '../harness/compare.ts';
import { openIngest, type IngestHarness } from '../harness/ingest.ts';

const run = promisify(execFile);
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;
const NAMES = ['merge-storm', 'signed', 'sha256', 'detached-head'];

let dir: string;
let harness: IngestHarness;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pivo-leaving-'));
  await chmod(dir, 0o755);
  harness = await openIngest(join(dir, 'home'));
  for (const name of NAMES) {
    await fixture(name).build(join(dir, name));
    await harness.ingest(join(dir, name), name);
  }
}, 60_000);
afterAll(async () => {
  await harness.close();
  await rm(dir, { recursive: true, force: true });
});

describe.skipIf(!isRoot)('another user (needs root, to become one)', () => {
  test.each(NAMES)('clones %s with stock git', async (name) => {
    const theirs = join(dir, `theirs-${name}`);
    await mkdir(theirs);
    await chmod(theirs, 0o777);
    const snapshot = await harness.snapshotOf(name, 1);
    await writeFile(join(theirs, 'config'), `[safe]\n\tdirectory = ${snapshot}\n`);
    const env = { PATH: process.env['PATH'], HOME: theirs, GIT_CONFIG_GLOBAL: join(theirs, 'config'), GIT_CONFIG_NOSYSTEM: '1' };
    await run('git', ['clone', '--quiet', '--mirror', pathToFileURL(snapshot).href, join(theirs, 'clone')], { uid: NOBODY, gid: NOBODY, cwd: theirs, env });
    await run('chown', ['-R', '0:0', join(theirs, 'clone')]);
    expect(describeDifference(await compareRepositories(join(dir, name), join(theirs, 'clone')))).toBe('');
  });
});

test('a push to the archive is refused, even root\'s', async () => {
  const snapshot = await harness.snapshotOf('merge-storm', 1);
  const push = git(['push', pathToFileURL(snapshot).href, 'main:refs/heads/intruder', '+main~1:refs/heads/main'], { gitDir: join(dir, 'merge-storm'), protocols: ['file'] });
  await expect(push).rejects.toMatchObject({ kind: 'GitFailed' });
  expect(describeDifference(await compareRepositories(join(dir, 'merge-storm'), snapshot))).toBe('');
});

test('every archived file is read-only, and so is every folder of a snapshot', async () => {
  const root = join(dir, 'home', 'archive', 'backups', 'merge-storm');
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const modes = await Promise.all(entries.map(async (entry) => [join(entry.parentPath, entry.name), entry.isDirectory(), (await stat(join(entry.parentPath, entry.name))).mode & 0o222] as const));
  expect(modes.filter(([, folder, writable]) => !folder && writable !== 0)).toEqual([]);
  expect(modes.filter(([path, folder, writable]) => folder && writable !== 0 && path.includes('/snapshots/'))).toEqual([]);
});
