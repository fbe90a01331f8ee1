// The order of backups that pushes ask for: fair, none lost, none too often, whatever comes in whatever order.
import { array, assert, constantFrom, integer, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FailureKind } from '../../contract/failures.ts';
import type { PushedOrigin } from '../../contract/push.ts';
import { again, began, begin, emptyQueue, failed, joins, nextOf, succeeded, takePushes, viewOf, waitOf, type PushQueue } from '../../workflows/push-queue.ts';

const SETTINGS = { every: 15, atOnce: 4 };
let signals = 0;

const pushed = (key: string, first: number, count = 1): PushedOrigin => ({ key, url: `${key}.git`, repository: key.split('/').at(-1) ?? '', owner: key.slice(0, key.lastIndexOf('/')), credential: null, count, first, last: first });

const push = (queue: PushQueue, key: string, now: number): void => takePushes(queue, { id: `signal-${signals++}`, settings: queue.settings, pushed: [pushed(key, now)], ignored: [] }, now);

function start(queue: PushQueue, now: number): string | null {
  const item = nextOf(queue, now);
  if (item === null) return null;
  begin(queue, item);
  began(queue, item.key, item.repository ?? 'named', now);
  return item.key;
}

const done = (queue: PushQueue, key: string, now: number): void => succeeded(queue, key, { repository: 'r', visit: 1, time: new Date(now).toISOString() }, now);
const fails = (queue: PushQueue, key: string, now: number, kind: FailureKind = 'OriginUnreachable'): void => failed(queue, key, { kind, message: 'no' }, now);

