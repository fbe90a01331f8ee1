// A repository on GitHub keeps what the port promises, and asks GitHub as its published description says.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openGithub } from '../../forges/github/forge.ts';
import type { Forge } from '../../forges/forge.ts';
import { conformance } from './conformance/suite.ts';
import { NAME, OWNER, TOKEN } from './fake-forge.ts';
import { startFakeGithub, type FakeGithub } from './fake-github.ts';
import { githubReferee } from './openapi.ts';

const referee = await githubReferee();

conformance({
  kind: 'github',
  start: () => startFakeGithub(referee),
  open: openGithub,
  routes: { writes: 'POST /repos/{owner}/{repo}/git/commits', merge: 'POST /repos/{owner}/{repo}/pulls', repository: 'GET /repos/{owner}/{repo}', variables: 'GET /repos/{owner}/{repo}/actions/secrets' },
});

describe('GitHub', () => {
  let fake: FakeGithub;
  let forge: Forge;
  let base: string;
  beforeEach(async () => {
    fake = await startFakeGithub(referee);
    base = fake.git.push('main', 'First', [{ path: 'README.md', content: '# Shop\n' }, { path: 'link', content: 'README.md', mode: '120000' }]);
    forge = openGithub({ forge: 'GitHub', api: new URL(`${fake.api}/`), credential: 'forge', token: () => Promise.resolve(TOKEN) }, `${OWNER}/${NAME}`);
  });
  afterEach(async () => {
    await fake.close();
    expect(fake.wrong).toEqual([]);
  });

  it.skipIf(referee === null)('has a referee: the published description refuses what GitHub does not have', async () => {
    const asked = { method: 'POST', route: 'POST /repos/{owner}/{repo}/git/refs', path: '', query: new URLSearchParams({ page: '1' }), headers: {}, body: { ref: 1, name: 'x' }, parts: [] };
    expect(referee?.(asked, { status: 201, body: { ref: 'refs/heads/x', object: { type: 'commit', sha: 1 } } }).wrong.join('\n')).toMatch(/no parameter page[\s\S]*request: ref[\s\S]*no field name[\s\S]*201: object\.sha/);
    expect(referee?.({ ...asked, query: new URLSearchParams() }, { status: 418 }).wrong).toEqual(['POST /repos/{owner}/{repo}/git/refs: no answer 418 is described']);
  });

  const order = (path: string, existing: string | null) => ({ branch: 'b', base, message: 'm', files: [{ path, content: 'x\n', existing }] });

  it('never forces a branch', async () => {
    fake.git.branches.set('b', base);
    await forge.commit(order('a', null));
    expect(fake.asked.filter(({ method }) => method === 'PATCH').map(({ body }) => body)).toEqual([{ sha: fake.git.branches.get('b'), force: false }]);
  });

  it('replaces no link, and no file where a folder has to be', async () => {
    await expect(forge.commit(order('link', 'README.md'))).rejects.toMatchObject({ kind: 'Exists' });
    await expect(forge.commit(order('README.md/ci.yml', null))).rejects.toMatchObject({ kind: 'Exists' });
    expect(fake.asked.filter(({ method }) => method !== 'GET')).toEqual([]);
  });

  it('that hides what the token may not write is NotAllowed, and tells which right is missing', async () => {
    fake.fault({ on: 'POST /repos/{owner}/{repo}/git/trees', answer: { status: 404, body: { message: 'Not Found' } } });
    await expect(forge.commit(order('.github/workflows/ci.yml', null))).rejects.toMatchObject({ kind: 'NotAllowed', hint: expect.stringContaining('workflow') as string });
  });

  it('sends logs from another host, which is asked without the token and told in no failure', async () => {
    fake.runs.push({ id: 1, branch: 'main', commit: base, state: 'failed', jobs: [{ id: 5, name: 'test', stage: '', state: 'failed', seconds: 1, log: Buffer.from('exit 1\n') }] });
    expect(Buffer.concat(await all(forge.jobLog('5'))).toString()).toBe('exit 1\n');
    expect(fake.logHost.asked).toHaveLength(1);
    expect(fake.logHost.asked[0]).not.toHaveProperty('authorization');
    fake.fault({ answer: { status: 302, headers: { location: `${fake.logHost.url}/gone?sig=canary-signature` } } });
    const error: unknown = await all(forge.jobLog('5')).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ kind: 'InvalidInput', message: expect.stringContaining(new URL(fake.logHost.url).host) as string });
    expect(JSON.stringify(error) + String((error as Error).stack)).not.toContain('canary');
  });

  it('merges the runs of all workflows of a commit into one view, each in its newest run', async () => {
    const run = (id: number, workflow: { id: number; name: string }, state: 'passed' | 'failed' | 'running' | 'waiting' | 'skipped' | 'cancelled') => ({ id, branch: 'main', commit: base, state, workflow, jobs: [{ id: id * 10, name: `job ${id}`, stage: '', state, seconds: 1 }] });
    const [ci, docs] = [{ id: 1, name: 'CI' }, { id: 2, name: 'Docs' }];
    fake.runs.push(run(1, ci, 'failed'), run(2, docs, 'passed'), run(3, ci, 'running'));
    const merged = await forge.pipeline({ commit: base });
    expect(merged).toMatchObject({ id: '2+3', state: 'running', commit: base, url: `${fake.web}/${OWNER}/${NAME}/commit/${base}/checks` });
    expect(merged?.jobs.map(({ name, stage }) => [name, stage]).sort()).toEqual([['job 2', 'Docs'], ['job 3', 'CI']]);
    const states = async (...each: Parameters<typeof run>[2][]): Promise<string | undefined> => {
      fake.runs.splice(0, fake.runs.length, ...each.map((state, index) => run(index + 1, { id: index, name: String(index) }, state)));
      return (await forge.pipeline({ branch: 'main' }))?.state;
    };
    expect(await states('passed', 'failed')).toBe('failed');
    expect(await states('passed', 'cancelled')).toBe('cancelled');
    expect(await states('passed', 'skipped')).toBe('passed');
    expect(await states('skipped', 'skipped')).toBe('skipped');
    expect(await states('passed', 'waiting')).toBe('running');
    expect(await states('waiting', 'waiting')).toBe('waiting');
  });

  it('is waited for after its secondary limit: as long as it says, else a minute', async () => {
    const message = 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.';
    fake.fault({ answer: { status: 403, body: { message }, headers: { 'x-ratelimit-remaining': '4999' } } }, { answer: { status: 403, body: { message }, headers: { 'retry-after': '77' } } }, { answer: { status: 403, body: { message: 'Resource not accessible by personal access token' }, headers: { 'x-ratelimit-remaining': '4999' } } });
    await expect(forge.head('main')).rejects.toMatchObject({ kind: 'Unavailable', facts: { retryAfter: 60 } });
    await expect(forge.head('main')).rejects.toMatchObject({ kind: 'Unavailable', facts: { retryAfter: 77 } });
    await expect(forge.head('main')).rejects.toMatchObject({ kind: 'NotAllowed' });
  });

  it('has no commit yet: no head', async () => {
    fake.git.branches.clear();
    expect(await forge.head('main')).toBeNull();
  });

  it('has no lint', async () => expect(await forge.lint('on: push\n')).toBeNull());
});

async function all(log: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const pieces: Uint8Array[] = [];
  for await (const piece of log) pieces.push(piece);
  return pieces;
}
