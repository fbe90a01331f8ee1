// Packs of an archive that is elsewhere, as checked files of this machine.
import { fork } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { localObjects, type WantedPack } from '../../archive/local-packs.ts';
import { packPath } from '../../archive/layout.ts';
import { localStore } from '../../archive/local/store.ts';
import type { Range, Store } from '../../archive/store.ts';
import { failureKind } from './store-conformance.ts';

let dir: string;
let cache: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pivo-packs-'));
  cache = join(dir, 'cache');
});
afterEach(() => rm(dir, { recursive: true, force: true }));

interface Read {
  path: string;
  offset: number;
}

/** The store without local files; notes what is read, and lets `through` change the bytes. */
function elsewhere(store: Store, reads: Read[] = [], through: (content: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array> = (content) => content): Store {
  return {
    ...store,
    localPath: () => null,
    open: (path: string, range?: Range, signal?: AbortSignal) => {
      reads.push({ path, offset: range?.offset ?? 0 });
      return through(store.open(path, range, signal));
    },
  };
}

async function archived(store: Store, count: number, bytes = 300_000): Promise<WantedPack[]> {
  const packs: WantedPack[] = [];
  for (let i = 0; i < count; i++) {
    const [pack, idx] = [randomBytes(bytes), randomBytes(1_000 + i)];
    const name = `pack-${createHash('sha1').update(pack).digest('hex')}`;
    packs.push({ name, pack: await store.create(packPath('r', name, 'pack'), pack), idx: await store.create(packPath('r', name, 'idx'), idx) });
  }
  return packs;
}

async function expectCopies(packs: readonly WantedPack[], objects: string): Promise<void> {
  for (const { name, ...files } of packs) {
    for (const extension of ['pack', 'idx'] as const) {
      const file = join(objects, 'pack', `${name}.${extension}`);
      expect(createHash('sha256').update(await readFile(file)).digest('hex')).toBe(files[extension].sha256);
      expect((await stat(file)).mode & 0o777).toBe(0o444);
    }
  }
  expect((await readdir(join(objects, 'pack'))).sort()).toEqual(packs.flatMap(({ name }) => [`${name}.idx`, `${name}.pack`]).sort());
}

test('of a store on this machine they are its own, and nothing is copied', async () => {
  const store = localStore(join(dir, 'archive'));
  expect(await localObjects(store, 'r', await archived(store, 1), cache)).toBe(store.localPath('backups/r/objects'));
  expect(await stat(cache).catch(() => null)).toBeNull();
});

test('of another store they are copied whole, once', async () => {
  const store = localStore(join(dir, 'archive'));
  const packs = await archived(store, 9);
  const reads: Read[] = [];
  await expectCopies(packs, await localObjects(elsewhere(store, reads), 'r', packs, cache));
  expect(reads).toHaveLength(18);
  await expectCopies(packs, await localObjects(elsewhere(store, reads), 'r', packs, cache));
  expect(reads).toHaveLength(18);
});

test('many who want them at once, in one process and in several, get whole files', async () => {
  const store = localStore(join(dir, 'archive'));
  const packs = await archived(store, 3, 3_000_000);
  await writeFile(join(dir, 'packs.json'), JSON.stringify(packs));
  const reads: Read[] = [];
  const others = [1, 2].map(() => fork(new URL('./copy-packs.ts', import.meta.url), [join(dir, 'archive'), join(dir, 'packs.json'), cache]));
  const ended = Promise.all(others.map((other) => new Promise((resolve) => other.on('exit', resolve))));
  await Promise.all([1, 2, 3].map(() => localObjects(elsewhere(store, reads), 'r', packs, cache)));
  expect(reads.length).toBeLessThanOrEqual(6);
  expect(await ended).toEqual([0, 0]);
  await expectCopies(packs, join(cache, 'archived'));
});

test('a copy that broke off is gone on with where it ended, not begun again', async () => {
  const store = localStore(join(dir, 'archive'));
  const packs = await archived(store, 1, 3_000_000);
  const reads: Read[] = [];
  const breaking = elsewhere(store, reads, async function* (content) {
    let bytes = 0;
    for await (const chunk of content) {
      if ((bytes += chunk.length) > 2_500_000) throw new Error('line cut');
      yield chunk;
    }
  });
  await expect(localObjects(breaking, 'r', packs, cache)).rejects.toThrow('line cut');
  await expectCopies(packs, await localObjects(elsewhere(store, reads), 'r', packs, cache));
  expect(reads[1]?.offset).toBe(2 * 2 ** 20);
});

test('wrong bytes of an earlier attempt are fetched anew; wrong bytes of the archive are Damaged, and no file', async () => {
  const store = localStore(join(dir, 'archive'));
  const packs = await archived(store, 1);
  const name = packs[0]?.name ?? '';
  await mkdir(join(cache, 'archived/pack'), { recursive: true });
  await writeFile(join(cache, 'archived/pack', `${name}.pack.part-00000000-1-x`), 'of a machine that may still write');
  await writeFile(join(cache, 'archived/pack', `${name}.idx.part-${createHash('sha256').update((await import('node:os')).hostname()).digest('hex').slice(0, 8)}-${process.pid}-x`), 'wrong');
  const reads: Read[] = [];
  const objects = await localObjects(elsewhere(store, reads), 'r', packs, cache);
  expect(reads.map(({ offset }) => offset)).toEqual([0, 5, 0]);
  await rm(join(objects, 'pack', `${name}.pack.part-00000000-1-x`));
  await expectCopies(packs, objects);
  const flipped = elsewhere(store, [], async function* (content) {
    for await (const chunk of content) yield Buffer.from(chunk).fill(0, 7, 8);
  });
  const other = join(dir, 'other');
  expect(await failureKind(localObjects(flipped, 'r', packs, other))).toBe('Damaged');
  expect(await readdir(join(other, 'archived/pack'))).toEqual([]);
});

test('an abort ends it', async () => {
  const store = localStore(join(dir, 'archive'));
  const packs = await archived(store, 1);
  const stop = new AbortController();
  const aborting = elsewhere(store, [], async function* (content) {
    stop.abort(new Error('stopped'));
    yield* content;
  });
  await expect(localObjects(aborting, 'r', packs, cache, stop.signal)).rejects.toThrow();
  await expectCopies(packs, await localObjects(elsewhere(store), 'r', packs, cache));
});
