// Turns: how many heavy acts go on at once.
import { expect, it } from 'vitest';
import { createTurns } from '../../activities/turns.ts';

const never = new AbortController().signal;

it('lets as many work at once as there are turns, in the order they came', async () => {
  const turns = createTurns(2);
  const order: string[] = [];
  const ends = ['a', 'b', 'c', 'd'].map((name) => ({ name, end: Promise.withResolvers<void>() }));
  const works = ends.map(({ name, end }) => turns.take(never, () => (order.push(name), end.promise)));
  expect(order).toEqual([]);
  await Promise.resolve();
  expect(order).toEqual(['a', 'b']);
  for (const { end } of ends) end.resolve();
  await Promise.all(works);
  expect(order).toEqual(['a', 'b', 'c', 'd']);
});

it('gives the turn of one that failed to the next', async () => {
  const turns = createTurns(1);
  await expect(turns.take(never, () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
  expect(await turns.take(never, async () => 'next')).toBe('next');
});

it('lets one that is cancelled while it waits go, and nobody wait for it', async () => {
  const turns = createTurns(1);
  const first = Promise.withResolvers<void>();
  const cancel = new AbortController();
  const working = turns.take(never, () => first.promise);
  const waiting = turns.take(cancel.signal, async () => 'never done');
  const last = turns.take(never, async () => 'done');
  cancel.abort(new Error('cancelled'));
  await expect(waiting).rejects.toThrow('cancelled');
  first.resolve();
  await working;
  expect(await last).toBe('done');
});
