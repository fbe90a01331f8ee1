// The archive's own formats, fed with anything: visits, snapshots, packed-refs, quoted paths, Hadoop Archives, commit logs.
import { createHash } from 'node:crypto';
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readCommitLog, parseSignature, type LoggedCommit } from '../../archive/commit-log.ts';
import { findInIndex, harHash, harIndex, indexProblem, masterIndexProblem, readMasterIndex, timeOfIndex, type HarFile } from '../../archive/har/format.ts';
import { openInHar } from '../../archive/har/read.ts';
import { localStore } from '../../archive/local/store.ts';
import { escapeGitName, isGitName, Places } from '../../archive/places.ts';
import { parseDocument } from '../../archive/read.ts';
import { byName, makeSnapshot, packedRefs, snapshotId } from '../../archive/snapshots.ts';
import { isPivoError } from '../../contract/failures.ts';
import { Snapshot, type Ref } from '../../contract/snapshot.ts';
import { Visit } from '../../contract/visit.ts';
import { git } from '../../git/process.ts';
import { quoteLatin1, quotePatchPath, quotePath, unquotePath } from '../../git/quote.ts';
import { initBare } from '../fixtures/plumbing.ts';
import { bounds, damaged, onPurpose } from './fuzz.ts';

let dir: string;
beforeAll(async () => void (dir = await mkdtemp(join(tmpdir(), 'pivo-fuzz-'))));
afterAll(() => rm(dir, { recursive: true, force: true }));

const oid = fc.stringMatching(/^[0-9a-f]{40}$/);
const bytes = (maxLength = 40): fc.Arbitrary<Buffer> => fc.uint8Array({ maxLength }).map((array) => Buffer.from(array));
/** A name that git takes (git-check-ref-format(1)), with any bytes that may be in one. */
const refName = fc.array(fc.oneof(fc.constantFrom(0xe9, 0xff, 0x80, 0x22, 0x27, 0x24, 0x25, 0x7c, 0x2d), fc.integer({ min: 0x61, max: 0x7a })), { minLength: 1, maxLength: 12 }).map((codes) => quotePath(Buffer.concat([Buffer.from('refs/heads/x'), Buffer.from(codes)])));
const refs = fc.uniqueArray(fc.record({ name: refName, oid, type: fc.constantFrom('commit' as const, 'blob' as const), peeled: fc.option(oid, { nil: undefined }) }), { maxLength: 12, selector: ({ name }) => name })
  .map((all): Ref[] => all.map(({ peeled, type, ...ref }): Ref => (peeled === undefined ? { ...ref, type } : { ...ref, type: 'tag', peeled })));

const VISIT: Visit = {
  formatVersion: 1, repository: 'r', origin: 'https://example.org/r.git', seq: 2, previous: { seq: 1, sha256: '1'.repeat(64) }, time: '2026-11-21T10:00:00.000Z', snapshot: `swh:1:snp:${'2'.repeat(40)}`, snapshotPath: 'snapshots/snp-2', objectFormat: 'sha1', head: '3'.repeat(40), outcome: 'full',
  packs: [{ name: `pack-${'4'.repeat(40)}`, objects: 3, pack: { bytes: 10, sha256: '5'.repeat(64), chunks: ['6'.repeat(64)] }, idx: { bytes: 10, sha256: '7'.repeat(64) } }], newPacks: [`pack-${'4'.repeat(40)}`], replaces: {}, changes: { created: 1, updated: 0, forced: 0, deleted: 0 }, holes: [], fsck: [],
  checkout: { commit: null, kind: 'none', path: null, time: null, reason: '', files: 0, bytes: 0, symlinks: [], executables: [], gitlinks: [], renamed: [] }, workflow: { id: 'ingest:r', runId: 'x', attempt: 1 },
};

test('a visit comes back as it was written, and a damaged one is Damaged or a visit', () => {
  const valid = Buffer.from(JSON.stringify(Visit.parse(VISIT)));
  expect(parseDocument(valid, 'visits/2.json', Visit)).toEqual(Visit.parse(VISIT));
  fc.assert(fc.property(damaged(valid), (file) => {
    const read = onPurpose(() => parseDocument(file, 'visits/2.json', Visit));
    if (read !== null) expect(Visit.parse(JSON.parse(JSON.stringify(read)))).toEqual(read);
  }), bounds());
});

