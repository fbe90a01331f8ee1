// Trees whose names try to leave their folder or to become a repository: in a checkout of the archive, and in a restored working clone.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Places } from '../../archive/places.ts';
import { readVisit } from '../../archive/visits.ts';
import type { Visit } from '../../contract/visit.ts';
import { git, gitText } from '../../git/process.ts';
import { compareRepositories, describeDifference } from '../harness/compare.ts';
import { openIngest, type IngestHarness } from '../harness/ingest.ts';
import { restoreTo } from '../harness/restore.ts';
import { initBare, setRefs, writeCommit, writeObject, writeTree, type TreeEntry } from '../fixtures/plumbing.ts';

/** Spellings of `.git` that some file system takes for it, as a path part (git's t/t0060-path-utils, t1014 and t1450 name the rules). */
const GIT_NAMES = ['.git', '.GIT', '.Git', 'git~1', 'GIT~1', '.git.', '.git ', '.git . ', '.git::$INDEX_ALLOCATION', '.git:x', '.g\u200cit', '\u200e.git', '.gi\u206ft', '\ufeff.git', '.git\\config', 'a\\.git\\hooks', 'git~1\\x'];
const CLIMBERS = ['..', '.', '../outside', '../../outside', '/outside', '..\\outside', 'a\\..\\..\\outside', 'sub/../../outside'];

let dir: string;
let harness: IngestHarness;
let visit: Visit;
let archived: string[];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pivo-names-'));
  harness = await openIngest(join(dir, 'home'));
  await initBare(join(dir, 'evil.git'));
  const outside = join(dir, 'outside');
  await mkdir(outside);
  await writeFile(join(outside, 'mine'), 'mine');
  const evil = await writeObject(join(dir, 'evil.git'), 'blob', '#!/bin/sh\ntouch pwned\n');
  const link = await writeObject(join(dir, 'evil.git'), 'blob', outside);
  const below = await writeTree(join(dir, 'evil.git'), [{ mode: '100755', name: 'evil', oid: evil }]);
  const hooks = await writeTree(join(dir, 'evil.git'), [{ mode: '40000', name: 'hooks', oid: below }]);
  const entries: TreeEntry[] = [
    { mode: '100644', name: 'fine', oid: evil },
    ...GIT_NAMES.map((name): TreeEntry => ({ mode: '40000', name, oid: hooks })),
    ...CLIMBERS.map((name): TreeEntry => ({ mode: '100755', name, oid: evil })),
    { mode: '120000', name: 'door', oid: link },
    { mode: '40000', name: 'door', oid: below },
    { mode: '100755', name: 'door/evil', oid: evil },
    { mode: '120000', name: 'sub', oid: link },
  ];
  await setRefs(join(dir, 'evil.git'), [['refs/heads/main', await writeCommit(join(dir, 'evil.git'), { tree: await writeTree(join(dir, 'evil.git'), entries) })]]);
  await harness.ingest(join(dir, 'evil.git'), 'evil');
  visit = await readVisit(harness.deps.store, 'evil', 1);
  const checkout = join(dir, 'home/archive/backups/evil', visit.checkout.path ?? 'none');
  archived = (await readdir(checkout, { recursive: true, withFileTypes: true })).map((entry) => join(entry.parentPath, entry.name).slice(checkout.length + 1));
});
afterAll(async () => {
  await harness.close();
  await promisify(execFile)('chmod', ['-R', 'u+w', dir]);
  await rm(dir, { recursive: true, force: true });
});

const untouched = async (): Promise<void> => {
  expect(await readdir(join(dir, 'outside'))).toEqual(['mine']);
  expect((await readdir(dir)).filter((name) => !/^(evil|restored|bare|archive-copy|outside|home)/.test(name))).toEqual([]);
};

