// The store on a local file system.
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { localStore } from '../../archive/local/store.ts';
import { failureKind, sourceOf, storeConformance } from './store-conformance.ts';

const run = promisify(execFile);

storeConformance('the local file system', async () => {
  const root = await mkdtemp(join(tmpdir(), 'pivo-archive-'));
  return { store: localStore(root), cleanUp: () => removeReadOnly(root) };
});

async function removeReadOnly(root: string): Promise<void> {
  await run('chmod', ['-R', 'u+w', root]);
  await rm(root, { recursive: true, force: true });
}

describe('on a local file system', () => {
  let root: string;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'pivo-archive-'));
  });
  afterAll(() => removeReadOnly(root));

  test('archived files are read-only, and sealed folders take nothing more', async () => {
    const store = localStore(root);
    await store.create('sealed/in/file', Buffer.from('x'));
    await store.seal('sealed');
    expect((await stat(join(root, 'sealed/in/file'))).mode & 0o777).toBe(0o444);
    expect((await stat(join(root, 'sealed'))).mode & 0o777).toBe(0o555);
    expect((await stat(join(root, 'sealed/in'))).mode & 0o777).toBe(0o555);
  });

  test('an adopted file is linked, not copied', async () => {
    const file = join(root, 'given');
    await writeFile(file, 'pack');
    await localStore(root).adopt('p/file', file, { bytes: 4, sha256: 'a17c9aaa61e80a1bf71d0d850af4e5baa9800bbd' });
    expect((await stat(join(root, 'p/file'))).ino).toBe((await stat(file)).ino);
  });

  test('a checkout shares unchanged files with the one before it, and keeps exec bits', async () => {
    const store = localStore(root);
    const first = { 'same': { content: 'same' }, 'run': { content: 'run', mode: 0o100755 }, 'changed': { content: 'old' } };
    await store.layOut('backups/r/one', sourceOf(first));
    const second = sourceOf({ ...first, changed: { content: 'new' } }, { path: 'backups/r/one', has: (path) => path.toString() !== 'changed' });
    await store.layOut('backups/r/two', second);
    expect(second.asked).toEqual(['changed']);
    const inode = async (path: string): Promise<number> => (await stat(join(root, path))).ino;
    expect(await inode('backups/r/two/same')).toBe(await inode('backups/r/one/same'));
    expect(await readFile(join(root, 'backups/r/two/changed'), 'utf8')).toBe('new');
    expect((await stat(join(root, 'backups/r/two/run'))).mode & 0o777).toBe(0o555);
    expect((await stat(join(root, 'backups/r/two'))).mode & 0o777).toBe(0o555);
  });

  test('names that git or a file system would misread are stored under another name, and said', async () => {
    const laidOut = await localStore(root).layOut('backups/r/odd', sourceOf({ '.git/config': { content: 'evil' }, 'a/.GIT/hooks': { content: 'evil' }, 'git~1': { content: 'x' }, '../up': { content: 'x' }, 'caf\xe9': { content: 'latin1' }, ['n'.repeat(256)]: { content: 'long' }, 'fine:name%\n': { content: 'ok' } }));
    expect(laidOut.renamed.map(({ path, stored }) => [path.toString('latin1').slice(0, 12), stored])).toEqual([['.git/config', '%2Egit/config'], ['a/.GIT/hooks', 'a/%2EGIT/hooks'], ['git~1', '%67it~1'], ['../up', null], ['n'.repeat(12), null]]);
    expect(await readdir(join(root, 'backups/r/odd'))).toContain('fine:name%\n');
    expect((await readdir(join(root, 'backups/r/odd'), { encoding: 'buffer' })).some((name) => name.equals(Buffer.from('caf\xe9', 'latin1')))).toBe(true);
  });

  test('a full disk says StorageFull and leaves no half file', async ({ skip }) => {
    const mount = await mkdtemp(join(tmpdir(), 'pivo-full-'));
    const mounted = await run('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', mount]).then(() => true, () => false);
    skip(!mounted, 'mounting a small tmpfs needs root');
    try {
      const store = localStore(mount);
      expect(await failureKind(store.create('x/big', Buffer.alloc(1 << 20)))).toBe('StorageFull');
      expect(await store.list('x')).toEqual([]);
      await run('mount', ['-o', 'remount,ro', mount]);
      expect(await failureKind(store.create('x/small', Buffer.from('x')))).toBe('StorageReadOnly');
    } finally {
      await run('umount', [mount]);
      await chmod(mount, 0o700);
      await rm(mount, { recursive: true });
    }
  });
});
