// Commits and differences between any two of them.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LARGEST_DIFFED, type FileDifference } from '../../archive/reading/diff.ts';
import type { RepositoryReader } from '../../archive/reading/reader.ts';
import { git, gitText } from '../../git/process.ts';
import { quotePath, unquotePath } from '../../git/quote.ts';
import { importCommits, type FileChange } from '../fixtures/fast-import.ts';
import { initBare } from '../fixtures/plumbing.ts';
import { allOf, openBackedUp, type BackedUp } from './backed-up.ts';

let archive: BackedUp;
beforeAll(async () => {
  archive = await openBackedUp();
});
afterAll(() => archive.cleanUp());

describe('the history', () => {
  let origin: string;
  let reader: RepositoryReader;
  beforeAll(async () => {
    origin = await archive.backUp('merge-storm');
    reader = await archive.library.reader('merge-storm');
  });

  const logged = async (...args: string[]): Promise<string[]> => (await gitText(['log', '--format=%H', ...args], { gitDir: origin })).split('\n').filter((line) => line !== '');
  const hashes = async (question: Parameters<RepositoryReader['log']>[0]): Promise<string[]> => (await allOf(reader.log(question))).map(({ hash }) => hash);

  test('of all refs, of one commit, and of a part of it is that of git log', async () => {
    const head = (await reader.visit(1)).head ?? '';
    expect(await hashes({ from: await reader.snapshot(await reader.visit(1)) })).toEqual(await logged('--all'));
    expect(await hashes({ from: head })).toEqual(await logged(head));
    expect(await hashes({ from: head, limit: 7, skip: 11 })).toEqual(await logged('-7', '--skip=11', head));
    expect(await hashes({ from: head, limit: 0 })).toEqual([]);
  });

  test('of a path has the commits that changed it', async () => {
    const head = (await reader.visit(1)).head ?? '';
    for (const path of ['file-0.txt', 'file-3.txt', 'nothing']) expect(await hashes({ from: head, path })).toEqual(await logged(head, '--', path));
  });

  test('may be left early', async () => {
    for await (const { parents } of reader.log({ from: await reader.snapshot(await reader.visit(1)) })) {
      expect(parents).toBeInstanceOf(Array);
      break;
    }
  });

  test.each(['"caf\\351.txt"', 'new\nline', '*', 'a:b', '"f\\377\\376\\n\\200"', ':(exclude)', 'dir:with/colon:s/a:b', '[x]'])('of the path %j is found although the name is odd', async (path) => {
    const odd = archive.origin('odd-paths');
    const once = await archive.library.reader('odd-paths').catch(async () => {
      const names = ['caf\xe9.txt', 'new\nline', '*', 'a:b', 'f\xff\xfe\n\x80', ':(exclude)', 'dir:with/colon:s/a:b', '[x]', 'x', 'other'];
      await initBare(odd);
      await importCommits(odd, names.map((name, at) => ({ ref: 'refs/heads/main', mark: at + 1, parents: at === 0 ? [] : [at], files: [{ path: Buffer.from(name, 'latin1'), content: `${at}\n` }] })));
      await archive.ingest(odd, 'odd-paths');
      return archive.library.reader('odd-paths');
    });
    const snapshot = await once.snapshot(await once.visit(1));
    const commits = await allOf(once.log({ from: snapshot, path }));
    expect(commits).toHaveLength(1);
    const changed = await git(['diff-tree', '-r', '-z', '--root', '--no-commit-id', '--name-only', commits[0]?.hash ?? ''], { gitDir: odd });
    expect(changed.stdout.subarray(0, -1).equals(unquotePath(path))).toBe(true);
  });

  test('tells names and messages that are no UTF-8 as far as they can be read', async () => {
    await archive.backUp('odd-names');
    const names = await archive.library.reader('odd-names');
    const commits = await allOf(names.log({ from: await names.snapshot(await names.visit(1)) }));
    expect(commits.at(-1)).toMatchObject({ author: { name: 'André', email: 'andre@example.org' }, message: 'Déjà vu' });
  });
});

