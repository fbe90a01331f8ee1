// Trees and files of any commit, whatever their names and modes.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { filesOf } from '../../archive/reading/commit-files.ts';
import type { RepositoryReader } from '../../archive/reading/reader.ts';
import { git, gitText } from '../../git/process.ts';
import { quotePath } from '../../git/quote.ts';
import { allOf, bytesOf, openBackedUp, type BackedUp } from './backed-up.ts';

let archive: BackedUp;
beforeAll(async () => {
  archive = await openBackedUp();
});
afterAll(() => archive.cleanUp());

interface GitEntry {
  mode: string;
  oid: string;
  path: Buffer;
}

/** What git itself lists. */
async function listedByGit(gitDir: string, commit: string, args: string[] = ['-r']): Promise<GitEntry[]> {
  const { stdout } = await git(['ls-tree', '-z', '--full-tree', ...args, commit], { gitDir });
  return stdout.toString('latin1').split('\0').filter((line) => line !== '').map((line) => {
    const [facts = '', path = ''] = [line.slice(0, line.indexOf('\t')), line.slice(line.indexOf('\t') + 1)];
    const [mode = '', , oid = ''] = facts.split(' ');
    return { mode, oid, path: Buffer.from(path, 'latin1') };
  });
}

const shown = ({ mode, oid, path }: GitEntry): object => expect.objectContaining({ mode, oid, path: quotePath(path) }) as object;

async function read(reader: RepositoryReader, commit: string, path: string): Promise<Buffer> {
  const { content, bytes } = await reader.blob(commit, path);
  const found = await bytesOf(content);
  expect(found.length).toBe(bytes);
  return found;
}

describe.each(['odd-names', 'odd-modes', 'crlf', 'malformed', 'empty-tree', 'sha256', 'merge-storm'])('every commit of %s', (name) => {
  let origin: string;
  let reader: RepositoryReader;
  let commits: string[];
  beforeAll(async () => {
    origin = await archive.backUp(name);
    reader = await archive.library.reader(name);
    commits = (await gitText(['rev-list', '--all', '--max-count=20'], { gitDir: origin })).split('\n');
  });

  test('is listed as git lists it, in its order, one level and all below', async () => {
    for (const commit of commits) {
      expect(await allOf(reader.tree(commit, '', { recursive: true }))).toEqual((await listedByGit(origin, commit)).map(shown));
      expect(await allOf(reader.tree(commit))).toEqual((await listedByGit(origin, commit, [])).map(shown));
    }
  });

  test('gives every file byte for byte by the path that the listing shows', async () => {
    for (const commit of commits.slice(0, 5)) {
      const entries = await allOf(reader.tree(commit, '', { recursive: true }));
      const unique = entries.filter(({ path }) => entries.filter((each) => each.path === path).length === 1); // malformed trees name a path twice
      for (const { oid, size, path, type } of unique.filter((entry) => entry.type === 'blob')) {
        expect(type).toBe('blob');
        const content = await read(reader, commit, path);
        expect(content.length).toBe(size);
        expect(await gitText(['hash-object', '--stdin'], { gitDir: origin, input: content })).toBe(oid);
      }
    }
  });
});

describe('a path', () => {
  let reader: RepositoryReader;
  let commit: string;
  beforeAll(async () => {
    reader = await archive.library.reader('odd-modes');
    commit = (await reader.visit(1)).head ?? '';
  });

  test('may begin and end with slashes and name a folder in a folder', async () => {
    for (const path of ['links', '/links', 'links/', '//links//']) expect((await allOf(reader.tree(commit, path))).map((entry) => entry.path)).toContain('links/dangling');
    expect(await allOf(reader.tree(commit, 'links/dangling'))).toMatchObject([{ mode: '120000', path: 'links/dangling' }]);
  });

  test('of a symlink gives its target, of an executable its text, and both their modes', async () => {
    expect((await read(reader, commit, 'links/absolute')).toString()).toBe('/etc/passwd');
    expect((await read(reader, commit, 'links/bytes')).toString('latin1')).toBe('caf\xe9');
    expect((await reader.blob(commit, 'links/outside')).mode).toBe('120000');
    const first = (await gitText(['rev-list', '--max-parents=0', '--all'], { gitDir: archive.origin('odd-modes') })).trim();
    expect((await reader.blob(first, 'run.sh')).mode).toBe('100755');
    expect((await reader.blob(commit, 'run.sh')).mode).toBe('100644');
  });

  test('of a submodule is listed with its commit and has no size', async () => {
    const entries = await allOf(reader.tree(commit));
    expect(entries).toContainEqual({ mode: '160000', type: 'commit', oid: '1'.repeat(40), size: null, path: 'lib' });
    await expect(reader.blob(commit, 'lib')).rejects.toMatchObject({ kind: 'InvalidInput', facts: { gitlink: '1'.repeat(40) } });
    await expect(reader.blob(commit, 'lib/inside')).rejects.toMatchObject({ kind: 'NotFound' });
  });

  test('of a link or a submodule is told apart from the files that can be analysed', async () => {
    const { files, others } = await filesOf(reader, commit, '', new AbortController().signal);
    expect(others.sort()).toEqual(['lib', 'links/absolute', 'links/bytes', 'links/dangling', 'links/outside', 'links/to-plain', 'plain', 'undeclared']);
    expect(files.map(({ path }) => path)).toContain('run.sh');
    expect(files.filter(({ path }) => others.includes(path))).toEqual([]);
  });

  test('that is a folder is no file', async () => {
    for (const path of ['links', '']) await expect(reader.blob(commit, path)).rejects.toMatchObject({ kind: 'InvalidInput', hint: expect.stringContaining('pivo ls') as string });
  });

  test.each([
    ['links/danglin', 'links', 'dangling'],
    ['plains', '', 'plain'],
    ['no/such/folder', '', 'run.sh'],
    ['LINKS/dangling', '', 'links/'],
    ['run.sh/below', '', 'run.sh'],
  ])('%s is not there; the nearest in "%s" is named: %s', async (path, folder, near) => {
    await expect(reader.blob(commit, path)).rejects.toMatchObject({ kind: 'NotFound', facts: { folder, nearby: expect.arrayContaining([near]) as string[] } });
  });

  test('of an unknown commit is NotFound', async () => {
    for (const unknown of ['f'.repeat(40), (await allOf(reader.tree(commit)))[0]?.oid ?? '']) await expect(reader.blob(unknown, 'plain')).rejects.toMatchObject({ kind: 'NotFound' });
  });
});

test('a folder of 10,000 files and one 300 folders down are listed whole, or as far as somebody reads', async () => {
  const origin = await archive.backUp('deep-and-wide');
  const reader = await archive.library.reader('deep-and-wide');
  const commit = (await reader.visit(1)).head ?? '';
  expect(await allOf(reader.tree(commit, '', { recursive: true }))).toEqual((await listedByGit(origin, commit)).map(shown));
  let read = 0;
  for await (const _ of reader.tree(commit, 'wide')) if (++read === 10) break;
  expect(read).toBe(10);
});

test('a file of an old state that was force-pushed away and of a deleted branch can still be read', async () => {
  const origin = await archive.backUp('force-push');
  const old = await gitText(['rev-parse', 'refs/heads/feature'], { gitDir: origin });
  const text = await gitText(['cat-file', 'blob', `${old}:f1`], { gitDir: origin });
  await (await import('../fixtures/history-shapes.ts')).forcePush(origin);
  await archive.ingest(origin, 'force-push');
  expect((await read(await archive.library.reader('force-push'), old, 'f1')).toString()).toBe(`${text}\n`);
});
