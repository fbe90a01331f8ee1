// The reading operations, as every way in calls them.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseInput } from '../../contract/validation.ts';
import { gitText } from '../../git/process.ts';
import { cat } from '../../operations/cat.ts';
import { diff } from '../../operations/diff.ts';
import { log } from '../../operations/log.ts';
import { ls } from '../../operations/ls.ts';
import type { Operation, OperationContext } from '../../operations/operation.ts';
import { repos } from '../../operations/repos.ts';
import { verify } from '../../operations/verify.ts';
import { visits } from '../../operations/visits.ts';
import { bytesOf, openBackedUp, type BackedUp } from './backed-up.ts';
import type { z } from 'zod';

let archive: BackedUp;
let context: OperationContext;
let old: string;

beforeAll(async () => {
  archive = await openBackedUp();
  const origin = await archive.backUp('force-push');
  old = await gitText(['rev-parse', 'HEAD'], { gitDir: origin });
  await (await import('../fixtures/history-shapes.ts')).forcePush(origin);
  await archive.ingest(origin, 'force-push');
  await archive.backUp('empty-repository');
  context = {
    store: archive.deps.store,
    library: archive.library,
    paths: { index: '', state: join(archive.dir, 'state.db'), cache: join(archive.dir, 'read-cache'), spool: '', metadataSocket: '', credentials: '', logIndex: '' },
    drill: { maxAge: 30 }, workerId: 'worker', git: { protocols: ['file'] },
    agent: { origins: [], targets: [] },
    log: archive.deps.log,
    caller: { user: 'ada', via: 'cli', owner: true },
    temporal: () => Promise.reject(new Error('reading needs no Temporal')),
    status: () => Promise.reject(new Error('a test has no stack')),
  };
});
afterAll(() => archive.cleanUp());

function call<Input extends z.ZodType, Output>(operation: Operation<Input, Output>, input: object): Promise<Output> {
  return operation.run(context, parseInput(operation.input, input, operation.name), { signal: new AbortController().signal, onProgress: () => {} });
}

describe('reading operations', () => {
  test('change nothing and need no running PIVO', () => {
    for (const operation of [repos, visits, log, ls, cat, diff, verify]) expect(operation.kind).toBe('reads');
  });

  test('`repos` tells the last state of each repository, an empty one too', async () => {
    const states = await call(repos, {});
    expect(states.map(({ repository }) => repository)).toEqual(['empty-repository', 'force-push']);
    expect(states[0]).toMatchObject({ visits: 1, refs: 0, packs: 0, head: { symref: 'refs/heads/trunk', oid: null } });
    expect(states[1]).toMatchObject({ visits: 2, visit: 2, refs: 2, packs: 2, origin: archive.origin('force-push'), head: { symref: 'refs/heads/main' } });
  });

  test('`visits` lists the last first, a page at a time', async () => {
    expect((await call(visits, { repository: 'force-push' })).visits.map(({ seq }) => seq)).toEqual([2, 1]);
    const page = await call(visits, { repository: 'force-push', limit: 1, skip: 1 });
    expect(page).toMatchObject({ total: 2, visits: [{ seq: 1, head: old, outcome: 'full', changes: { created: 3 } }] });
  });

  test('`log` says whether there is more', async () => {
    const page = await call(log, { repository: 'force-push', point: old, limit: 10 });
    expect(page).toMatchObject({ point: { kind: 'commit', visit: 1, commit: old }, more: true });
    expect(page.commits).toHaveLength(10);
    expect(page.commits[0]).toMatchObject({ hash: old, subject: 'Commit 30', body: '', author: { name: 'Ada Lovelace' } });
    expect(await call(log, { repository: 'force-push', point: old, limit: 10, skip: 20 })).toMatchObject({ more: false });
    expect((await call(log, { repository: 'force-push', point: old, path: 'f3', limit: 100 })).commits).toHaveLength(7);
    expect((await call(log, { repository: 'force-push', all: true })).commits).toHaveLength(23);
    expect(await call(log, { repository: 'empty-repository' })).toMatchObject({ commits: [], more: false });
  });

  test('`ls` and `cat` answer for a commit that no ref has any more', async () => {
    const listing = await call(ls, { repository: 'force-push', point: old.slice(0, 9) });
    expect(listing).toMatchObject({ point: { commit: old }, truncated: false });
    expect(listing.entries.map(({ path }) => path)).toEqual(['f0', 'f1', 'f2', 'f3']);
    expect(await call(ls, { repository: 'force-push', limit: 2 })).toMatchObject({ entries: { length: 2 }, truncated: true });
    const file = await call(cat, { repository: 'force-push', point: old, path: 'f1' });
    expect(file).toMatchObject({ mode: '100644', path: 'f1', bytes: 12, point: { visit: 1 } });
    expect((await bytesOf(file.content)).toString()).toBe('f1 as of 29\n');
  });

  test('`ls` of a repository without commits says so', async () => {
    await expect(call(ls, { repository: 'empty-repository' })).rejects.toMatchObject({ kind: 'NotFound', message: 'empty-repository@latest is no commit' });
  });

  test('`diff` compares any two points, up to a limit', async () => {
    const all = await call(diff, { repository: 'force-push', from: old, to: 'main' });
    expect(all).toMatchObject({ from: { visit: 1 }, to: { visit: 2, kind: 'branch' }, truncated: false });
    expect(all.files.map(({ status, path }) => status + path)).toEqual(['Mf0', 'Mf1', 'Mf2', 'Mf3', 'Alater.txt']);
    expect(await call(diff, { repository: 'force-push', from: old, to: 'main', limit: 2 })).toMatchObject({ files: { length: 2 }, truncated: true });
    expect(await call(diff, { repository: 'force-push', from: old, to: 'main', limitBytes: 10 })).toMatchObject({ files: [], truncated: true });
    expect((await call(diff, { repository: 'force-push', from: old, to: 'main', path: 'f2' })).files).toHaveLength(1);
  });

  test('`verify` answers for one repository and for all', async () => {
    expect(await call(verify, {})).toMatchObject({ ok: true, repositories: [{ repository: 'empty-repository', ok: true, packs: 0 }, { repository: 'force-push', ok: true }] });
    expect((await call(verify, { repository: 'force-push' })).repositories).toHaveLength(1);
  });

  test('refuse names and limits that make no sense', async () => {
    expect(() => call(ls, { repository: '../x' })).toThrow(/repository/);
    expect(() => call(log, { repository: 'force-push', limit: 0 })).toThrow(/limit/);
    expect(() => call(cat, { repository: 'force-push' })).toThrow(/path/);
    await expect(call(repos, { repository: 'unknown' })).rejects.toMatchObject({ kind: 'NotFound' });
  });
});
