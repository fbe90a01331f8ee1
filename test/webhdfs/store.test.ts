// The store on real HDFS: every promise of a store, and those that only HDFS can break.
import { randomBytes, createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { failureKind, sourceOf, storeConformance } from '../archive/store-conformance.ts';
import { webHdfsStore } from '../../archive/webhdfs/store.ts';
import { WebHdfsClient } from '../../archive/webhdfs/client.ts';
import { Cluster } from '../../archive/webhdfs/cluster.ts';
import { HdfsChecksum, sameChecksum } from '../../archive/webhdfs/checksum.ts';
import { hdfsAddress } from '../../archive/webhdfs/address.ts';
import { proveStream } from '../../archive/proof.ts';
import { readSmall } from '../../archive/read.ts';
import { findInHar, openInHar } from '../../archive/har/read.ts';
import type { Store } from '../../archive/store.ts';
import { ARCHIVIST, hdfsUnderTest, type HdfsUnderTest } from './hdfs.ts';

let under: HdfsUnderTest;
/** A name as `sourceOf` takes it: a character a byte. */
const raw = (text: string): string => Buffer.from(text).toString('latin1');
beforeAll(async () => {
  under = await hdfsUnderTest();
});

storeConformance('HDFS', async () => ({ store: (await under.archive()).store, cleanUp: async () => {} }));

describe('HDFS, literal files', () => {
  test('a checkout by policy `files` is laid out whole, a second time asks for nothing, and Hadoop reads it', async () => {
    const { store, root } = await under.archive();
    const files = { 'a/b c': { content: 'one' }, [raw('a/ünïcode%20')]: { content: 'two' }, 'run': { content: '#!', mode: 0o100755 }, 'empty': { content: '' }, 'large': { content: 'x'.repeat(2 ** 21) } };
    const first = await store.layOut('backups/r/c1', { ...sourceOf(files), kind: 'files' });
    expect(first).toEqual({ path: 'backups/r/c1', kind: 'files', files: 5, bytes: 8 + 2 ** 21, renamed: [] });
    const again = sourceOf(files);
    expect(await store.layOut('backups/r/c1', { ...again, kind: 'files' })).toEqual(first);
    expect(again.asked).toEqual([]);
    expect((await under.shell(['-cat', `${root}/backups/r/c1/a/ünïcode%20`])).stdout.toString()).toBe('two');
    expect((await store.list('backups/r')).map((entry) => entry.name)).toEqual(['c1']);
  });

  test('what HDFS refuses as a name is escaped, and said', async () => {
    const { store } = await under.archive();
    const odd = { 'co:lon': { content: '1' }, 'caf\xe9': { content: '2' }, '.snapshot/x': { content: '3' }, '.git/config': { content: '4' }, 'a//b': { content: '5' }, '../up': { content: '6' }, 'new\nline': { content: '7' }, ['n'.repeat(256)]: { content: '8' } };
    const laidOut = await store.layOut('backups/r/odd', { ...sourceOf(odd), kind: 'files' });
    expect(laidOut.renamed.map(({ path, stored }) => [path.toString('latin1').slice(0, 12), stored])).toEqual([
      ['co:lon', 'co%3Alon'], ['caf\xe9', 'caf%E9'], ['.snapshot/x', '%2Esnapshot/x'], ['.git/config', '%2Egit/config'], ['a//b', 'a/%/b'], ['../up', '%2E%2E/up'], ['n'.repeat(12), null],
    ]);
    expect((await readSmall(store, 'backups/r/odd/co%3Alon')).toString()).toBe('1');
    expect((await readSmall(store, 'backups/r/odd/new\nline')).toString()).toBe('7');
  });
});

describe('HDFS, Hadoop Archives', () => {
  const files = Object.fromEntries(Array.from({ length: 700 }, (_, i) => [`src/d${i % 7}/file ${i}.txt`, { content: `content of ${i}` }]));
  const odd = { 'README.md': { content: 'hello' }, 'a+b%20c~!\'()*.txt': { content: 'odd' }, [raw('ünï/😀')]: { content: 'utf' }, 'co:lon': { content: 'colon' }, 'empty': { content: '' } };
  let store: Store;
  let root: string;
  beforeAll(async () => {
    ({ store, root } = await under.archive());
    await store.layOut('backups/r/c1', sourceOf({ ...files, ...odd }));
  });

  test('one is written whole: its folder takes nothing more, and its files are read-only', async () => {
    expect((await store.list('backups/r/c1.har')).map((entry) => entry.name).sort()).toEqual(['_index', '_masterindex', 'part-0']);
    expect((await store.list('backups/r')).map((entry) => entry.name)).toEqual(['c1.har']);
    expect(JSON.parse((await under.ask('GET', `${root}/backups/r/c1.har`, { op: 'GETFILESTATUS' })).text)).toMatchObject({ FileStatus: { permission: '555', owner: ARCHIVIST } });
    expect(JSON.parse((await under.ask('GET', `${root}/backups/r/c1.har/part-0`, { op: 'GETFILESTATUS' })).text)).toMatchObject({ FileStatus: { permission: '444' } });
  });

  test('Hadoop\'s own shell reads and lists it', async () => {
    const har = `har://${root}/backups/r/c1.har`;
    const cat = await under.shell(['-cat', `${har}/README.md`, `${har}/src/d3/file 3.txt`, `${har}/ünï/😀`, `${har}/co%3Alon`]);
    expect(cat.stdout.toString()).toBe('hellocontent of 3utfcolon');
    const listed = (await under.shell(['-ls', '-R', '-C', har])).stdout.toString().trim().split('\n');
    expect(listed).toHaveLength(700 + 5 + 7 + 2); // files and folders
    expect(listed).toContain(`${har}/a+b%20c~!'()*.txt`);
  });

  test('one file of it is read in three requests, found or not in two', async () => {
    const reads: string[] = [];
    const counted: Store = { ...store, open: (path, range, signal) => (reads.push(path), store.open(path, range, signal)) };
    for (const [path, { content }] of Object.entries({ ...files, ...odd }).filter(([path], i) => path !== 'co:lon' && (i % 40 === 0 || path in odd))) {
      reads.length = 0;
      const found = await openInHar(counted, 'backups/r/c1.har', Buffer.from(path, 'latin1').toString());
      expect(found?.bytes).toBe(Buffer.from(content).length);
      const bytes: Uint8Array[] = [];
      for await (const chunk of found?.content ?? []) bytes.push(chunk);
      expect(Buffer.concat(bytes).toString()).toBe(content);
      expect(reads).toEqual(['backups/r/c1.har/_masterindex', 'backups/r/c1.har/_index', 'backups/r/c1.har/part-0']);
    }
    expect(await openInHar(store, 'backups/r/c1.har', 'no such')).toBeNull();
    expect(await findInHar(store, 'backups/r/c1.har', 'src')).toEqual({ kind: 'folder', names: Array.from({ length: 7 }, (_, i) => `d${i}`) });
    expect(await failureKind(openInHar(store, 'backups/r/c2.har', 'x'))).toBe('NotFound');
  });

  test('of two that lay the same commit out at once, both succeed and one archive is there', async () => {
    const both = await Promise.all([1, 2].map(() => store.layOut('backups/r/c3', sourceOf(odd))));
    expect(both[0]).toEqual(both[1]);
    expect((await store.list('backups/r')).map((entry) => entry.name).sort()).toEqual(['c1.har', 'c3.har']);
    expect((await under.shell(['-ls', '-C', `${root}/backups/r`])).stdout.toString()).not.toContain('.tmp-');
  });
});

describe('HDFS enforces write-once', () => {
  test('another user can neither write, delete, rename nor change modes; the archivist cannot add to what is sealed', async () => {
    const { store, root } = await under.archive();
    await store.create('backups/r/snapshots/s/HEAD', Buffer.from('x'));
    await store.create('backups/r/snapshots/s/refs/.keep', Buffer.alloc(0));
    await store.seal('backups/r/snapshots/s');
    const head = `${root}/backups/r/snapshots/s/HEAD`;
    const as = (user: string, method: string, path: string, query: Record<string, string>, body?: string) => under.ask(method, path, { 'user.name': user, ...query }, body).then(({ status }) => status);
    expect(await as('mallory', 'PUT', `${root}/backups/r/visits/9.json`, { op: 'CREATE' }, 'forged')).toBe(403);
    expect(await as('mallory', 'PUT', head, { op: 'CREATE', overwrite: 'true' }, 'forged')).toBe(403);
    expect(await as('mallory', 'POST', head, { op: 'APPEND' }, 'forged')).toBe(403);
    expect(await as('mallory', 'POST', head, { op: 'TRUNCATE', newlength: '0' })).toBe(403);
    expect(await as('mallory', 'DELETE', head, { op: 'DELETE' })).toBe(403);
    expect(await as('mallory', 'DELETE', `${root}/backups`, { op: 'DELETE', recursive: 'true' })).toBe(403);
    expect(await as('mallory', 'PUT', head, { op: 'RENAME', destination: `${root}/gone` })).toBe(403);
    expect(await as('mallory', 'PUT', head, { op: 'SETPERMISSION', permission: '777' })).toBe(403);
    for (const [method, query] of [['PUT', { op: 'CREATE', overwrite: 'true' }], ['POST', { op: 'APPEND' }], ['DELETE', { op: 'DELETE' }]] as const) expect(await as(ARCHIVIST, method, head, query, 'late')).toBe(403);
    expect(await as(ARCHIVIST, 'PUT', `${root}/backups/r/snapshots/s/refs/late`, { op: 'CREATE' }, 'late')).toBe(403);
    expect((await readSmall(store, 'backups/r/snapshots/s/HEAD')).toString()).toBe('x');
    const asMallory = webHdfsStore(store.url, { user: 'mallory' });
    expect(await failureKind(asMallory.create('backups/r/visits/1.json', Buffer.from('forged')))).toBe('StorageReadOnly');
    expect(await failureKind(asMallory.layOut('backups/r/c', sourceOf({ a: { content: 'a' } })))).toBe('StorageReadOnly');
  });

  test('a file that is too large for its folder\'s quota is refused as such, and leaves nothing', async () => {
    const { store, root } = await under.archive();
    await under.ask('PUT', root, { op: 'SETQUOTA', namespacequota: '3', storagespacequota: '1000000' });
    expect(await failureKind(store.create('big', Buffer.alloc(5_000_000)))).toBe('StorageFull');
    expect(await store.list('')).toEqual([]);
    await store.create('one', Buffer.alloc(0));
    await store.create('two', Buffer.alloc(0));
    expect(await failureKind(store.create('three', Buffer.alloc(0)))).toBe('StorageFull');
  });

  test('a refusal is told as such however large the file is', async () => {
    const { store } = await under.archive();
    const asMallory = webHdfsStore(store.url, { user: 'mallory' });
    expect(await failureKind(asMallory.create('large', Buffer.alloc(100 * 2 ** 20)))).toBe('StorageReadOnly');
  });
});

describe('stored bytes', () => {
  test.each([1, 512, 513, 2 ** 16, 2 ** 16 + 1, 2 ** 17, 5 * 2 ** 16 + 77])('of a file of %i bytes in blocks of 64 KiB have the checksum that was computed on the way', async (bytes) => {
    const { root } = await under.archive();
    const client = new WebHdfsClient(new Cluster(hdfsAddress(under.hdfs.webhdfs), { user: ARCHIVIST }));
    const content = randomBytes(bytes);
    await client.create(`${root}/file`, content, { permission: '444', blockBytes: 2 ** 16 });
    const mine = new HdfsChecksum(2 ** 16);
    for (let from = 0; from < bytes; from += 7_001) mine.update(content.subarray(from, from + 7_001));
    const theirs = await client.checksum(`${root}/file`);
    expect(sameChecksum(mine.digest(), theirs)).toBe(true);
    content[bytes >> 1] = (content[bytes >> 1] ?? 0) ^ 1;
    const changed = new HdfsChecksum(2 ** 16);
    changed.update(content);
    expect(sameChecksum(changed.digest(), theirs)).toBe(false);
  });

  test('of a local file that changed since it was proven are refused', async () => {
    const { store } = await under.archive();
    const folder = await mkdtemp(join(tmpdir(), 'pivo-adopt-'));
    await writeFile(join(folder, 'pack'), 'changed');
    const asItWas = Buffer.from('as it was');
    const sha256 = createHash('sha256').update(asItWas).digest('hex');
    const checksum = store.checksum?.();
    checksum?.update(asItWas);
    for (const proof of [{ bytes: 7, sha256 }, { bytes: 9, sha256 }, { bytes: 7, sha256, checksum: checksum?.digest() }]) expect(await failureKind(store.adopt('pack', join(folder, 'pack'), proof))).toBe('Damaged');
    expect(await store.list('')).toEqual([]);
    await rm(folder, { recursive: true });
  });

  test('of a local file of many pieces arrive as they are, two files at a time, although their buffers are used again', async () => {
    const { store } = await under.archive();
    const folder = await mkdtemp(join(tmpdir(), 'pivo-adopt-'));
    const files = [randomBytes(24 * 2 ** 20 + 123), randomBytes(17 * 2 ** 20)];
    await Promise.all(files.map(async (bytes, n) => {
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      await writeFile(join(folder, `pack-${n}`), bytes);
      await store.adopt(`pack-${n}`, join(folder, `pack-${n}`), { bytes: bytes.length, sha256 });
      expect(await proveStream(store.open(`pack-${n}`))).toEqual({ bytes: bytes.length, sha256 });
    }));
    await rm(folder, { recursive: true });
  });

  test('come until the reader stops or aborts', async () => {
    const { store } = await under.archive();
    await store.create('file', Buffer.alloc(50 * 2 ** 20));
    const stop = new AbortController();
    const read = async (): Promise<void> => {
      for await (const chunk of store.open('file', undefined, stop.signal)) if (chunk.length > 0) stop.abort(new Error('enough'));
    };
    await expect(read()).rejects.toThrow('enough');
    for await (const chunk of store.open('file')) if (chunk.length > 0) break;
    expect((await store.stat('file'))?.bytes).toBe(50 * 2 ** 20);
  });

  test('a folder of more entries than one page is listed whole', async () => {
    const { root } = await under.archive();
    const client = new WebHdfsClient(new Cluster(hdfsAddress(under.hdfs.webhdfs), { user: ARCHIVIST }));
    await Promise.all(Array.from({ length: 1_100 }, (_, i) => client.makeFolders(`${root}/f${i}`, '755')));
    expect(new Set((await client.list(root))?.map((entry) => entry.pathSuffix)).size).toBe(1_100);
  });
});
