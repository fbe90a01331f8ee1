// A few acts at the same time, as packs are archived and copied: never too many, and none left running.
import { once } from 'node:events';
import { setImmediate as later } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { eachAtOnce } from '../../archive/at-once.ts';

it('does all in their order, and never more at once than it may', async () => {
  const begun: number[] = [];
  let running = 0;
  let most = 0;
  await eachAtOnce([0, 1, 2, 3, 4, 5, 6], 3, async (n) => {
    begun.push(n);
    most = Math.max(most, ++running);
    for (let turns = 0; turns <= 7 - n; turns++) await later();
    running--;
  });
  expect({ begun, most, running }).toEqual({ begun: [0, 1, 2, 3, 4, 5, 6], most: 3, running: 0 });
});

it('a failure aborts those under way, begins none, and is told once they have ended', async () => {
  const ended: string[] = [];
  const act = async (name: string, signal: AbortSignal): Promise<void> => {
    if (name === 'bad') throw new Error('the first failure');
    await once(signal, 'abort');
    await later();
    ended.push(name);
    throw signal.reason;
  };
  await expect(eachAtOnce(['long', 'bad', 'never begun'], 2, act)).rejects.toThrow('the first failure');
  expect(ended).toEqual(['long']);
});

it('whoever cancels it reaches every act', async () => {
  const cancel = new AbortController();
  const begun = Promise.withResolvers<void>();
  const running = eachAtOnce([1, 2], 2, async (n, signal) => {
    if (n === 2) begun.resolve();
    await once(signal, 'abort');
    throw signal.reason;
  }, cancel.signal);
  await begun.promise;
  cancel.abort(new Error('cancelled'));
  await expect(running).rejects.toThrow('cancelled');
});

it('nothing to do is done, and what is undefined is an item like any other', async () => {
  await eachAtOnce([], 2, () => Promise.reject(new Error('there is none')));
  let count = 0;
  await eachAtOnce([undefined, null, 0], 1, async () => void count++);
  expect(count).toBe(3);
});