describe('a checkout of the archive', () => {
  test('is made, with the harmless names as they are', () => {
    expect(visit.checkout.kind).toBe('files');
    expect(archived).toContain('fine');
  });

  test('stays in its folder, and lays no link out', async () => {
    await untouched();
    const checkout = join(dir, 'home/archive/backups/evil', visit.checkout.path ?? 'none');
    const entries = await readdir(checkout, { recursive: true, withFileTypes: true });
    expect(entries.filter((entry) => !entry.isFile() && !entry.isDirectory())).toEqual([]);
    expect(await readFile(join(checkout, 'door'), 'utf8')).toBe(join(dir, 'outside'));
  });

  test.each(GIT_NAMES)('has no part that is %j', (name) => {
    expect(archived.filter((path) => path.split('/').includes(name))).toEqual([]);
    expect(visit.checkout.renamed.map((entry) => entry.path.split('/')[0])).toContain(name);
  });

  test('has nothing that would climb where `\\` separates folders', () => {
    expect(archived.filter((path) => /(^|[\\/])\.\.([\\/]|$)/.test(path))).toEqual([]);
  });

  test('is nothing that git itself would take for a repository', async () => {
    const copy = join(dir, 'archive-copy');
    await promisify(execFile)('cp', ['-r', join(dir, 'home/archive/backups/evil', visit.checkout.path ?? 'none'), copy]);
    for (const folder of ['', ...archived.filter((path) => path.endsWith('hooks'))]) await expect(gitText(['rev-parse', '--git-dir'], { cwd: join(copy, folder) })).rejects.toMatchObject({ kind: 'GitFailed' });
  });

  test('names what it left out or renamed', () => {
    for (const name of ['..', '../outside', '/outside']) expect(visit.checkout.renamed).toContainEqual({ path: name, stored: null, reason: expect.any(String) as string });
  });
});

test.each([...GIT_NAMES, ...CLIMBERS, ''])('a Hadoop Archive stores %j under a name that is neither', (name) => {
  const { path } = new Places(false).next({ path: Buffer.from(`x/${name}`), mode: 0o100644, oid: '', bytes: 0 });
  for (const part of path?.split(/[/\\]/) ?? []) {
    expect(['', '.', '..']).not.toContain(part);
    expect(GIT_NAMES).not.toContain(part);
  }
});

describe('a restore', () => {
  test('to a working clone brings every object back, and writes no file outside or into .git', async () => {
    const target = join(dir, 'restored');
    const receipt = await restoreTo(harness.deps, 'evil', target);
    await untouched();
    expect(receipt.warnings.join()).toContain('could not be laid out');
    expect(await gitText(['rev-parse', 'HEAD'], { cwd: target })).toBe(visit.head);
    const hooks = await readdir(join(target, '.git', 'hooks')).catch(() => []);
    expect(hooks).toEqual([]);
    expect(await readFile(join(target, '.git', 'config'), 'utf8')).not.toMatch(/touch|hooksPath|fsmonitor/);
  });

  test('to a bare repository is the same repository', async () => {
    await restoreTo(harness.deps, 'evil', join(dir, 'bare.git'));
    expect(describeDifference(await compareRepositories(join(dir, 'evil.git'), join(dir, 'bare.git')))).toBe('');
  });

  test('of a link, and later a file below it, does not write through the link', async () => {
    const origin = join(dir, 'evil-link.git');
    await initBare(origin);
    const blob = await writeObject(origin, 'blob', 'evil');
    const link = await writeObject(origin, 'blob', join(dir, 'outside'));
    const first = await writeCommit(origin, { tree: await writeTree(origin, [{ mode: '120000', name: 'door', oid: link }]) });
    const second = await writeCommit(origin, { tree: await writeTree(origin, [{ mode: '120000', name: 'DOOR', oid: link }, { mode: '40000', name: 'door', oid: await writeTree(origin, [{ mode: '100644', name: 'evil', oid: blob }]) }]), parents: [first] });
    await setRefs(origin, [['refs/heads/main', first]]);
    await harness.ingest(origin, 'link');
    await git(['update-ref', 'refs/heads/main', second], { gitDir: origin });
    await harness.ingest(origin, 'link');
    await restoreTo(harness.deps, 'link', join(dir, 'restored-link'));
    await untouched();
    expect(await readFile(join(dir, 'restored-link/door/evil'), 'utf8')).toBe('evil');
  });
});
