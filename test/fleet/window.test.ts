// The window of a fleet run as plain state: whose turn it is, when the book is read on, and what travels to the next history.
import { describe, expect, it } from 'vitest';
import { hostOf } from '../../sources/place.ts';
import type { FleetEntry } from '../../contract/fleet.ts';
import { outcomeOf, sumOf } from '../../workflows/fleet-outcome.ts';
import { MOST_RUNNING, begin, carriedOf, isOver, leave, nextOf, openWindow, take, wantsMore, type FleetWindow } from '../../workflows/fleet-window.ts';

const NOW = '2026-11-22T00:00:00.000Z';
const entry = (repository: string, host: string, after: string | null = null): FleetEntry => ({ repository, path: repository, url: `https://${host}/${repository}.git`, formerUrl: null, host, wiki: false, after });
const windowOf = (atOnce: number, entries: FleetEntry[], cursor: string | null = null): FleetWindow => {
  const window = openWindow({ atOnce, cursor: null, running: [] });
  take(window, { entries, cursor });
  return window;
};

/** Everybody who can begin, begins. */
function beginAll(window: FleetWindow): string[] {
  const names: string[] = [];
  for (let next = nextOf(window); next !== null; next = nextOf(window)) names.push(begin(window, next, NOW).repository);
  return names;
}

describe('the window of a fleet run', () => {
  it('gives each host so many places, and a full host keeps no other waiting', () => {
    const window = windowOf(2, [entry('a', 'one'), entry('b', 'one'), entry('c', 'one'), entry('d', 'two'), entry('e', 'one'), entry('f', 'three')]);
    expect(beginAll(window)).toEqual(['a', 'b', 'd', 'f']);
    leave(window, entry('b', 'one'));
    expect(beginAll(window)).toEqual(['c']);
    expect(window.ahead.map(({ repository }) => repository)).toEqual(['e']);
  });

  it('never has more running than all hosts together may', () => {
    const window = windowOf(1, Array.from({ length: MOST_RUNNING + 5 }, (_, n) => entry(`r${n}`, `host${n}`)));
    expect(beginAll(window)).toHaveLength(MOST_RUNNING);
    expect(wantsMore(window)).toBe(false);
  });

  it('reads on while nobody who waits can begin, but not without an end', () => {
    const window = windowOf(1, [entry('a', 'one')], 'a');
    beginAll(window);
    expect(wantsMore(window)).toBe(true);
    take(window, { entries: Array.from({ length: 500 }, (_, n) => entry(`b${n}`, 'one', 'a')), cursor: 'b499' });
    expect(wantsMore(window)).toBe(false);
    window.ahead = [entry('c', 'two')];
    expect(wantsMore(window)).toBe(false); // somebody can begin
  });

  it('is over when the book is, and nobody waits or runs', () => {
    const window = windowOf(1, [entry('a', 'one')]);
    expect(isOver(window)).toBe(false);
    beginAll(window);
    expect(isOver(window)).toBe(false);
    leave(window, entry('a', 'one'));
    expect(isOver(window)).toBe(true);
  });

  it('goes on in the next history before the first that waited, and takes nobody twice that still runs', () => {
    const window = windowOf(1, [entry('a', 'one'), entry('b', 'one', 'a'), entry('c', 'two', 'b')], 'c');
    expect(beginAll(window)).toEqual(['a', 'c']);
    const carried = carriedOf(window);
    expect(carried).toMatchObject({ cursor: 'a', running: [{ repository: 'a' }, { repository: 'c' }] });
    const next = openWindow(carried);
    take(next, { entries: [entry('b', 'one', 'a'), entry('c', 'two', 'b')], cursor: null });
    expect(next.ahead.map(({ repository }) => repository)).toEqual(['b']);
  });

  it('takes nobody twice whose end a page of the book does not know yet', () => {
    const running = { ...entry('c', 'two', 'b'), started: NOW, runId: 'one', own: true };
    const window = openWindow({ atOnce: 1, cursor: 'a', running: [running] });
    leave(window, running);
    take(window, { entries: [entry('b', 'one', 'a'), entry('c', 'two', 'b')], cursor: null });
    expect(beginAll(window)).toEqual(['b']);
  });

  it('goes on behind the last that was taken where nobody waited', () => {
    const window = windowOf(3, [entry('a', 'one')], 'a');
    beginAll(window);
    expect(carriedOf(window).cursor).toBe('a');
  });
});

describe('an outcome', () => {
  it('is held before anything else, and unchanged only where nothing came', () => {
    expect([outcomeOf({ held: true, unchanged: false }), outcomeOf({ held: true, unchanged: true }), outcomeOf({ unchanged: true }), outcomeOf({ unchanged: false })]).toEqual(['held', 'held', 'unchanged', 'done']);
  });

  it('is counted once', () => {
    expect(sumOf([{ outcome: 'done' }, { outcome: 'failed' }, { outcome: 'done' }])).toEqual({ done: 2, unchanged: 0, held: 0, failed: 1, vanished: 0, nothing: 0 });
  });
});

it('a host is told from a URL however it is written', () => {
  expect(['https://Git.Example.com/a/b', 'git@git.example.com:a/b.git', 'ssh://git@git.example.com/a/b', 'https://git.example.com:8443/a/b', '/srv/a.git', 'file:///srv/a.git'].map(hostOf)).toEqual(['git.example.com', 'git.example.com', 'git.example.com', 'git.example.com:8443', '', '']);
});
