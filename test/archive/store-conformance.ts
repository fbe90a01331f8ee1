// What every Store must do, run against each adapter.
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isPivoError, type FailureKind } from '../../contract/failures.ts';
import type { CheckoutEntry, CheckoutSource, Store } from '../../archive/store.ts';

export interface StoreUnderTest {
  store: Store;
  /** Reads a file behind the store's back. */
  cleanUp(): Promise<void>;
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

async function all(content: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export async function failureKind(act: Promise<unknown>): Promise<FailureKind | null> {
  try {
    await act;
    return null;
  } catch (error) {
    if (isPivoError(error)) return error.kind;
    throw error;
  }
}

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

/** A checkout from a table of path and content. */
export function sourceOf(files: Record<string, { content: string; mode?: number }>, previous: CheckoutSource['previous'] = null): CheckoutSource & { asked: string[] } {
  const asked: string[] = [];
  const entries = Object.entries(files).map(([path, { content, mode }]): CheckoutEntry => ({ path: Buffer.from(path, 'latin1'), mode: mode ?? 0o100644, oid: sha256(Buffer.from(content)).slice(0, 40), bytes: content.length }));
  return {
    entries,
    previous,
    asked,
    async content(entry) {
      asked.push(entry.path.toString('latin1'));
      return pieces(Buffer.from(files[entry.path.toString('latin1')]?.content ?? ''), 3);
    },
  };
}

export function storeConformance(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`${name} keeps the promises of a store`, () => {
    let under: StoreUnderTest;
    let store: Store;
    let scratch: string;
    beforeAll(async () => {
      under = await open();
      store = under.store;
      scratch = await mkdtemp(join(tmpdir(), 'pivo-store-'));
    });
    afterAll(async () => {
      await under.cleanUp();
      await rm(scratch, { recursive: true, force: true });
    });

    test('what is created comes back byte for byte, with its length and SHA-256', async () => {
      const bytes = randomBytes(3 * 2 ** 20 + 17);
      const proof = await store.create('a/b/file', pieces(bytes, 65_536));
      expect(proof).toEqual({ bytes: bytes.length, sha256: sha256(bytes) });
      expect(bytes.equals(await all(store.open('a/b/file')))).toBe(true);
      expect(await store.stat('a/b/file')).toEqual({ kind: 'file', bytes: bytes.length, mode: 0o444 });
    });

    test('an empty file is a file', async () => {
      await store.create('a/empty', Buffer.alloc(0));
      expect(await all(store.open('a/empty'))).toHaveLength(0);
      expect(await store.stat('a/empty')).toEqual({ kind: 'file', bytes: 0, mode: 0o444 });
    });

    test('a range gives just those bytes, also past the end', async () => {
      await store.create('a/range', Buffer.from('0123456789'));
      expect((await all(store.open('a/range', { offset: 3, length: 4 }))).toString()).toBe('3456');
      expect((await all(store.open('a/range', { offset: 8 }))).toString()).toBe('89');
      expect((await all(store.open('a/range', { offset: 8, length: 100 }))).toString()).toBe('89');
      expect(await all(store.open('a/range', { offset: 10 }))).toHaveLength(0);
      expect(await all(store.open('a/range', { offset: 2, length: 0 }))).toHaveLength(0);
    });

    test('nothing is overwritten: the second creation fails and the first content stays', async () => {
      await store.create('once', Buffer.from('first'));
      expect(await failureKind(store.create('once', Buffer.from('second')))).toBe('Exists');
      expect((await all(store.open('once'))).toString()).toBe('first');
    });

    test('of two writers at once exactly one wins', async () => {
      const kinds = await Promise.all(['one', 'two', 'three', 'four'].map((text) => failureKind(store.create('race', Buffer.from(text.repeat(1000))))));
      expect(kinds.filter((kind) => kind === null)).toHaveLength(1);
      expect(kinds.filter((kind) => kind === 'Exists')).toHaveLength(3);
    });

    test('a writer that fails half way leaves nothing behind', async () => {
      async function* broken(): AsyncGenerator<Uint8Array> {
        yield Buffer.from('half');
        throw new Error('source broke');
      }
      await expect(store.create('half/file', broken())).rejects.toThrow('source broke');
      expect(await store.stat('half/file')).toBeNull();
      expect(await store.list('half')).toEqual([]);
      await store.create('half/file', Buffer.from('whole'));
    });

    test('an aborted writer leaves nothing behind', async () => {
      const stop = new AbortController();
      async function* endless(): AsyncGenerator<Uint8Array> {
        for (let i = 0; ; i++) {
          if (i === 3) stop.abort();
          yield Buffer.alloc(1000);
        }
      }
      await expect(store.create('aborted/file', endless(), stop.signal)).rejects.toThrow();
      expect(await store.stat('aborted/file')).toBeNull();
    });

    test('a local file is adopted whole, and refused when it is not what was proven', async () => {
      const bytes = randomBytes(100_000);
      const file = join(scratch, 'adopted');
      await writeFile(file, bytes);
      await store.adopt('adopted/file', file, { bytes: bytes.length, sha256: sha256(bytes) });
      expect(bytes.equals(await all(store.open('adopted/file')))).toBe(true);
      const checksum = store.checksum?.();
      checksum?.update(bytes);
      const checked = { bytes: bytes.length, sha256: sha256(bytes), checksum: checksum?.digest() };
      const again = `${file}-again`;
      await writeFile(again, bytes);
      await store.adopt('adopted/checked', again, checked);
      expect(bytes.equals(await all(store.open('adopted/checked')))).toBe(true);
      expect(await failureKind(store.adopt('adopted/file', file, { bytes: bytes.length, sha256: sha256(bytes) }))).toBe('Exists');
      expect(await failureKind(store.adopt('adopted/other', file, { bytes: bytes.length + 1, sha256: sha256(bytes) }))).toBe('Damaged');
      expect(await store.stat('adopted/other')).toBeNull(); // it never had its name
    });

    test('what is not there is null to stat, empty to list and NotFound to open', async () => {
      expect(await store.stat('no/such')).toBeNull();
      expect(await store.list('no/such')).toEqual([]);
      expect(await failureKind(all(store.open('no/such')))).toBe('NotFound');
    });

    test('a folder lists its files with sizes and its folders, and nothing of writes under way', async () => {
      await store.create('listed/x', Buffer.from('abc'));
      await store.create('listed/sub/y', Buffer.from('d'));
      const entries = await store.list('listed');
      expect(entries.sort((a, b) => a.name.localeCompare(b.name))).toEqual([{ name: 'sub', kind: 'folder', bytes: 0 }, { name: 'x', kind: 'file', bytes: 3 }]);
      expect(await store.stat('listed')).toMatchObject({ kind: 'folder' });
    });

    test.each(['sp ace', 'per%cent', 'pl+us', 'ünïcode', 'q?uestion', 'h#ash', "quo'te"])('a path with %s works', async (part) => {
      await store.create(`odd/${part}/file`, Buffer.from(part));
      expect((await all(store.open(`odd/${part}/file`))).toString()).toBe(part);
      expect((await store.list('odd')).some((entry) => entry.name === part)).toBe(true);
    });

    test('no path leads out of the archive', async () => {
      expect(await failureKind(store.create('../outside', Buffer.from('x')))).toBe('InvalidInput');
    });

    test('a checkout is laid out whole; a second time is success and asks for no content', async () => {
      const files = { 'README.md': { content: 'hello' }, 'src/main.ts': { content: 'code' }, 'bin/run': { content: '#!/bin/sh', mode: 0o100755 }, 'empty': { content: '' } };
      const first = await store.layOut('backups/r/c1', sourceOf(files));
      expect(first).toMatchObject({ path: 'backups/r/c1', files: 4, bytes: 18, renamed: [] });
      const again = sourceOf(files);
      expect(await store.layOut('backups/r/c1', again)).toMatchObject({ files: 4, bytes: 18 });
      expect(again.asked).toEqual([]);
    });

    test('a checkout that fails half way leaves nothing under its name', async () => {
      const source = sourceOf({ a: { content: 'a' }, b: { content: 'b' } });
      const broken: CheckoutSource = { ...source, content: async (entry) => (entry.path.toString() === 'b' ? Promise.reject(new Error('no blob')) : source.content(entry)) };
      await expect(store.layOut('backups/r/broken', broken)).rejects.toThrow('no blob');
      expect(await store.stat('backups/r/broken')).toBeNull();
    });

    describe('a checkout that is removed', () => {
      const commit = (digit: string): string => digit.repeat(40);
      const files = { 'README.md': { content: 'hello' }, 'src/deep/er/main.ts': { content: 'code' }, 'bin/run': { content: '#!/bin/sh', mode: 0o100755 } };
      const layOut = async (name: string, kind?: 'files'): Promise<string> => {
        const laidOut = await store.layOut(`backups/gone/${name}`, { ...sourceOf(files), ...(kind === undefined ? {} : { kind }) });
        return `${laidOut.path}${laidOut.kind === 'har' ? '.har' : ''}`;
      };

      test.each(['best', 'files'] as const)('goes as a whole, as it is laid out %s, and others stay', async (kind) => {
        const [gone, stays] = [await layOut(commit(kind === 'best' ? 'a' : 'b'), kind === 'files' ? kind : undefined), await layOut(commit('c'))];
        const beside = await store.usage(stays);
        await store.removeCheckout(gone);
        expect(await store.stat(gone)).toBeNull();
        expect(await store.usage(stays)).toEqual(beside);
        expect((await store.usage('backups/gone'))?.files).toBe(beside?.files); // nothing is left under another name
        await store.removeCheckout(gone); // again is success
        expect(await store.usage(await layOut(commit(kind === 'best' ? 'a' : 'b'), kind === 'files' ? kind : undefined))).not.toBeNull(); // and it can be laid out again
        await store.removeCheckout(gone);
      });

      test('that is not there is success, also in a repository that is not', async () => {
        await store.removeCheckout(`backups/gone/${commit('f')}`);
        await store.removeCheckout(`backups/none/${commit('f')}.har`);
      });

      test('is the only thing that goes: every other path is refused', async () => {
        const kept = ['backups/kept/objects/pack/pack-1.pack', 'backups/kept/visits/1.json', `backups/kept/snapshots/snp-${commit('a')}/HEAD`, `backups/kept/${commit('d')}`, `${commit('e')}/file`, `restores/${commit('e')}/plan.json`, `backups/${commit('e')}/${commit('e')}/file`];
        for (const path of kept) await store.create(path, Buffer.from('kept'));
        const hostile = ['', '.', '/', 'backups', 'backups/kept', 'backups/kept/objects', 'backups/kept/objects/pack', 'backups/kept/visits', 'backups/kept/visits/1.json', `backups/kept/snapshots/snp-${commit('a')}`, `backups/kept/snapshots/${commit('a')}`, commit('e'), `restores/${commit('e')}`, `backups/${commit('e')}`,
          `backups/kept/../kept/${commit('d')}`, `backups/kept/${commit('d')}/..`, `backups/kept/${commit('d')}/../visits`, `backups/../backups/${commit('e')}`, `/backups/kept/${commit('d')}`, `./backups/kept/${commit('d')}`, `backups//${commit('d')}`, `backups/kept//${commit('d')}`, `backups/kept/${commit('d')}/`, `backups/kept/${commit('D')}`, `backups/kept/${commit('d')}.HAR`, `backups/kept/${commit('d')}.har/part-0`, `backups/kept/${'d'.repeat(39)}`, `backups/kept/${'d'.repeat(41)}`, `backups/kept/${commit('d')}\0`, `backups/kept/${commit('d')}\n`, `backups/.tmp-x/${commit('d')}`, `backups/*/${commit('d')}`, `../archive/backups/kept/${commit('d')}`, `backups/kept/.tmp-removed-${commit('d')}`];
        for (const path of hostile) expect([path, await failureKind(store.removeCheckout(path))]).toEqual([path, 'InvalidInput']);
        expect(await failureKind(store.removeCheckout(`backups/kept/${commit('d')}`))).toBe('InvalidInput'); // a file of such a name
        for (const path of kept) expect((await all(store.open(path))).toString()).toBe('kept');
      });
    });

    test('the usage of a folder counts everything below it', async () => {
      await store.create('used/a', Buffer.alloc(1000));
      await store.create('used/sub/b', Buffer.alloc(234));
      await store.create('used/sub/empty', Buffer.alloc(0));
      expect(await store.usage('used')).toMatchObject({ files: 3, folders: 2, bytes: 1234 });
      expect(await store.usage('unused')).toBeNull();
    });
  });
}
