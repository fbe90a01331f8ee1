// Turns: no target is sent more than its rate, and none holds up another.
import { describe, expect, it } from 'vitest';
import { NotifyTurns, type Turn } from '../../notify/turns.ts';
import { LONGEST_WAIT, passesOverHttp, retryAfterOf, statusAfter, waitBefore } from '../../notify/answer.ts';

const leave = (turn: Turn): void => {
  if ('leave' in turn) turn.leave();
};

describe('turns', () => {
  it('give out as many places a minute as the rate says, each to who asked first', () => {
    let now = 0;
    const turns = new NotifyTurns(() => now);
    const waits = Array.from({ length: 120 }, () => {
      const turn = turns.take({ target: 'a', rate: 60, kept: false, targets: 1 });
      leave(turn);
      return 'wait' in turn ? turn.wait : 0;
    });
    expect(waits.filter((wait) => wait === 0)).toHaveLength(5);
    expect(waits.at(-1)).toBe(115_000);
    expect(waits).toEqual([...waits].sort((a, b) => a - b));
    now = 60_000 * 10;
    expect(turns.take({ target: 'a', rate: 60, kept: false, targets: 1 })).toHaveProperty('leave');
  });

  it('are kept for who comes back', () => {
    const turns = new NotifyTurns(() => 0);
    leave(turns.take({ target: 'a', rate: 1, kept: false, targets: 1 }));
    expect(turns.take({ target: 'a', rate: 1, kept: false, targets: 1 })).toEqual({ wait: 60_000, kept: true });
    expect(turns.take({ target: 'a', rate: 1, kept: true, targets: 1 })).toHaveProperty('leave');
  });

  it('are few at once for one target, and others do not wait for it', () => {
    const turns = new NotifyTurns(() => 0);
    const taken = Array.from({ length: 6 }, () => turns.take({ target: 'stuck', rate: 1_000, kept: false, targets: 2 }));
    expect(taken.filter((turn) => 'leave' in turn)).toHaveLength(4);
    expect(turns.take({ target: 'other', rate: 1_000, kept: false, targets: 2 })).toHaveProperty('leave');
    leave(taken[0] as Turn);
    expect(turns.take({ target: 'stuck', rate: 1_000, kept: true, targets: 2 })).toHaveProperty('leave');
  });

  it('of forty targets together are few', () => {
    const turns = new NotifyTurns(() => 0);
    const taken = Array.from({ length: 40 }, (_, i) => [0, 1, 2].map(() => turns.take({ target: `t${i}`, rate: 1_000, kept: false, targets: 40 }))).flat();
    expect(taken.filter((turn) => 'leave' in turn)).toHaveLength(40);
  });
});

describe('an answer', () => {
  it.each([[204, null, 1, 'delivered'], [500, 'x', 1, 'pending'], [503, 'x', 10, 'dead'], [429, 'x', 1, 'pending'], [408, 'x', 1, 'pending'], [425, 'x', 1, 'pending'], [null, 'x', 9, 'pending'], [400, 'x', 1, 'dead'], [404, 'x', 1, 'dead'], [301, 'x', 1, 'dead']] as const)('%s after failure %s at attempt %i makes it %s', (status, failure, attempts, end) => {
    expect(statusAfter({ failure, mayPass: status === null || passesOverHttp(status) }, attempts, 10)).toBe(end);
  });

  it('is waited for longer each time, never in step, never more than an hour', () => {
    const most = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((attempts) => waitBefore(attempts, null, { chance: () => 0 }));
    expect(most).toEqual([5_000, 15_000, 45_000, 135_000, 405_000, 1_215_000, LONGEST_WAIT, LONGEST_WAIT, LONGEST_WAIT]);
    expect(waitBefore(3, null, { chance: () => 1 })).toBe(22_500);
  });

  it('that names a time is not asked before, within an hour', () => {
    expect(waitBefore(1, 60_000)).toBe(60_000);
    expect(waitBefore(1, 10 * LONGEST_WAIT)).toBe(LONGEST_WAIT);
    expect(waitBefore(2, 1, { chance: () => 0 })).toBe(15_000);
  });

  it.each([['120', 120_000], [' 3 ', 3_000], ['Sat, 21 Nov 2026 10:00:30 GMT', 30_000], ['Sat, 21 Nov 2026 09:00:00 GMT', 0], ['soon', null], ['-1', null], [null, null]])('Retry-After %j is %s', (header, milliseconds) => {
    const now = Date.parse('2026-11-21T10:00:00Z');
    if (header === '-1') expect(retryAfterOf(header, now) ?? 0).toBe(0);
    else expect(retryAfterOf(header, now)).toBe(milliseconds);
  });
});