describe('differences', () => {
  let origin: string;
  let reader: RepositoryReader;
  let a: string;
  let b: string;
  const lines = (count: number, text: string): string => Array.from({ length: count }, (_, at) => `${text} ${at}\n`).join('');
  const before: FileChange[] = [
    { path: 'same', content: 'same\n' },
    { path: 'edited', content: lines(100, 'line') },
    { path: 'deleted', content: 'gone\n' },
    { path: 'no end', content: 'one\ntwo' },
    { path: 'mode', content: '#!\n' },
    { path: 'becomes-link', content: 'text\n' },
    { path: 'link', mode: '120000', content: 'old-target' },
    { path: 'lib', mode: '160000', content: '1'.repeat(40) },
    { path: 'folder/a', content: 'a\n' },
    { path: 'file-to-folder', content: 'file\n' },
    { path: Buffer.from('caf\xe9', 'latin1'), content: 'e\n' },
    { path: 'new\nline "q" \\', content: 'odd\n' },
    { path: 'latin', content: Buffer.from('caf\xe9\n', 'latin1') },
    { path: 'rewritten', content: lines(3_000, 'old') },
    { path: 'crlf', content: 'one\r\ntwo\r\n' },
    { path: 'emptied', content: 'x\n' },
  ];
  const after: FileChange[] = [
    { path: 'edited', content: lines(100, 'line').replace('line 50\n', 'line fifty\nand a half\n').replace('line 3\n', '') },
    { path: 'deleted', content: null },
    { path: 'no end', content: 'one\ntwo\nthree' },
    { path: 'mode', mode: '100755', content: '#!\n' },
    { path: 'becomes-link', mode: '120000', content: 'mode' },
    { path: 'link', mode: '120000', content: 'new-target' },
    { path: 'lib', mode: '160000', content: '2'.repeat(40) },
    { path: 'folder/a', content: 'b\n' },
    { path: 'folder/b/c', content: 'new\n' },
    { path: 'file-to-folder', content: null },
    { path: 'file-to-folder/inside', content: 'file\n' },
    { path: Buffer.from('caf\xe9', 'latin1'), content: 'è\n' },
    { path: 'new\nline "q" \\', content: 'odder\n' },
    { path: 'latin', content: Buffer.from('caf\xe8\n', 'latin1') },
    { path: 'rewritten', content: lines(3_000, 'new') },
    { path: 'crlf', content: 'one\ntwo\r\n' },
    { path: 'emptied', content: '' },
    { path: 'empty', content: '' },
    { path: 'empty-executable', mode: '100755', content: '' },
  ];
  beforeAll(async () => {
    origin = archive.origin('differences');
    await initBare(origin);
    [a = '', b = ''] = await importCommits(origin, [
      { ref: 'refs/heads/main', mark: 1, files: before },
      { ref: 'refs/heads/main', mark: 2, parents: [1], files: after },
    ]);
    await archive.ingest(origin, 'differences');
    reader = await archive.library.reader('differences');
  });

  /** Status and path as git itself tells them. */
  async function byGit(from: string, to: string, ...paths: string[]): Promise<string[]> {
    const { stdout } = await git(['diff-tree', '-r', '-z', '--no-renames', '--name-status', from, to, '--', ...paths], { gitDir: origin });
    const tokens = stdout.toString('latin1').split('\0');
    return tokens.flatMap((token, at) => (at % 2 === 0 && token !== '' ? [`${token} ${quotePath(Buffer.from(tokens[at + 1] ?? '', 'latin1'))}`] : [])).toSorted();
  }
  const names = (files: FileDifference[]): string[] => files.map(({ status, path }) => `${status} ${path}`).toSorted();

  test('name the paths that git names, in both directions, everywhere and below a path', async () => {
    expect(names(await allOf(reader.diff(a, b)))).toEqual(await byGit(a, b));
    expect(names(await allOf(reader.diff(b, a)))).toEqual(await byGit(b, a));
    for (const path of ['folder', 'edited', 'file-to-folder', 'folder/b']) expect(names(await allOf(reader.diff(a, b, path)))).toEqual(await byGit(a, b, path));
    expect(await allOf(reader.diff(a, a))).toEqual([]);
    expect(await allOf(reader.diff(a, b, 'same'))).toEqual([]);
  });

  test('are a patch that git applies: it makes one commit into the other, bit for bit', async () => {
    const index = await mkdtemp(join(tmpdir(), 'pivo-apply-'));
    try {
      for (const [from, to] of [[a, b], [b, a]] as const) {
        const files = (await allOf(reader.diff(from, to))).filter(({ path }) => path !== 'latin'); // shown as Latin-1, so its bytes are not those of the file
        const env = { GIT_INDEX_FILE: join(index, to) };
        await git(['read-tree', from], { gitDir: origin, env });
        await git(['apply', '--cached', '--whitespace=nowarn'], { gitDir: origin, env, input: files.map(({ patch }) => patch).join('') });
        const left = await git(['diff-index', '--cached', '--name-only', to], { gitDir: origin, env });
        expect(left.stdout.toString()).toBe('latin\n');
      }
    } finally {
      await rm(index, { recursive: true, force: true });
    }
  });

  test('count lines and show only what is around them', async () => {
    const [edited] = await allOf(reader.diff(a, b, 'edited'));
    expect(edited).toMatchObject({ status: 'M', kind: 'text', added: 2, deleted: 2 });
    expect(edited?.patch.split('\n').filter((line) => line.startsWith('@@'))).toEqual(['@@ -1,7 +1,6 @@', '@@ -48,7 +47,8 @@']);
    expect(await allOf(reader.diff(a, b, 'rewritten'))).toMatchObject([{ added: 3_000, deleted: 3_000 }]);
    expect((await allOf(reader.diff(a, b, 'latin')))[0]?.patch).toContain('-café\n+cafè\n');
  });

  test('of binary and of very large files are named, not shown', async () => {
    const dir = archive.origin('heavy');
    await initBare(dir);
    const [from = '', to = ''] = await importCommits(dir, [
      { ref: 'refs/heads/main', mark: 1, files: [{ path: 'binary', content: Buffer.from([1, 0, 2]) }, { path: 'large', content: 'x'.repeat(LARGEST_DIFFED + 1) }] },
      { ref: 'refs/heads/main', mark: 2, parents: [1], files: [{ path: 'binary', content: Buffer.from([1, 0, 3]) }, { path: 'large', content: 'y\n' }] },
    ]);
    await archive.ingest(dir, 'heavy');
    const files = await allOf((await archive.library.reader('heavy')).diff(from, to));
    expect(files).toMatchObject([{ path: 'binary', kind: 'binary', added: null }, { path: 'large', kind: 'large', added: null }]);
    expect(files.map(({ patch }) => patch.split('\n').at(-2))).toEqual(['Binary files differ', `Files of more than ${LARGEST_DIFFED} bytes differ`]);
  });

  test('of a path that neither commit has are NotFound', async () => {
    await expect(allOf(reader.diff(a, b, 'nowhere'))).rejects.toMatchObject({ kind: 'NotFound' });
    await expect(allOf(reader.diff(a, 'f'.repeat(40)))).rejects.toMatchObject({ kind: 'NotFound' });
  });
});
