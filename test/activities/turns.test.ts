// Turns: how many heavy acts go on at once.
import { expect, it } from 'vitest';
import { aloneInCache } from '../../activities/alone-in-cache.ts';
import { createTurns } from '../../activities/turns.ts';
import type { ActivityDeps } from '../../activities/act.ts';
import type { IngestJob } from '../../contract/ingest.ts';

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

it('lets nobody at the cache of a repository while an attempt that was believed dead is at work there', async () => {
  const order: string[] = [];
  const first = Promise.withResolvers<void>();
  const step = (name: string, until: Promise<void>) => aloneInCache(async () => {
    order.push(`${name} begins`);
    await until;
    order.push(`${name} ends`);
  });
  const at = (repository: string): [ActivityDeps, IngestJob, never] => [{ cache: '/cache' } as ActivityDeps, { repository } as IngestJob, { signal: never } as never];
  const dead = step('dead attempt', first.promise)(...at('a'));
  const next = step('next attempt', Promise.resolve())(...at('a'));
  await step('another', Promise.resolve())(...at('b'));
  expect(order).toEqual(['dead attempt begins', 'another begins', 'another ends']);
  first.resolve();
  await Promise.all([dead, next]);
  expect(order.slice(3)).toEqual(['dead attempt ends', 'next attempt begins', 'next attempt ends']);
});
