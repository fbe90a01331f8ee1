// What becomes of refusals, limits and broken connections, and where the token goes.
import { describe, expect, it } from 'vitest';
import { NAME, OWNER, TOKEN } from '../fake-forge.ts';
import { expectCommitted, failureOf, orderOf, textOf, type Ground } from './ground.ts';

export function failuresOf(ground: Ground): void {
  describe('a refusal', () => {
    const refusal = (status: number, headers: Record<string, string> = {}, message = `no, ${TOKEN}`): void => ground.fake.fault({ answer: { status, headers, body: { message } } });

    it.each([
      [400, 'InvalidInput'],
      [401, 'CredentialMissing'],
      [403, 'NotAllowed'],
      [404, 'NotFound'],
      [409, 'Exists'],
      [410, 'NotFound'],
      [422, 'InvalidInput'],
      [429, 'Unavailable'],
      [500, 'Unavailable'],
      [502, 'Unavailable'],
      [503, 'Unavailable'],
    ])('%i is %s, told without the token and asked once', async (status, expected) => {
      refusal(status);
      const error = await failureOf(ground.forge.repository());
      expect(error).toMatchObject({ kind: expected, facts: { status } });
      expect(error.hint).toBeTruthy();
      expect(ground.fake.asked).toHaveLength(1);
    });

    it('tells when to come back', async () => {
      refusal(503, { 'retry-after': '17' });
      expect(await failureOf(ground.forge.repository())).toMatchObject({ kind: 'Unavailable', facts: { retryAfter: 17 } });
      refusal(429, { 'retry-after': new Date(Date.now() + 90_000).toUTCString() });
      expect((await failureOf(ground.forge.repository())).facts['retryAfter']).toBeOneOf([89, 90, 91]);
    });

    it('by its rate limit is Unavailable until that is reset, and everything goes on then', async () => {
      ground.fake.limit(40);
      const error = await failureOf(ground.forge.commit(orderOf(ground.base)));
      expect(error).toMatchObject({ kind: 'Unavailable', permanent: false });
      expect(error.facts['retryAfter']).toBeOneOf([39, 40, 41]);
      ground.fake.lift();
      expectCommitted(ground.fake, (await ground.forge.commit(orderOf(ground.base))).commit, orderOf(ground.base));
    });

    it('of a token that is wrong names the credential', async () => {
      const stranger = ground.other({ token: () => Promise.resolve('canary-other') });
      expect(await failureOf(stranger.repository())).toMatchObject({ kind: 'CredentialMissing', message: expect.stringContaining('"forge"') as string, hint: expect.stringContaining('pivo credential add forge') as string });
    });
  });

  describe('a connection', () => {
    it.each(['before', 'within'] as const)('that breaks %s the answer is Unavailable', async (reset) => {
      ground.fake.fault({ reset });
      expect(await failureOf(ground.forge.repository())).toMatchObject({ kind: 'Unavailable' });
    });

    it('that nobody answers on is given up', async () => {
      ground.fake.fault({ hang: true });
      const impatient = ground.other({ patience: 0.2 });
      expect(await failureOf(impatient.repository())).toMatchObject({ kind: 'Unavailable', message: expect.stringContaining('0.2 s') as string });
      ground.fake.fault({ hang: true });
      expect(await failureOf(textOf(impatient.jobLog('100')))).toMatchObject({ kind: 'Unavailable' });
    });

    it('ends with the reason of who aborts it', async () => {
      const stop = new AbortController();
      ground.fake.fault({ hang: true });
      const asked = ground.fake.next(ground.routes.repository);
      const waiting = ground.forge.repository(stop.signal);
      await asked;
      stop.abort(new Error('enough'));
      await expect(waiting).rejects.toThrow('enough');
      await expect(ground.forge.head('main', stop.signal)).rejects.toThrow('enough');
    });

    it('that brings too much, or no JSON, is given up', async () => {
      ground.fake.fault({ answer: { status: 200, headers: { 'content-type': 'application/json' }, body: Buffer.alloc(17 * 2 ** 20, ' ') } });
      expect(await failureOf(ground.forge.repository())).toMatchObject({ kind: 'LimitExceeded' });
      ground.fake.fault({ answer: { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>Please log in' } });
      expect(await failureOf(ground.forge.repository())).toMatchObject({ kind: 'Unavailable' });
      ground.fake.fault({ answer: { status: 200, headers: { 'content-type': 'application/json' }, body: '{"half":' } });
      expect(await failureOf(ground.forge.repository())).toMatchObject({ kind: 'Unavailable' });
    });

    it('is followed to another address of the same host, and never to another host', async () => {
      const page = ground.fake.asked.length;
      ground.fake.fault({ on: ground.routes.repository, answer: { status: 301, headers: { location: ground.kind === 'gitlab' ? `${ground.fake.api}/projects/7` : `${ground.fake.api}/repos/${OWNER}/${NAME}` } } });
      expect(await ground.forge.repository()).toMatchObject({ path: `${OWNER}/${NAME}` });
      expect(ground.fake.asked.length).toBe(page + 2);
      const other = await ground.start();
      try {
        for (const status of [301, 302, 307, 308]) {
          ground.fake.fault({ answer: { status, headers: { location: `${other.api}/canary` } } });
          expect(await failureOf(ground.forge.repository())).toMatchObject({ kind: 'NotAllowed', message: expect.stringContaining(new URL(other.web).host) as string });
        }
        expect(other.asked).toEqual([]);
      } finally {
        await other.close();
      }
    });

    it('never ends in a circle', async () => {
      for (let times = 0; times < 5; times++) ground.fake.fault({ answer: { status: 302, headers: { location: `${ground.fake.api}/round` } } });
      expect(await failureOf(ground.forge.repository())).toMatchObject({ kind: 'NotAllowed' });
    });
  });

  it('the token is sent in one header of each request, and nowhere else', async () => {
    await ground.forge.commit(orderOf(ground.base));
    await ground.forge.requestMerge('pivo/pipeline-abc', 'main', 'Title', 'Body');
    for (const { headers, path, query, body } of ground.fake.asked) {
      expect(headers.authorization).toBe(`Bearer ${TOKEN}`);
      expect(JSON.stringify([path, [...query], body, { ...headers, authorization: '' }])).not.toContain(TOKEN);
    }
  });
}
