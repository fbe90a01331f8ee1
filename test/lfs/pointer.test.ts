// What is a Git LFS pointer and what is not, and that every pointer of a repository is found.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { git, gitText } from '../../git/process.ts';
import { pathsOfBlobs, pointersInPacks, pointersReached, type FoundPointer } from '../../lfs/find-pointers.ts';
import { parsePointer } from '../../lfs/pointer.ts';
import { gitWithLfs, hasGitLfs, pointerTo, sha256Of } from '../harness/git-lfs.ts';
import { addCommit, lfsOrigin } from './origin.ts';

const available = await hasGitLfs();
const OID = 'a'.repeat(64);
const pointer = (...lines: string[]): Buffer => Buffer.from(`${lines.join('\n')}\n`);
const VERSION = 'version https://git-lfs.github.com/spec/v1';

describe('a pointer', () => {
  it.each([
    ['as git-lfs writes it', pointer(VERSION, `oid sha256:${OID}`, 'size 12345')],
    ['without a line break at its end', Buffer.from(`${VERSION}\noid sha256:${OID}\nsize 12345`)],
    ['with line ends of Windows', Buffer.from(`${VERSION}\r\noid sha256:${OID}\r\nsize 12345\r\n`)],
    ['with extensions', pointer(VERSION, `ext-0-foo sha256:${'b'.repeat(64)}`, `ext-1-bar sha256:${'c'.repeat(64)}`, `oid sha256:${OID}`, 'size 12345')],
    ['with the name that the specification had before', pointer('version https://hawser.github.com/spec/v1', `oid sha256:${OID}`, 'size 12345')],
    ['with the first of all version lines', pointer('version http://git-media.io/v/2', `oid sha256:${OID}`, 'size 12345')],
  ])('%s is read', (_, content) => {
    expect(parsePointer(content)).toEqual({ oid: OID, size: 12345 });
  });

  it.each([
    ['of another version', pointer('version https://git-lfs.github.com/spec/v2', `oid sha256:${OID}`, 'size 1')],
    ['whose version is not first', pointer(`oid sha256:${OID}`, 'size 12345', VERSION)],
    ['with keys out of order', pointer(VERSION, 'size 12345', `oid sha256:${OID}`)],
    ['with another hash', pointer(VERSION, `oid sha512:${OID}`, 'size 12345')],
    ['with capitals in its oid', pointer(VERSION, `oid sha256:${OID.toUpperCase()}`, 'size 12345')],
    ['with a size below zero', pointer(VERSION, `oid sha256:${OID}`, 'size -12345')],
    ['with a size that no number holds', pointer(VERSION, `oid sha256:${OID}`, 'size 99999999999999999999')],
    ['with an unknown line', pointer(VERSION, 'foo bar', `oid sha256:${OID}`, 'size 12345')],
    ['with one priority twice', pointer(VERSION, `ext-0-a sha256:${OID}`, `ext-0-b sha256:${OID}`, `oid sha256:${OID}`, 'size 1')],
    ['of 1,024 bytes', Buffer.concat([pointer(VERSION, `oid sha256:${OID}`, 'size 12345'), Buffer.alloc(900, '\n')])],
    ['that is empty', Buffer.alloc(0)],
    ['that is binary', Buffer.from(Array.from({ length: 300 }, (_, i) => i % 256))],
  ])('%s is none', (_, content) => {
    expect(parsePointer(content)).toBeNull();
  });

  it.skipIf(!available)('of stock git-lfs is read as stock git-lfs reads it (skipped where it cannot be had)', async () => {
    const text = await gitWithLfs(tmpdir(), ['lfs', 'pointer', '--file', new URL(import.meta.url).pathname]);
    const [, oid, size] = /oid sha256:(\S+)\nsize (\d+)/.exec(text) ?? [];
    expect(parsePointer(Buffer.from(text.slice(text.indexOf('version '))))).toEqual({ oid, size: Number(size) });
  });
});

async function oidsOf(pointers: AsyncIterable<FoundPointer>): Promise<string[]> {
  const oids: string[] = [];
  for await (const { oid } of pointers) oids.push(oid);
  return oids.sort();
}

describe('pointers of a repository', () => {
  let folder: string;
  beforeEach(async () => { folder = await mkdtemp(join(tmpdir(), 'pivo-lfs-')); });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('are found in its packs, those of states that no ref leads to as well, and by what refs reach', async () => {
    const gitDir = join(folder, 'origin.git');
    const [kept, former] = [Buffer.from('kept'), Buffer.from('former')];
    await lfsOrigin(gitDir, { 'a.bin': former });
    const first = await gitText(['rev-parse', 'main'], { gitDir });
    await addCommit(gitDir, 'refs/heads/main', { 'caf\u00e9 1.bin': kept });
    await git(['repack', '-adq'], { gitDir });
    const packs = (await readdir(join(gitDir, 'objects/pack'))).filter((name) => name.endsWith('.pack')).map((name) => name.slice(0, -'.pack'.length));
    const { signal } = new AbortController();
    const found = await oidsOf(pointersInPacks({ objects: join(gitDir, 'objects'), packs, objectFormat: 'sha1', scratch: folder }, signal));
    expect(found).toEqual([sha256Of(kept), sha256Of(former)].sort());
    expect(await oidsOf(pointersReached(gitDir, [first], signal))).toEqual([sha256Of(former)]);
    const blob = await gitText(['hash-object', '--stdin'], { gitDir, input: pointerTo(kept) });
    expect(await pathsOfBlobs(gitDir, new Set([blob]), signal)).toEqual(new Map([[blob, 'caf\u00e9 1.bin']]));
    expect(await readdir(folder)).toEqual(['origin.git']);
  });
});
