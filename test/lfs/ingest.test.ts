// Objects of Git LFS are archived with the backup that finds their pointers, and what cannot be had is said.
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lfsObjectPath, repositoryPath } from '../../archive/layout.ts';
import { extendLedger, readLedger } from '../../archive/ledger.ts';
import { readVisit } from '../../archive/visits.ts';
import { PivoError } from '../../contract/failures.ts';
import { saveCredential } from '../../git/credentials.ts';
import { openIngest, type IngestHarness } from '../harness/ingest.ts';
import { pointerTo, sha256Of } from '../harness/git-lfs.ts';
import { startLfsServer, type TestLfsServer } from '../harness/lfs-server.ts';
import { addCommit, lfsOrigin } from './origin.ts';

let folder: string;
let server: TestLfsServer;
let pivo: IngestHarness;
const LOGIN = { username: 'ada', token: 'a-token-of-ada' };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pivo-lfs-'));
  server = await startLfsServer({ root: folder, login: LOGIN });
  pivo = await openIngest(join(folder, 'home'));
  pivo.deps.protocols = ['file', 'http'];
  await saveCredential(pivo.deps.credentials, 'forge', { kind: 'token', ...LOGIN });
});

afterEach(async () => {
  await pivo.close();
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

const backUp = (more: object = {}): ReturnType<IngestHarness['ingest']> => pivo.ingest(`${server.url}/origin.git`, 'project', { credential: 'forge', ...more });
const stored = (content: Buffer): Promise<Buffer> => readFile(join(folder, 'home', 'archive', lfsObjectPath('project', sha256Of(content))));
const entriesNow = async (): Promise<string[]> => [...(await readLedger(pivo.deps.store, 'project')).entries.values()].map(({ state, reason = '' }) => `${state} ${reason}`.trim());

async function origin(contents: Record<string, Buffer>): Promise<void> {
  await lfsOrigin(join(folder, 'origin.git'), contents);
  for (const content of Object.values(contents)) server.objects.set(sha256Of(content), content);
}

const SMALL = Buffer.from('the first picture');
const LARGE = Buffer.alloc(3 * 2 ** 20 + 17, 'large');

describe('a backup of a repository with Git LFS', () => {
  it('archives an object whose right pointer comes after one that gives its length wrong', async () => {
    await origin({});
    server.objects.set(sha256Of(SMALL), SMALL);
    await addCommit(join(folder, 'origin.git'), 'refs/heads/main', { 'lie.bin': pointerTo(SMALL).replace(/size .*/, 'size 1') });
    expect(await backUp()).toMatchObject({ lfs: { objects: 1, missing: 1 } });
    await addCommit(join(folder, 'origin.git'), 'refs/heads/main', { 'right.bin': SMALL });
    expect(await backUp()).toMatchObject({ lfs: { objects: 1, missing: 0 } });
    expect((await stored(SMALL)).equals(SMALL)).toBe(true);
  });

  it('asks again by the first pointer where one that came later gives a wrong length', async () => {
    await origin({});
    await addCommit(join(folder, 'origin.git'), 'refs/heads/main', { 'right.bin': SMALL });
    expect(await backUp()).toMatchObject({ lfs: { objects: 1, missing: 1 } });
    await addCommit(join(folder, 'origin.git'), 'refs/heads/main', { 'lie.bin': pointerTo(SMALL).replace(/size .*/, 'size 1') });
    expect(await backUp()).toMatchObject({ lfs: { objects: 1, missing: 1 } });
    server.objects.set(sha256Of(SMALL), SMALL);
    expect(await backUp()).toMatchObject({ lfs: { objects: 1, missing: 0 } });
  });

  it('archives the objects of all refs, each once under its SHA-256', async () => {
    await origin({ 'a.bin': SMALL, 'b.bin': LARGE });
    await addCommit(join(folder, 'origin.git'), 'refs/heads/side', { 'again.bin': SMALL, 'c.bin': Buffer.from('only on a side branch') });
    server.objects.set(sha256Of('only on a side branch'), Buffer.from('only on a side branch'));
    const result = await backUp();
    expect(result).toMatchObject({ holes: 0, lfs: { objects: 3, missing: 0 } });
    expect((await stored(LARGE)).equals(LARGE)).toBe(true);
    expect((await stat(join(folder, 'home', 'archive', lfsObjectPath('project', sha256Of(SMALL))))).mode & 0o777).toBe(0o444);
    expect((await readVisit(pivo.deps.store, 'project', 1)).lfs).toMatchObject({ objects: 3, missing: 0, ledger: { number: 1 } });
  });

  it('asks nobody for what is archived, and looks at new packs only', async () => {
    await origin({ 'a.bin': SMALL });
    await backUp();
    const before = server.asked.length;
    expect(await backUp()).toMatchObject({ unchanged: true, lfs: { objects: 1 } });
    await addCommit(join(folder, 'origin.git'), 'refs/heads/main', { 'copy.bin': SMALL });
    expect(await backUp()).toMatchObject({ unchanged: false, lfs: { objects: 1, missing: 0 } });
    expect(server.asked.length).toBe(before);
  });

  it('says that there are none, and asks no server, where no pointer is', async () => {
    await lfsOrigin(join(folder, 'origin.git'), {});
    await backUp();
    expect((await readVisit(pivo.deps.store, 'project', 1)).lfs).toEqual({ objects: 0, bytes: 0, missing: 0, ledger: null });
    expect(server.asked).toEqual([]);
  });

  it('leaves them out with the policy none, and brings them at the next backup without it', async () => {
    await origin({ 'a.bin': SMALL });
    expect(await backUp({ lfs: 'none' })).not.toHaveProperty('lfs');
    expect((await readVisit(pivo.deps.store, 'project', 1)).lfs).toBeUndefined();
    expect(await backUp()).toMatchObject({ lfs: { objects: 1, missing: 0 } });
  });

  it('takes them from the folder of git-lfs where the origin is a path', async () => {
    const path = join(folder, 'here.git');
    await lfsOrigin(path, { 'a.bin': SMALL, 'b.bin': LARGE }, { own: ['a.bin'] });
    const result = await pivo.ingest(path, 'here');
    expect(result).toMatchObject({ holes: 1, lfs: { objects: 2, missing: 1 } });
  });

  it('is kept waiting by nothing that lies there in place of a file', async () => {
    const path = join(folder, 'here.git');
    await lfsOrigin(path, { 'a.bin': SMALL, 'b.bin': LARGE }, { own: ['a.bin', 'b.bin'] });
    const oid = sha256Of(SMALL);
    const file = join(path, 'lfs/objects', oid.slice(0, 2), oid.slice(2, 4), oid);
    await rm(file);
    await promisify(execFile)('mkfifo', [file]);
    expect(await pivo.ingest(path, 'here')).toMatchObject({ holes: 1, lfs: { objects: 2, missing: 1 } });
    expect((await readLedger(pivo.deps.store, 'here')).entries.get(oid)).toMatchObject({ state: 'missing', reason: expect.stringContaining('no file') as string });
  });

  it('asks for many in batches that the server takes', async () => {
    await server.close();
    server = await startLfsServer({ root: folder, login: LOGIN, most: 30 });
    await origin(Object.fromEntries(Array.from({ length: 130 }, (_, i) => [`${i}.bin`, Buffer.from(`content ${i}`)])));
    expect(await backUp()).toMatchObject({ lfs: { objects: 130, missing: 0 } });
    expect(Math.max(...server.batches)).toBeLessThanOrEqual(30);
  });

  it('asks the server that .lfsconfig names, without the credential of the origin', async () => {
    const other = await startLfsServer({ root: folder });
    await lfsOrigin(join(folder, 'origin.git'), { 'a.bin': SMALL }, { config: `[lfs]\n\turl = ${other.url}/else/info/lfs\n[include]\n\tpath = /etc/passwd\n` });
    other.objects.set(sha256Of(SMALL), SMALL);
    const result = await backUp();
    await other.close();
    expect(result).toMatchObject({ lfs: { objects: 1, missing: 0 } });
    expect(other.authorizations).toEqual([]);
  });

  it.each([['a path', '/etc'], ['a transport that is not allowed', 'ftp://example.org/x'], ['a user and a password', 'http://ada:secret@127.0.0.1/x'], ['another host by ssh', 'ssh://git@127.0.0.1/x']])('refuses a .lfsconfig that names %s', async (_, url) => {
    await lfsOrigin(join(folder, 'origin.git'), { 'a.bin': SMALL }, { config: `[lfs]\n\turl = ${url}\n` });
    const result = await backUp();
    expect(result).toMatchObject({ holes: 1, lfs: { missing: 1 } });
    expect(JSON.stringify(await readVisit(pivo.deps.store, 'project', 1))).not.toContain('secret');
  });
});

describe('an object that cannot be had', () => {
  it.each([
    ['missing', /does not have it: Object does not exist \(404\)/],
    ['wrong content', /other content came/],
    ['wrong size', /more bytes came than the 17/],
  ] as const)('is a hole when it is %s, and the others are archived', async (fault, reason) => {
    await origin({ 'dir/a.bin': SMALL, 'b.bin': LARGE });
    server.faults.set(sha256Of(SMALL), fault);
    const result = await backUp();
    expect(result).toMatchObject({ holes: 1, unchanged: false, lfs: { objects: 2, missing: 1 } });
    expect(await entriesNow()).toContainEqual(expect.stringMatching(reason));
    const visit = await readVisit(pivo.deps.store, 'project', 1);
    expect(visit).toMatchObject({ outcome: 'partial', holes: [{ lfs: 1, reason: expect.stringContaining('dir/a.bin') as string }] });
    await expect(stored(SMALL)).rejects.toMatchObject({ code: 'ENOENT' });
    expect((await stored(LARGE)).equals(LARGE)).toBe(true);
  });

  it('is asked for again when the origin is unchanged, without a fetch', async () => {
    await origin({ 'a.bin': SMALL });
    server.faults.set(sha256Of(SMALL), 'missing');
    await backUp();
    expect(await backUp()).toMatchObject({ holes: 1, newPacks: 0, lfs: { missing: 1 } });
    server.faults.clear();
    expect(await backUp()).toMatchObject({ holes: 0, lfs: { missing: 0 } });
    expect((await readVisit(pivo.deps.store, 'project', 3))).toMatchObject({ outcome: 'unchanged', holes: [] });
    expect(await entriesNow()).toEqual(['archived']);
  });

  it('is fetched again from a link that is renewed when the first was not valid any more', async () => {
    await origin({ 'a.bin': SMALL });
    server.faults.set(sha256Of(SMALL), 'expired');
    expect(await backUp()).toMatchObject({ lfs: { missing: 0 } });
  });

  it('comes from another host when the server sends us there, without what authorized us', async () => {
    await origin({ 'a.bin': SMALL });
    const headers: unknown[] = [];
    const other = createServer((request, response) => {
      headers.push(request.headers['x-pass'], request.headers.authorization);
      response.end(SMALL);
    }).listen(0, '127.0.0.1');
    await once(other, 'listening');
    server.faults.set(sha256Of(SMALL), 'elsewhere');
    server.elsewhere = `http://127.0.0.1:${(other.address() as { port: number }).port}`;
    expect(await backUp()).toMatchObject({ lfs: { missing: 0 } });
    expect(headers).toEqual([undefined, undefined]);
    other.close();
  });

  it('is a hole where the server sends us to a transport that is not allowed', async () => {
    await origin({ 'a.bin': SMALL });
    server.faults.set(sha256Of(SMALL), 'elsewhere');
    server.elsewhere = 'ftp://127.0.0.1';
    expect(await backUp()).toMatchObject({ holes: 1, lfs: { missing: 1 } });
    expect(await entriesNow()).toContainEqual(expect.stringContaining('not followed'));
  });

  it('is a hole when the server breaks off each time, and never half in the archive', async () => {
    await origin({ 'a.bin': LARGE });
    server.faults.set(sha256Of(LARGE), 'truncated');
    expect(await backUp()).toMatchObject({ lfs: { missing: 1 } });
    expect(server.asked.filter((line) => line.startsWith('GET')).length).toBe(4);
  });

  it('waits as long as Retry-After says', async () => {
    await origin({ 'a.bin': SMALL });
    server.refusals.push({ status: 429, headers: { 'retry-after': '1' } });
    expect(await backUp()).toMatchObject({ lfs: { missing: 0 } });
  });

  it('does not wait for a server that wants an hour: the next backup asks again', async () => {
    await origin({ 'a.bin': SMALL });
    server.refusals.push({ status: 503, headers: { 'retry-after': '3600' } });
    expect(await backUp()).toMatchObject({ holes: 1, lfs: { missing: 1 } });
    expect(await backUp()).toMatchObject({ holes: 0, lfs: { missing: 0 } });
  });

  it.each([401, 403, 404, 501])('is a hole when the server answers %i, and the backup of git stands', async (status) => {
    await origin({ 'a.bin': SMALL });
    server.refusals.push({ status }, { status });
    const result = await backUp();
    expect(result).toMatchObject({ holes: 1, newPacks: 1, lfs: { missing: 1 } });
    expect(await entriesNow()).toContainEqual(expect.stringContaining(`(${status})`));
  });

  it('is a hole past the limit of bytes', async () => {
    await origin({ 'a.bin': SMALL, 'b.bin': LARGE });
    expect(await backUp({ limits: { bytes: 2 ** 20, objects: 1000, refs: 100, memory: 2 ** 30, seconds: 60 } })).toMatchObject({ lfs: { objects: 2, missing: 1 } });
    expect(await entriesNow()).toContainEqual(expect.stringContaining('raise limits.bytes'));
  });

  it('is a hole past the limit of seconds, when the server hangs', async () => {
    await origin({ 'a.bin': SMALL });
    server.faults.set(sha256Of(SMALL), 'hangs');
    expect(await backUp({ limits: { bytes: 2 ** 30, objects: 1000, refs: 100, memory: 2 ** 30, seconds: 2 } })).toMatchObject({ lfs: { missing: 1 } });
    expect(await entriesNow()).toContainEqual(expect.stringContaining('raise limits.seconds'));
  });
});

describe('the ledger', () => {
  it('of a run that died before its visit is gone on with, and nothing is fetched twice', async () => {
    await origin({ 'a.bin': SMALL, 'b.bin': LARGE });
    server.faults.set(sha256Of(LARGE), 'missing');
    const { store } = pivo.deps;
    pivo.deps.store = { ...store, create: async (path, content, signal) => (path.endsWith('visits/1.json') ? Promise.reject(new PivoError('StorageUnavailable', 'killed')) : store.create(path, content, signal)) };
    await expect(backUp()).rejects.toThrow('killed');
    pivo.deps.store = store;
    server.faults.clear();
    const before = server.asked.filter((line) => line.startsWith('GET')).length;
    expect(await backUp()).toMatchObject({ visit: 1, lfs: { objects: 2, missing: 0 } });
    expect(server.asked.filter((line) => line.startsWith('GET')).length).toBe(before + 1);
    expect((await readVisit(store, 'project', 1)).lfs?.ledger?.number).toBe(2);
  });

  it('is whole when read from the last file that repeats all', async () => {
    const { store } = pivo.deps;
    let ledger = await readLedger(store, 'project');
    for (let i = 0; i < 70; i++) ledger = await extendLedger(store, 'project', ledger, [{ oid: sha256Of(String(i % 69)), size: i, state: 'archived', blob: 'b' }]);
    const read = await readLedger(store, 'project', ledger.last);
    expect([read.entries.size, read.last?.number, read.files]).toEqual([69, 70, 6]);
    expect(read.entries.get(sha256Of('0'))?.size).toBe(69);
    await expect(readLedger(store, 'project', { number: 70, sha256: 'f'.repeat(64) })).rejects.toMatchObject({ kind: 'Damaged' });
    await expect(readLedger(store, 'project', { number: 71, sha256: 'f'.repeat(64) })).rejects.toMatchObject({ kind: 'Damaged' });
  });

  it('that is damaged is begun anew by the next backup that has something to do, and the objects stay', async () => {
    await origin({ 'a.bin': SMALL });
    await backUp();
    const ledger = join(folder, 'home', 'archive', repositoryPath('project'), 'lfs/ledger/1.jsonl');
    await rm(ledger);
    await addCommit(join(folder, 'origin.git'), 'refs/heads/main', { 'b.bin': LARGE });
    server.objects.set(sha256Of(LARGE), LARGE);
    expect(await backUp()).toMatchObject({ lfs: { objects: 2, missing: 0 } });
    expect((await readVisit(pivo.deps.store, 'project', 2)).lfs?.ledger?.number).toBe(2);
    expect((await readLedger(pivo.deps.store, 'project')).entries.size).toBe(2);
  });
});
