// What a refusal means: its kind, its words without the token, and the seconds to wait.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { refusalFailure, type Refusal } from '../../forges/failures.ts';
import { blobId } from '../../forges/order.ts';
import { GitModel } from './git-model.ts';

const refusal = (status: number, headers: Record<string, string> = {}, body = ''): ReturnType<typeof refusalFailure> =>
  refusalFailure({ forge: 'GitHub', request: 'GET /repos/a/b', credential: 'hub', status, headers: new Headers(headers), body, token: 'sesame-123' } satisfies Refusal);

const date = 'Sat, 21 Nov 2026 12:00:00 GMT';
const now = Date.parse(date) / 1000;

describe('the seconds to wait', () => {
  it.each<[string, number, Record<string, string>, number | undefined]>([
    ['Retry-After in seconds', 429, { 'retry-after': '7' }, 7],
    ['Retry-After as a date, by the clock of the forge', 503, { date, 'retry-after': 'Sat, 21 Nov 2026 12:01:30 GMT' }, 90],
    ['a date that is past', 503, { date, 'retry-after': 'Sat, 21 Nov 2026 11:00:00 GMT' }, 1],
    ["GitHub's reset", 403, { date, 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(now + 1800) }, 1800],
    ["GitLab's reset", 429, { date, 'ratelimit-remaining': '0', 'ratelimit-reset': String(now + 31) }, 31],
    ['Retry-After before a reset', 429, { date, 'retry-after': '5', 'ratelimit-remaining': '0', 'ratelimit-reset': String(now + 31) }, 5],
    ['a limit that is not spent, so that its reset says nothing', 429, { date, 'x-ratelimit-remaining': '12', 'x-ratelimit-reset': String(now + 1800) }, 60],
    ['a limit that says nothing', 429, {}, 60],
    ['a reset in many years', 429, { date, 'ratelimit-remaining': '0', 'ratelimit-reset': '9999999999' }, 86_400],
    ['a reset that is past', 403, { date, 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(now - 5) }, 1],
    ['words for a number', 503, { 'retry-after': 'soon' }, undefined],
    ['an error of the server', 500, {}, undefined],
  ])('are known from %s', (_, status, headers, seconds) => {
    const error = refusal(status, headers);
    expect(error.kind).toBe('Unavailable');
    expect(error.facts['retryAfter']).toBe(seconds);
  });
});

describe('the words', () => {
  it.each([
    [{ message: 'Validation Failed', errors: [{ resource: 'PullRequest', field: 'head', code: 'invalid' }, { message: 'No commits' }] }, 'Validation Failed; head invalid; No commits'],
    [{ message: { base: ['is taken'], source_branch: ['does not exist'] } }, 'base is taken; source_branch does not exist'],
    [{ message: ['one', 'two'] }, 'one; two'],
    [{ error: 'insufficient_scope', error_description: 'needs api' }, 'insufficient_scope; needs api'],
    ['plain\nwords', 'plain words'],
    ['<html>A page</html>', ''],
    [42, ''],
  ])('of %j are told', (body, words) => {
    expect(refusal(422, {}, typeof body === 'string' ? body : JSON.stringify(body)).message).toBe(`GitHub refused: GET /repos/a/b (422)${words === '' ? '' : `: ${words}`}`);
  });

  it('never hold the token, nor more than a few lines', () => {
    for (const status of [400, 401, 403, 404, 409, 422, 429, 500]) expect(JSON.stringify(refusal(status, {}, JSON.stringify({ message: 'wrong sesame-123, yes sesame-123' })).report())).not.toContain('sesame');
    expect(refusal(400, {}, 'x'.repeat(5_000)).message.length).toBeLessThan(400);
  });
});

describe('ids', () => {
  it("are git's own, of the order and of the fakes", async () => {
    const dir = await mkdtemp(join(tmpdir(), 'pivo-forges-'));
    try {
      const git = async (...args: string[]): Promise<string> => (await promisify(execFile)('git', ['-C', dir, '-c', 'core.autocrlf=false', ...args])).stdout.trim();
      await git('init', '--quiet');
      await mkdir(join(dir, 'a.d', 'deep'), { recursive: true });
      await writeFile(join(dir, 'a'), 'ä\r\n');
      await writeFile(join(dir, 'a.d', 'deep', 'run'), '#!/bin/sh\n', { mode: 0o755 });
      await writeFile(join(dir, 'a.d0'), '');
      await symlink('a', join(dir, 'link'));
      await git('add', '--all');
      const model = new GitModel();
      const tree = model.treeWith(model.treeWith(null, [{ path: 'a', content: 'other' }, { path: 'link', content: 'a', mode: '120000' }]), [{ path: 'a', content: 'ä\r\n' }, { path: 'a.d/deep/run', content: '#!/bin/sh\n', mode: '100755' }, { path: 'a.d0', content: '' }]);
      expect(tree).toBe(await git('write-tree'));
      expect(blobId('ä\r\n', 'a'.repeat(40))).toBe(await git('hash-object', 'a'));
    } finally {
      await rm(dir, { recursive: true });
    }
  });

  it('are SHA-256 where the repository is', () => {
    expect(blobId('', 'a'.repeat(64))).toBe('473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813');
  });
});