test('snapshot.json comes back as it was written, whatever the refs, and a damaged one is Damaged or a snapshot', () => {
  fc.assert(fc.property(refs, fc.option(refName), fc.option(oid), (all, symref, head) => {
    const snapshot = makeSnapshot({ objectFormat: 'sha1', head: { symref, oid: head }, refs: all, shallow: [] });
    expect(parseDocument(Buffer.from(JSON.stringify(snapshot)), 'snapshot.json', Snapshot)).toEqual(snapshot);
  }), bounds());
  const valid = Buffer.from(JSON.stringify(makeSnapshot({ objectFormat: 'sha1', head: { symref: 'refs/heads/main', oid: null }, refs: [{ name: 'refs/heads/main', oid: 'a'.repeat(40), type: 'commit' }], shallow: [] })));
  fc.assert(fc.property(damaged(valid), (file) => void onPurpose(() => parseDocument(file, 'snapshot.json', Snapshot))), bounds());
});

test("a snapshot's id follows from its refs alone, as the manifest of Software Heritage says it", () => {
  const TYPE = { commit: 'revision', blob: 'content', tag: 'release', tree: 'directory' };
  fc.assert(fc.property(refs, (all) => {
    const sorted = [...all].sort((a, b) => Buffer.compare(unquotePath(a.name), unquotePath(b.name)));
    const manifest = Buffer.concat(sorted.flatMap((ref) => [Buffer.from(`${TYPE[ref.type]} `), unquotePath(ref.name), Buffer.from('\u000020:'), Buffer.from(ref.oid, 'hex')]));
    const id = `swh:1:snp:${createHash('sha1').update(`snapshot ${manifest.length}\0`).update(manifest).digest('hex')}`;
    expect(snapshotId('sha1', { symref: null, oid: null }, all)).toBe(id);
    expect(snapshotId('sha1', { symref: null, oid: null }, [...all].reverse())).toBe(id);
  }), bounds());
});

test('packed-refs is what git itself reads, name by name', async () => {
  const gitDir = join(dir, 'packed.git');
  await initBare(gitDir);
  await fc.assert(fc.asyncProperty(refs, async (all) => {
    const sorted = [...all].sort(byName);
    await writeFile(join(gitDir, 'packed-refs'), packedRefs(sorted));
    const { stdout } = await git(['for-each-ref', '--format=%(refname)'], { gitDir });
    expect(stdout.toString('latin1').split('\n').slice(0, -1).map(quoteLatin1)).toEqual(sorted.map(({ name }) => name));
  }), bounds(0.06));
});

test('a path of any bytes survives its quoting, and any text can be unquoted', () => {
  fc.assert(fc.property(bytes(), (path) => {
    expect(unquotePath(quotePath(path))).toEqual(path);
    expect(Buffer.from(quoteLatin1(path.toString('latin1')), 'utf8')).toEqual(Buffer.from(path.every((byte) => byte < 128) ? path.toString('latin1') : quotePath(path)));
    if (quotePatchPath(path).startsWith('"')) expect(unquotePath(quotePatchPath(path))).toEqual(path);
  }), bounds());
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => {
    expect(Buffer.isBuffer(unquotePath(`"${text}"`))).toBe(true);
    expect(unquotePath(quotePath(unquotePath(text)))).toEqual(unquotePath(text));
  }), bounds());
});

test('no path of a tree gets a place that is empty, climbs, or is a repository', () => {
  const part = fc.oneof(bytes(8), fc.constantFrom('.', '..', '.git', '.GIT', 'git~1', '', '.git\u200c', 'a\\..', ':').map((text) => Buffer.from(text)));
  fc.assert(fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), fc.boolean(), (parts, plain) => {
    const path = Buffer.from(parts.map((each) => each.toString('latin1')).join('/'), 'latin1');
    const place = new Places(plain).next({ path, mode: 0o100644, oid: '', bytes: 0 });
    for (const stored of place.path?.split('/') ?? []) {
      expect(['', '.', '..']).not.toContain(stored);
      expect(isGitName(stored)).toBe(false);
    }
  }), bounds());
  fc.assert(fc.property(part, (name) => void (isGitName(name.toString()) && expect(isGitName(escapeGitName(name).toString())).toBe(false))), bounds());
});

