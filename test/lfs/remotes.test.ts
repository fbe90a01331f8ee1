// Where objects of Git LFS are asked for and sent: servers that ssh names, and targets that take none.
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readVisit } from '../../archive/visits.ts';
import { saveCredential } from '../../git/credentials.ts';
import { git, gitText } from '../../git/process.ts';
import { lfsPlaces } from '../../lfs/endpoint.ts';
import { startGitHttp } from '../harness/git-http.ts';
import { sha256Of } from '../harness/git-lfs.ts';
import { openIngest, type IngestHarness } from '../harness/ingest.ts';
import { startLfsServer, type TestLfsServer } from '../harness/lfs-server.ts';
import { restoreTo } from '../harness/restore.ts';
import { lfsOrigin } from './origin.ts';

const CONTENT = Buffer.from('an object');
const LOGIN = { username: 'ada', token: 'a-token-of-ada' };
const PATH = process.env['PATH'];

let folder: string;
let pivo: IngestHarness;
let server: TestLfsServer;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pivo-lfs-'));
  pivo = await openIngest(join(folder, 'home'));
  pivo.deps.protocols = ['file', 'http', 'https', 'ssh'];
  server = await startLfsServer({ root: folder, login: LOGIN });
  server.objects.set(sha256Of(CONTENT), CONTENT);
});

afterEach(async () => {
  process.env['PATH'] = PATH;
  await pivo.close();
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

/** A program `ssh` that is a forge: it notes what it is asked, answers git-lfs-authenticate with `answer`, and runs git itself. */
async function sshForge(answer: string): Promise<void> {
  const bin = join(folder, 'bin');
  await mkdir(bin);
  await writeFile(join(folder, 'answer'), answer);
  await writeFile(join(bin, 'ssh'), `#!/bin/sh\nprintf '%s\\n' "$@" >> '${folder}/asked'\nfor last; do :; done\ncase "$last" in git-lfs-authenticate*) cat '${folder}/answer';; *) exec sh -c "$last";; esac\n`);
  await chmod(join(bin, 'ssh'), 0o755);
  process.env['PATH'] = `${bin}:${PATH}`;
}

const authorization = `Basic ${Buffer.from(`${LOGIN.username}:${LOGIN.token}`).toString('base64')}`;

describe('an origin by ssh', () => {
  it('is asked by git-lfs-authenticate where its objects are and how to get them', async () => {
    await lfsOrigin(join(folder, "it's.git"), { 'a.bin': CONTENT });
    await sshForge(JSON.stringify({ href: `${server.url}/it.git/info/lfs`, header: { Authorization: authorization }, expires_in: 60 }));
    await saveCredential(pivo.deps.credentials, 'deploy', { kind: 'ssh-key', privateKey: 'PRIVATE' });
    const result = await pivo.ingest(`ssh://git@forge.example:2222${folder}/it's.git`, 'project', { credential: 'deploy' });
    expect(result).toMatchObject({ holes: 0, lfs: { objects: 1, missing: 0 } });
    const asked = await readFile(join(folder, 'asked'), 'utf8');
    expect(asked).toContain(`-p\n2222\n--\ngit@forge.example\ngit-lfs-authenticate '${folder}/it'\\''s.git' download\n`);
    expect(asked).toContain(join('credentials', 'deploy', 'key'));
    expect(JSON.stringify(await readVisit(pivo.deps.store, 'project', 1))).not.toContain(authorization);
  });

  it('whose host names a path or a transport that is not allowed makes a hole', async () => {
    await lfsOrigin(join(folder, 'origin.git'), { 'a.bin': CONTENT });
    await sshForge(JSON.stringify({ href: 'file:///etc' }));
    expect(await pivo.ingest(`ssh://git@forge.example${folder}/origin.git`, 'project')).toMatchObject({ holes: 1, lfs: { missing: 1 } });
  });

  it.each([
    ['ssh://git@forge.example/team/site.git', 'https://forge.example/team/site.git/info/lfs'],
    ['git@forge.example:team/site', 'https://forge.example/team/site.git/info/lfs'],
    ['https://forge.example/team/site', 'https://forge.example/team/site.git/info/lfs'],
    ['https://forge.example:8443/team/site.git', 'https://forge.example:8443/team/site.git/info/lfs'],
  ])('%s is asked at %s where nothing else is said', async (url, expected) => {
    await sshForge('');
    const [place] = await lfsPlaces({ url, operation: 'download', configured: null }, { ...pivo.deps, credential: null }, new AbortController().signal);
    expect(place?.kind === 'server' ? place.url.href : place).toBe(expected);
  });
});

describe('a target', () => {
  beforeEach(async () => {
    await lfsOrigin(join(folder, 'origin.git'), { 'a.bin': CONTENT }, { own: ['a.bin'], config: '[lfs]\n\turl = https://lfs.example/team/site\n' });
    await pivo.ingest(join(folder, 'origin.git'), 'project');
    await git(['init', '--quiet', '--bare', join(folder, 'target.git')]);
    await git(['config', 'http.receivepack', 'true'], { gitDir: join(folder, 'target.git') });
  });

  it('that takes no objects gets the refs, and plan and receipt say so', async () => {
    const plain = await startGitHttp({ root: folder });
    const receipt = await restoreTo(pivo.deps, 'project', `${plain.url}/target.git`);
    await plain.close();
    expect(receipt.plan.lfs).toMatchObject({ objects: 1, missing: 0, refused: expect.stringContaining('(404)') as string });
    expect(receipt.lfs).toMatchObject({ objects: 1, sent: 0, missing: 1 });
    expect(receipt.warnings).toContainEqual(expect.stringMatching(/1 object of Git LFS will not be sent: .* takes none/));
    expect(receipt.warnings).toContainEqual(expect.stringContaining('.lfsconfig in HEAD names another Git LFS server (lfs.example)'));
  });

  it('that breaks its word after the plan gets no ref', async () => {
    server.objects.clear();
    await saveCredential(pivo.deps.credentials, 'forge', { kind: 'token', ...LOGIN });
    server.refuseUploads = 'no room';
    await expect(restoreTo(pivo.deps, 'project', `${server.url}/target.git`, 'latest', { credential: 'forge' })).rejects.toMatchObject({ kind: 'TargetRefused' });
    expect(await gitText(['for-each-ref'], { gitDir: join(folder, 'target.git') })).toBe('');
  });

  it('that has the objects already is sent none', async () => {
    await saveCredential(pivo.deps.credentials, 'forge', { kind: 'token', ...LOGIN });
    const receipt = await restoreTo(pivo.deps, 'project', `${server.url}/target.git`, 'latest', { credential: 'forge' });
    expect(receipt.lfs).toEqual({ objects: 1, bytes: CONTENT.length, sent: 0, missing: 0 });
  });

  it('that is a repository of this machine gets them where git-lfs looks', async () => {
    const receipt = await restoreTo(pivo.deps, 'project', join(folder, 'target.git'));
    expect(receipt.lfs).toMatchObject({ sent: 1 });
    const oid = sha256Of(CONTENT);
    expect((await readFile(join(folder, 'target.git/lfs/objects', oid.slice(0, 2), oid.slice(2, 4), oid))).equals(CONTENT)).toBe(true);
  });
});
