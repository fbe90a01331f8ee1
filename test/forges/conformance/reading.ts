// What a forge tells of a repository, its runs and their logs, and a request to merge.
import { describe, expect, it } from 'vitest';
import type { Forge } from '../../../forges/forge.ts';
import { NAME, OWNER, type FakeRun } from '../fake-forge.ts';
import { failureOf, orderOf, textOf, type Ground } from './ground.ts';

export function readingOf(ground: Ground): void {
  describe('a repository', () => {
    it('is told with its path, its default branch and its page', async () => {
      expect(await ground.forge.repository()).toEqual({ path: `${OWNER}/${NAME}`, defaultBranch: 'main', url: `${ground.fake.web}/${OWNER}/${NAME}` });
    });

    it('that is not there is NotFound', async () => {
      const other = ground.other({}, 'acme/other');
      expect(await failureOf(other.repository())).toMatchObject({ kind: 'NotFound' });
    });

    it('gives the text of a file, and null where there is no file', async () => {
      expect(await ground.forge.file('src/main.js', 'main')).toBe('run();\n');
      expect(await ground.forge.file('src/main.js', ground.base)).toBe('run();\n');
      expect(await ground.forge.file('src/other.js', 'main')).toBeNull();
      expect(await ground.forge.file('src', 'main')).toBeNull();
      expect(await failureOf(ground.forge.file('logo.png', 'main'))).toMatchObject({ kind: 'InvalidInput' });
    });

    it('gives the commit of a branch, and null where there is none', async () => {
      ground.fake.git.push('feature/a-b', 'x', [{ path: 'a', content: '' }]);
      expect(await ground.forge.head('main')).toBe(ground.base);
      expect(await ground.forge.head('feature/a-b')).toBe(ground.fake.git.branches.get('feature/a-b'));
      expect(await ground.forge.head('none')).toBeNull();
    });
  });

  describe('secret variables', () => {
    it('are told by name, however many there are, and those that are no secret are not', async () => {
      const secrets = Array.from({ length: 120 }, (_, i) => `KEY_${String(i).padStart(3, '0')}`);
      ground.fake.variables.push({ name: 'PLAIN', masked: false }, ...secrets.map((name) => ({ name, masked: true })));
      expect(await ground.forge.variables()).toEqual(secrets);
    });

    it('are none where the token may not see them', async () => {
      ground.fake.variables.push({ name: 'KEY', masked: true });
      for (const status of [403, 404]) {
        ground.fake.fault({ on: ground.routes.variables, answer: { status, body: { message: 'no' } } });
        expect(await ground.forge.variables()).toEqual([]);
      }
      ground.fake.limit(60);
      expect(await failureOf(ground.forge.variables())).toMatchObject({ kind: 'Unavailable' });
      ground.fake.lift();
    });
  });

  describe('a request to merge', () => {
    const ask = (): ReturnType<Forge['requestMerge']> => ground.forge.requestMerge('pivo/pipeline-abc', 'main', 'Add a pipeline', 'It does *this*.');

    it('is opened once, with title and body, and given again', async () => {
      await ground.forge.commit(orderOf(ground.base));
      const made = await ask();
      expect(made).toEqual({ number: 1, url: expect.stringContaining('/1') as string });
      expect(await ask()).toEqual(made);
      expect(ground.fake.requests).toEqual([{ number: 1, source: 'pivo/pipeline-abc', target: 'main', title: 'Add a pipeline', body: 'It does *this*.', state: 'open' }]);
    });

    it('is opened once where the answer is lost, and where two ask at once', async () => {
      await ground.forge.commit(orderOf(ground.base));
      ground.fake.fault({ on: ground.routes.merge, reset: 'after' });
      expect(await failureOf(ask())).toMatchObject({ kind: 'Unavailable' });
      expect(await Promise.all([ask(), ask()])).toEqual([expect.objectContaining({ number: 1 }), expect.objectContaining({ number: 1 })]);
      ground.fake.fault({ on: ground.routes.merge, act: () => void ground.fake.requests.push({ number: 2, source: 'pivo/pipeline-abc', target: 'main', title: 'Theirs', body: '', state: 'open' }) });
      for (const each of ground.fake.requests) each.state = 'closed';
      expect(await ask()).toMatchObject({ number: 2 });
    });

    it('from a branch that is not there is InvalidInput', async () => {
      expect(await failureOf(ask())).toMatchObject({ kind: 'InvalidInput' });
    });
  });

  describe('a run', () => {
    const job = (id: number, state: FakeRun['state'], seconds: number | null = null): FakeRun['jobs'][number] => ({ id, name: `job ${id}`, stage: 'test', state, seconds });

    it('is null while there is none', async () => {
      expect(await ground.forge.pipeline({ commit: ground.base })).toBeNull();
      expect(await ground.forge.pipeline({ branch: 'main' })).toBeNull();
    });

    it('is the newest of its commit or branch, with the state of each job', async () => {
      ground.fake.runs.push({ id: 10, branch: 'main', commit: ground.base, state: 'failed', jobs: [job(100, 'failed', 3)] });
      ground.fake.runs.push({ id: 11, branch: 'main', commit: ground.base, state: 'running', jobs: [job(110, 'passed', 65), job(111, 'failed', 2), job(112, 'running', 5), job(113, 'waiting'), job(114, 'cancelled', 1), job(115, 'skipped', 0)] });
      ground.fake.runs.push({ id: 12, branch: 'other', commit: 'f'.repeat(40), state: 'passed', jobs: [job(120, 'passed', 1)] });
      const expected = { id: '11', commit: ground.base, state: 'running', url: expect.stringContaining('/11') as string };
      for (const of of [{ commit: ground.base }, { branch: 'main' }, { commit: ground.base, branch: 'main' }]) expect(await ground.forge.pipeline(of)).toMatchObject(expected);
      const { jobs } = (await ground.forge.pipeline({ commit: ground.base })) ?? { jobs: [] };
      expect(jobs.map(({ id, name, state }) => [id, name, state])).toEqual([['110', 'job 110', 'passed'], ['111', 'job 111', 'failed'], ['112', 'job 112', 'running'], ['113', 'job 113', 'waiting'], ['114', 'job 114', 'cancelled'], ['115', 'job 115', 'skipped']]);
      expect(jobs[0]).toMatchObject({ seconds: 65, url: expect.stringContaining('110') as string });
      expect(jobs[3]).toMatchObject({ seconds: null });
    });

    it('has all of its jobs, however many', async () => {
      ground.fake.runs.push({ id: 10, branch: 'main', commit: ground.base, state: 'passed', jobs: Array.from({ length: 250 }, (_, index) => job(1_000 + index, 'passed', 1)) });
      const { jobs } = (await ground.forge.pipeline({ commit: ground.base })) ?? { jobs: [] };
      expect(jobs.map(({ id }) => id)).toEqual(Array.from({ length: 250 }, (_, index) => String(1_000 + index)));
    });
  });

  describe('the log of a job', () => {
    const withLog = (log: Uint8Array): void => void ground.fake.runs.push({ id: 10, branch: 'main', commit: ground.base, state: 'failed', jobs: [{ id: 100, name: 'test', stage: 'test', state: 'failed', seconds: 1, log }] });

    it('comes as it is', async () => {
      withLog(Buffer.from('\u001b[0Kline ä\r\nexit 1\n'));
      expect(await textOf(ground.forge.jobLog('100'))).toBe('\u001b[0Kline ä\r\nexit 1\n');
    });

    it('comes in pieces, and need not be read to its end', async () => {
      withLog(Buffer.alloc(8 * 2 ** 20, 'line\n'));
      let pieces = 0;
      for await (const piece of ground.forge.jobLog('100')) {
        expect(piece.length).toBeLessThan(2 ** 20);
        if (++pieces === 3) break;
      }
      expect(pieces).toBe(3);
    });

    it('of a job that is not there is NotFound', async () => {
      expect(await failureOf(textOf(ground.forge.jobLog('99')))).toMatchObject({ kind: 'NotFound' });
    });

    it('ends with the reason of who aborts it', async () => {
      withLog(Buffer.alloc(8 * 2 ** 20, 'line\n'));
      const stop = new AbortController();
      const read = (async () => {
        for await (const _ of ground.forge.jobLog('100', stop.signal)) stop.abort(new Error('enough'));
      })();
      await expect(read).rejects.toThrow('enough');
    });
  });
}