const harFiles = fc.uniqueArray(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).filter((name) => name.isWellFormed() && !name.includes('/')), { minLength: 1, maxLength: 40 })
  .map((names): HarFile[] => names.map((name, n) => ({ path: `/d${n % 3}/${name}`, part: 'part-0', offset: n * 10, bytes: 10, permission: 0o444 })));

test('every file of a Hadoop Archive is found again, by the blocks that name it', () => {
  fc.assert(fc.property(harFiles, (files) => {
    const { index, masterIndex } = harIndex(files, 1_700_000_000_000, 'pivo');
    expect(masterIndexProblem(masterIndex, index)).toBeNull();
    expect(timeOfIndex(index.toString())).toBe(1_700_000_000_000);
    const blocks = readMasterIndex(masterIndex.toString()) ?? [];
    for (const { path, part, offset, bytes } of files) {
      const block = blocks.find(({ first, last }) => first <= harHash(path) && harHash(path) <= last);
      expect(findInIndex(index.subarray(block?.begin, block?.end).toString(), path)).toEqual({ kind: 'file', part, offset, bytes });
    }
  }), bounds(0.4));
});

test('a damaged Hadoop Archive is a failure on purpose, never another file', async () => {
  const store = localStore(join(dir, 'har'));
  const { index, masterIndex } = harIndex([{ path: '/a', part: 'part-0', offset: 0, bytes: 1, permission: 0o444 }, { path: '/b%', part: 'part-0', offset: 1, bytes: 1, permission: 0o444 }], 1_700_000_000_000, 'pivo');
  let n = 0;
  await fc.assert(fc.asyncProperty(damaged(index), damaged(masterIndex), fc.boolean(), async (first, second, both) => {
    const text = first.toString();
    expect([typeof findInIndex(text, '/a'), typeof timeOfIndex(text)]).toEqual(['object', 'number']);
    indexProblem(first, index);
    masterIndexProblem(second, first);
    const har = join(dir, 'har', `${++n}.har`);
    await mkdir(har, { recursive: true });
    await Promise.all([writeFile(join(har, '_index'), first), writeFile(join(har, '_masterindex'), both ? second : masterIndex), writeFile(join(har, 'part-0'), 'xy')]);
    try {
      const found = await openInHar(store, `${n}.har`, 'a');
      for await (const chunk of found?.content ?? []) expect(chunk.length).toBeLessThanOrEqual(2);
    } catch (error) {
      if (!isPivoError(error)) throw error;
    }
  }), bounds(0.3));
});

async function logged(output: Buffer, cut: number): Promise<LoggedCommit[]> {
  const commits: LoggedCommit[] = [];
  for await (const commit of readCommitLog((async function* () {
    yield output.subarray(0, cut);
    yield output.subarray(cut);
  })())) commits.push(commit);
  return commits;
}

test('a commit log of any bytes is read to its end, and the same however it was cut into pieces', async () => {
  const entry = `:100644 100644 ${'a'.repeat(40)} ${'b'.repeat(40)} M\0path\0`;
  const valid = Buffer.from(`commit ${'c'.repeat(40)}\ntree ${'d'.repeat(40)}\nauthor A <a@x> 1 +0000\ncommitter A <a@x> 1 +0000\n\n    subject\n\n${entry}${entry}\0commit ${'e'.repeat(40)}\n`);
  await fc.assert(fc.asyncProperty(damaged(valid), fc.nat(300), async (output, cut) => {
    const whole = await logged(output, 0).catch((error: unknown) => (isPivoError(error) ? null : Promise.reject(error as Error)));
    if (whole !== null) expect(await logged(output, cut)).toEqual(whole);
  }), bounds());
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (line) => {
    const { time } = parseSignature(line);
    expect(time === null || Number.isSafeInteger(time)).toBe(true);
  }), bounds());
});