describe('the queue of pushes', () => {
  it('takes a signal once', () => {
    const queue = emptyQueue(SETTINGS);
    const signal = { id: 'one', settings: SETTINGS, pushed: [pushed('f/a/x', 1)], ignored: [{ source: 's', repository: 'o/r', count: 2, last: 5 }] };
    takePushes(queue, signal, 1);
    takePushes(queue, signal, 2);
    expect(viewOf(queue, 10)).toMatchObject({ waiting: 1, backups: [{ pushes: 1 }], ignored: [{ count: 2 }] });
  });

  it('gives owners turns, and of an owner the oldest push', () => {
    const queue = emptyQueue({ every: 0, atOnce: 5 });
    for (const [at, key] of ['f/a/1', 'f/a/2', 'f/a/3', 'f/b/1', 'f/c/1'].entries()) push(queue, key, at);
    expect(Array.from({ length: 6 }, () => start(queue, 10))).toEqual(['f/a/1', 'f/b/1', 'f/c/1', 'f/a/2', 'f/a/3', null]);
  });

  it('backs a repository up again when a push came after its backup began, and no sooner than its window', () => {
    const queue = emptyQueue(SETTINGS);
    push(queue, 'f/a/x', 0);
    expect(start(queue, 0)).toBe('f/a/x');
    push(queue, 'f/a/x', 1_000);
    push(queue, 'f/a/x', 2_000);
    done(queue, 'f/a/x', 3_000);
    expect([nextOf(queue, 14_999), waitOf(queue, 3_000)]).toEqual([null, 12_000]);
    expect(start(queue, 15_000)).toBe('f/a/x');
    done(queue, 'f/a/x', 16_000);
    expect(queue.items).toEqual([]);
    push(queue, 'f/a/x', 17_000);
    expect(waitOf(queue, 17_000)).toBe(13_000);
  });

  it('waits longer after each failure, an hour at most, and a new push ends all but the first minute of it', () => {
    const queue = emptyQueue(SETTINGS);
    push(queue, 'f/a/x', 0);
    const waits: (number | null)[] = [];
    for (let now = 0, at = 0; at < 9; at++, now += waits.at(-1) ?? 0) {
      start(queue, now);
      fails(queue, 'f/a/x', now);
      waits.push(waitOf(queue, now));
      if (at === 8) {
        push(queue, 'f/a/x', now);
        waits.push(waitOf(queue, now));
      }
    }
    expect(waits.map((wait) => (wait ?? 0) / 60_000)).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60, 1]);
  });

  it('keeps what failed for good until a push after it succeeded', () => {
    const queue = emptyQueue(SETTINGS);
    push(queue, 'f/a/x', 0);
    start(queue, 0);
    fails(queue, 'f/a/x', 1, 'OriginGone');
    expect([viewOf(queue, 1).backups[0]?.state, nextOf(queue, 10 ** 9)]).toEqual(['failed', null]);
    push(queue, 'f/a/x', 20_000);
    expect(start(queue, 20_000)).toBe('f/a/x');
    expect(viewOf(queue, 1).backups[0]?.failure?.kind).toBe('OriginGone');
    done(queue, 'f/a/x', 21_000);
    expect(viewOf(queue, 1).backups).toEqual([]);
  });

  it('tries again where a person or time cures the failure, where a push came meanwhile, and where a first name was taken', () => {
    for (const kind of ['StorageFull', 'CredentialMissing', 'GitFailed'] as const) {
      const queue = emptyQueue(SETTINGS);
      push(queue, 'f/a/x', 0);
      start(queue, 0);
      fails(queue, 'f/a/x', 1, kind);
      expect(start(queue, 61_000)).toBe('f/a/x');
      push(queue, 'f/a/x', 62_000);
      fails(queue, 'f/a/x', 63_000, 'OriginGone');
      expect(viewOf(queue, 1).backups[0]).toMatchObject({ state: 'waiting', pushes: 2 });
    }
    const queue = emptyQueue(SETTINGS);
    takePushes(queue, { id: 'new', settings: SETTINGS, pushed: [{ ...pushed('f/a/x', 0), repository: null }], ignored: [] }, 0);
    start(queue, 0);
    fails(queue, 'f/a/x', 1, 'NameConflict');
    expect(start(queue, 1)).toBe('f/a/x');
  });

  it('of 2,000 repositories with long names travels in one piece', () => {
    const queue = emptyQueue(SETTINGS);
    for (let at = 0; at < 2_000; at++) push(queue, `https://forge.example/an-owner-of-many/a-repository-with-a-long-name-${at}`, at);
    expect(viewOf(queue, 0).size).toBeLessThan(1_000_000);
  });

  it('travels as JSON, and loses nothing of any order of pushes, backups, failures and waits', () => {
    const step = record({ what: constantFrom('push', 'start', 'done', 'fail', 'join', 'travel'), key: constantFrom('f/a/1', 'f/a/2', 'f/b/1'), ms: integer({ min: 0, max: 20_000 }) });
    assert(property(array(step, { maxLength: 200 }), (steps) => {
      let queue = emptyQueue({ every: 15, atOnce: 2 });
      let now = 0;
      const running = new Set<string>();
      const unseen = new Map<string, number>();
      const last = new Map<string, number>();
      const atStart = new Map<string, number>();
      for (const { what, key, ms } of steps) {
        now += ms;
        if (what === 'push') {
          push(queue, key, now);
          unseen.set(key, (unseen.get(key) ?? 0) + 1);
        } else if (what === 'start') {
          const started = start(queue, now);
          if (started === null) continue;
          expect(running.has(started)).toBe(false);
          expect(now - (last.get(started) ?? -Infinity)).toBeGreaterThanOrEqual(15_000);
          last.set(started, now);
          running.add(started);
          atStart.set(started, unseen.get(started) ?? 0);
          expect(running.size).toBeLessThanOrEqual(2);
        } else if (what === 'done' && running.delete(key)) {
          done(queue, key, now);
          unseen.set(key, (unseen.get(key) ?? 0) - (atStart.get(key) ?? 0));
        } else if (what === 'fail' && running.delete(key)) fails(queue, key, now);
        else if (what === 'join') {
          const item = nextOf(queue, now);
          if (item === null) continue;
          begin(queue, item);
          joins(queue, item.key);
          again(queue, item.key, now);
        } else if (what === 'travel') queue = JSON.parse(JSON.stringify(queue)) as PushQueue;
        for (const [each, count] of unseen) expect(viewOf(queue, 10).backups.find(({ origin }) => origin === `${each}.git`)?.pushes ?? 0).toBe(count);
      }
    }), { numRuns: 300 });
  });
});
