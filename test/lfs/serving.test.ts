// The git remote of the server speaks Git LFS, for reading: a stock client gets its files, also parts of them, and only with the token.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLibrary, type Library } from '../../archive/reading/library.ts';
import { rangeOf } from '../../apps/server/remote/lfs.ts';
import type { OperationContext } from '../../operations/operation.ts';
import { gitWithLfs, hasGitLfs, sha256Of } from '../harness/git-lfs.ts';
import { openIngest, type IngestHarness } from '../harness/ingest.ts';
import { bearer, send, serve, TOKENS, type Served } from '../server/served.ts';
import { lfsOrigin } from './origin.ts';

const available = await hasGitLfs();
const CONTENT = Buffer.alloc(2 ** 20 + 5, 'a large picture');
const OID = sha256Of(CONTENT);

let folder: string;
let pivo: IngestHarness;
let library: Library;
let server: Served;
let strict: Served;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pivo-lfs-'));
  pivo = await openIngest(join(folder, 'home'));
  await lfsOrigin(join(folder, 'origin.git'), { 'a.bin': CONTENT, 'lost.bin': Buffer.from('nowhere') }, { own: ['a.bin'] });
  await pivo.ingest(join(folder, 'origin.git'), 'project');
  const { deps } = pivo;
  library = openLibrary({ store: deps.store, cache: join(folder, 'read-cache') });
  const context: OperationContext = {
    store: deps.store, library, paths: { index: '', state: '', cache: join(folder, 'read-cache'), spool: '', metadataSocket: '', credentials: '', logIndex: '' }, git: { protocols: [] }, drill: { maxAge: 30 }, workerId: 'worker', agent: { origins: [], targets: [] }, log: deps.log, caller: { user: 'nobody', via: 'cli', owner: false },
    temporal: () => Promise.reject(new Error('the remote needs no Temporal')), status: () => Promise.reject(new Error('nor a stack')),
  };
  server = await serve({ context });
  strict = await serve({ context, requireToken: true });
});

afterAll(async () => {
  await server.close();
  await strict.close();
  await library.close();
  await pivo.close();
  await rm(folder, { recursive: true, force: true });
});

const lfs = (base = server.url): string => `${base}/git/project.git/info/lfs/objects`;
const MEDIA = { 'content-type': 'application/vnd.git-lfs+json' };
const batch = (body: unknown, headers: Record<string, string> = {}, base = server.url): ReturnType<typeof send> => send(`${lfs(base)}/batch`, { method: 'POST', headers: { ...MEDIA, ...headers }, body: typeof body === 'string' ? body : JSON.stringify(body) });
const download = (...oids: string[]): object => ({ operation: 'download', transfers: ['basic'], objects: oids.map((oid) => ({ oid, size: 1 })), hash_algo: 'sha256' });

describe('the Batch API', () => {
  it('names a place for what is archived, and says what is not', async () => {
    const answer = await batch(download(OID, sha256Of('nowhere')));
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toContain('application/vnd.git-lfs+json');
    expect(JSON.parse(answer.text)).toEqual({
      transfer: 'basic', hash_algo: 'sha256',
      objects: [{ oid: OID, size: CONTENT.length, actions: { download: { href: `${lfs()}/${OID}` } } }, { oid: sha256Of('nowhere'), size: 1, error: { code: 404, message: 'this object is not in the archive' } }],
    });
  });

  it('takes no upload, and says so in the words that git-lfs shows', async () => {
    const answer = await batch({ operation: 'upload', objects: [{ oid: OID, size: 1 }] });
    expect([answer.status, (JSON.parse(answer.text) as { message: string }).message]).toEqual([403, expect.stringContaining('this is an archive')]);
  });

  it.each([['no JSON', 'x', 400], ['no oid', { operation: 'download', objects: [{ oid: '../../visits/1.json', size: 1 }] }, 400], ['another hash', { operation: 'download', objects: [], hash_algo: 'sha512' }, 409], ['another transfer', { operation: 'download', transfers: ['tus'], objects: [] }, 422]])('refuses %s', async (_, body, status) => {
    expect((await batch(body)).status).toBe(status);
  });

  it('knows no repository that is not there', async () => {
    expect((await send(`${server.url}/git/other.git/info/lfs/objects/batch`, { method: 'POST', headers: MEDIA, body: JSON.stringify(download(OID)) })).status).toBe(404);
  });

  it('wants the token, as git does', async () => {
    expect((await batch(download(OID), {}, strict.url)).status).toBe(401);
    expect((await send(`${lfs(strict.url)}/${OID}`)).status).toBe(401);
    expect((await batch(download(OID), bearer('reader'), strict.url)).status).toBe(200);
  });
});

describe('an object', () => {
  it('comes whole, or from any byte on', async () => {
    const whole = await fetch(`${lfs()}/${OID}`);
    expect([whole.status, whole.headers.get('content-length'), Buffer.from(await whole.arrayBuffer()).equals(CONTENT)]).toEqual([200, String(CONTENT.length), true]);
    const rest = await fetch(`${lfs()}/${OID}`, { headers: { range: 'bytes=1048576-' } });
    expect([rest.status, rest.headers.get('content-range'), await rest.text()]).toEqual([206, `bytes 1048576-1048580/${CONTENT.length}`, CONTENT.subarray(1048576).toString()]);
    expect((await fetch(`${lfs()}/${OID}`, { headers: { range: 'bytes=9999999-' } })).status).toBe(416);
  });

  it('is not there when it is not archived', async () => {
    expect((await send(`${lfs()}/${sha256Of('nowhere')}`)).status).toBe(404);
  });

  it.each([['bytes=0-9', { offset: 0, length: 10 }], ['bytes=-5', { offset: 95, length: 5 }], ['bytes=90-', { offset: 90, length: 10 }], ['bytes=90-200', { offset: 90, length: 10 }], ['bytes=0-1,5-6', null], ['lines=1-2', null]])('a range %s of 100 bytes', (header, range) => {
    expect(rangeOf(header, 100)).toEqual(range);
  });
});

describe.skipIf(!available)('stock git-lfs (skipped where it cannot be had)', () => {
  it('clones from the archive, with a token where one is needed', async () => {
    for (const [into, base] of [['open', server.url], ['strict', strict.url.replace('//', `//any:${TOKENS.reader}@`)]] as const) {
      await gitWithLfs(folder, ['-c', 'lfs.fetchexclude=lost.bin', 'clone', '--quiet', '--no-checkout', `${base}/git/project.git`, into]);
      await gitWithLfs(join(folder, into), ['-c', 'lfs.fetchexclude=lost.bin', 'checkout', '--quiet', 'main']);
      expect((await readFile(join(folder, into, 'a.bin'))).equals(CONTENT)).toBe(true);
      expect((await readFile(join(folder, into, 'lost.bin'), 'utf8')).startsWith('version ')).toBe(true);
    }
  });
});
