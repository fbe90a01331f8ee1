// A commit on a forge: all files at once, made once, over nothing that was not shown.
import { describe, expect, it } from 'vitest';
import type { CommitOrder } from '../../../forges/forge.ts';
import { expectCommitted, failureOf, opened, orderOf, seed, type Ground } from './ground.ts';

export function commitsOf(ground: Ground): void {
  describe('a commit', () => {
    it('holds all files at once, on a new branch at the base, with the modes that they had', async () => {
      const made = await ground.forge.commit(orderOf(ground.base));
      expectCommitted(ground.fake, made.commit, orderOf(ground.base));
      expect(made.url).toContain(made.commit);
      expect(ground.fake.git.entry(made.commit, 'build.sh')?.mode).toBe('100755');
      expect(ground.fake.git.branches.get('main')).toBe(ground.base);
    });

    it('is added to a branch that stands at the base', async () => {
      ground.fake.git.branches.set('pivo/pipeline-abc', ground.base);
      expectCommitted(ground.fake, (await ground.forge.commit(orderOf(ground.base))).commit, orderOf(ground.base));
    });

    it('begins at the base, though the default branch went on', async () => {
      ground.fake.git.push('main', 'Third', [{ path: '.ci/old.yml', content: 'newer: true\n' }]);
      expectCommitted(ground.fake, (await ground.forge.commit(orderOf(ground.base))).commit, orderOf(ground.base));
    });

    it('of the same order is the same one, one after the other or at once', async () => {
      const first = await ground.forge.commit(orderOf(ground.base));
      expect(await ground.forge.commit(orderOf(ground.base))).toEqual(first);
      const branch = 'pivo/pipeline-def';
      const both = await Promise.all([ground.forge.commit(orderOf(ground.base, { branch })), ground.forge.commit(orderOf(ground.base, { branch }))]);
      expect(both[0]).toEqual(both[1]);
      expectCommitted(ground.fake, both[0].commit, orderOf(ground.base, { branch }));
    });

    it.each(['before', 'after', 'within'] as const)('is made once, whichever answer is lost %s it was made', async (reset) => {
      await ground.forge.commit(orderOf(ground.base));
      const requests = ground.fake.asked.length;
      expect(requests).toBeGreaterThan(1);
      for (let lost = 1; lost <= requests; lost++) {
        const other = await ground.start();
        try {
          seed(other);
          const shaken = await opened(ground.kind, other);
          let seen = 0;
          other.fault({ on: () => ++seen === lost, reset });
          if (reset === 'within') await shaken.commit(orderOf(ground.base)).catch((error: unknown) => expect(error).toMatchObject({ kind: 'Unavailable' })); // half of a 404 is enough
          else expect(await failureOf(shaken.commit(orderOf(ground.base)))).toMatchObject({ kind: 'Unavailable', permanent: false });
          const made = await shaken.commit(orderOf(ground.base));
          expectCommitted(other, made.commit, orderOf(ground.base));
          expect(await shaken.commit(orderOf(ground.base))).toEqual(made);
          expect(other.wrong).toEqual([]);
        } finally {
          await other.close();
        }
      }
    });

    it('is refused with Exists where the branch is elsewhere, and the branch stays', async () => {
      const theirs = ground.fake.git.push('pivo/pipeline-abc', 'Theirs', [{ path: 'x', content: 'x' }]);
      expect(await failureOf(ground.forge.commit(orderOf(ground.base)))).toMatchObject({ kind: 'Exists', facts: { branch: 'pivo/pipeline-abc', head: theirs, base: ground.base } });
      expect(ground.fake.git.branches.get('pivo/pipeline-abc')).toBe(theirs);
    });

    it.each([
      ['another content', [{ path: '.ci/new folder/pipeline.yml', content: 'evil: true\n' }]],
      ['a file more', [{ path: '.ci/new folder/pipeline.yml', content: 'jobs: ä\n' }, { path: 'more', content: '' }]],
      ['a file less', []],
    ])('is not mistaken for one with the same parent and message and %s', async (_, files) => {
      const rest = [{ path: '.ci/old.yml', content: 'old: false\n' }, { path: 'build.sh', content: '#!/bin/sh\nmake\n', mode: '100755' }];
      const theirs = ground.fake.git.commit(ground.fake.git.treeWith(ground.fake.git.at(ground.base).tree, [...files, ...rest]), [ground.base], orderOf(ground.base).message);
      ground.fake.git.branches.set('pivo/pipeline-abc', theirs);
      expect(await failureOf(ground.forge.commit(orderOf(ground.base)))).toMatchObject({ kind: 'Exists' });
    });

    it.each([
      ['a file that is not what was shown', { path: '.ci/old.yml', content: 'new\n', existing: 'other: true\n' }],
      ['a file that was not shown', { path: '.ci/old.yml', content: 'new\n', existing: null }],
      ['a file that is gone', { path: '.ci/gone.yml', content: 'new\n', existing: 'old\n' }],
    ])('replaces never %s', async (_, file) => {
      expect(await failureOf(ground.forge.commit(orderOf(ground.base, { files: [file] })))).toMatchObject({ kind: 'Exists', facts: { path: file.path } });
      expect(ground.fake.git.branches.has('pivo/pipeline-abc')).toBe(false);
    });

    it('of a protected branch is NotAllowed, with what to do, and nothing moves', async () => {
      ground.fake.git.protectedBranches.add('main').add('pivo/pipeline-abc');
      const refused = await failureOf(ground.forge.commit(orderOf(ground.base, { branch: 'main' })));
      expect(refused).toMatchObject({ kind: 'NotAllowed', permanent: true });
      expect(refused.hint).toMatch(/branch/);
      expect(await failureOf(ground.forge.commit(orderOf(ground.base)))).toMatchObject({ kind: 'NotAllowed' });
      expect([...ground.fake.git.branches]).toEqual([['main', ground.base]]);
    });

    it.each([false, true])('that somebody is faster than is Exists, and theirs stays (branch there before: %s)', async (there) => {
      if (there) ground.fake.git.branches.set('pivo/pipeline-abc', ground.base);
      let theirs = '';
      ground.fake.fault({ on: ground.routes.writes, act: () => void (theirs = ground.fake.git.push('pivo/pipeline-abc', 'Theirs', [{ path: 'x', content: 'x' }])) });
      expect(await failureOf(ground.forge.commit(orderOf(ground.base)))).toMatchObject({ kind: 'Exists' });
      expect(ground.fake.git.isAncestor(theirs, ground.fake.git.branches.get('pivo/pipeline-abc') ?? '')).toBe(true);
    });

    it.each<[string, Partial<CommitOrder>]>([
      ['without files', { files: [] }],
      ['that changes nothing', { files: [{ path: 'a', content: 'x', existing: 'x' }] }],
      ['with a file twice', { files: [{ path: 'a', content: 'x', existing: null }, { path: 'a', content: 'y', existing: null }] }],
      ['with a path that leaves the repository', { files: [{ path: 'a/../../b', content: 'x', existing: null }] }],
      ['with an absolute path', { files: [{ path: '/etc/passwd', content: 'x', existing: null }] }],
      ["in git's own folder", { files: [{ path: '.GIT/hooks/post-checkout', content: 'x', existing: null }] }],
      ['on a branch that is none', { branch: 'a..b' }],
      ['on a branch that is an option', { branch: '-force' }],
      ['at a short commit', { base: 'abc1234' }],
      ['without a message', { message: ' \n' }],
    ])('%s is InvalidInput, and nothing is asked', async (_, wrong) => {
      expect(await failureOf(ground.forge.commit(orderOf(ground.base, wrong)))).toMatchObject({ kind: 'InvalidInput' });
      expect(ground.fake.asked).toEqual([]);
    });
  });
}
