// A project on GitLab keeps what the port promises, and asks GitLab as its API is documented.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openGitlab } from '../../forges/gitlab/forge.ts';
import type { Forge } from '../../forges/forge.ts';
import { conformance } from './conformance/suite.ts';
import { NAME, OWNER, TOKEN, type FakeForge } from './fake-forge.ts';
import { startFakeGitlab } from './fake-gitlab.ts';

conformance({
  kind: 'gitlab',
  start: startFakeGitlab,
  open: openGitlab,
  routes: { writes: 'POST /projects/{id}/repository/commits', merge: 'POST /projects/{id}/merge_requests', repository: 'GET /projects/{id}', variables: 'GET /projects/{id}/variables' },
});

describe('GitLab', () => {
  let fake: FakeForge;
  let forge: Forge;
  beforeEach(async () => {
    fake = await startFakeGitlab();
    forge = openGitlab({ forge: 'GitLab', api: new URL(`${fake.api}/`), credential: 'forge', token: () => Promise.resolve(TOKEN) }, `${OWNER}/${NAME}`);
  });
  afterEach(async () => {
    await fake.close();
    expect(fake.wrong).toEqual([]);
  });

  it('is asked once for a commit: the base, and for each file that is replaced the commit it was read at', async () => {
    const base = fake.git.push('main', 'First', [{ path: '.gitlab-ci.yml', content: 'old: true\n' }]);
    await forge.commit({ branch: 'b', base, message: 'm', files: [{ path: '.gitlab-ci.yml', content: 'new: true\n', existing: 'old: true\n' }, { path: 'Dockerfile', content: 'FROM scratch\n', existing: null }] });
    const writes = fake.asked.filter(({ method }) => method !== 'GET');
    expect(writes.map(({ body }) => body)).toEqual([
      { branch: 'b', start_sha: base, commit_message: 'm', actions: [{ action: 'update', file_path: '.gitlab-ci.yml', content: 'new: true\n', last_commit_id: base }, { action: 'create', file_path: 'Dockerfile', content: 'FROM scratch\n' }] },
    ]);
  });

  it('lints a CI file of the project', async () => {
    expect(await forge.lint('test:\n  script: [make]\n')).toEqual([]);
    expect(await forge.lint('test:\n\tscript: [make]\n  only: [main]\n')).toEqual([
      { check: 'forge', severity: 'error', path: '.gitlab-ci.yml', line: 2, message: expect.stringContaining('at line 2') as string },
      { check: 'forge', severity: 'warning', path: '.gitlab-ci.yml', line: null, message: 'jobs:test may allow multiple pipelines to run' },
    ]);
  });

  it('without a branch yet is told so', async () => {
    await expect(forge.repository()).rejects.toMatchObject({ kind: 'NotFound', message: expect.stringContaining('no branch') as string });
  });

  it('tells what is wrong in its own words', async () => {
    fake.git.push('main', 'First', [{ path: 'a', content: 'a' }]);
    await expect(forge.requestMerge('none', 'main', 't', 'b')).rejects.toMatchObject({ message: expect.stringContaining('source_branch does not exist') as string });
  });
});
