// Rules at their edges: at the threshold they fire, just before it they do not.
import { describe, expect, it } from 'vitest';
import { TASKS_A_SLOT, SMALL_TASK } from '../../tuning/rules/over-partitioned.ts';
import { FAILED_SHARE } from '../../tuning/rules/failed-tasks.ts';
import { WAIT_SHARE } from '../../tuning/rules/fetch-wait.ts';
import { GC_SHARE } from '../../tuning/rules/gc.ts';
import { IDLE_SHARE } from '../../tuning/rules/idle-executors.ts';
import { LARGE } from '../../tuning/rules/large-partitions.ts';
import { DELAY_SHARE } from '../../tuning/rules/scheduler-delay.ts';
import { LEAST_SPILL, SPILL_SHARE } from '../../tuning/rules/spill.ts';
import { USED_SLOTS } from '../../tuning/rules/under-partitioned.ts';
import { LEAST_HEAP, USED_HEAP } from '../../tuning/rules/unused-memory.ts';
import { equal, type ApplicationLike, type TaskLike } from './generated.ts';
import { reportOfMade, rulesOf } from './reports.ts';

const MIB = 2 ** 20;

/** One stage of 100 s on four slots, nearly the whole application. */
const stage = (tasks: readonly TaskLike[], more: Partial<ApplicationLike> = {}): ApplicationLike => ({ milliseconds: 102_000, stages: [{ at: 1_000, milliseconds: 100_000, tasks }], ...more });
const even = (task: Partial<TaskLike>): ApplicationLike => stage(equal(40, { duration: 10_000, input: 64 * MIB, ...task }));

interface Edge {
  rule: string;
  beyond: ApplicationLike;
  before: ApplicationLike;
}

/** 39 tasks of a duration and one that is longer. */
const uneven = (ratio: number, bytes: number): ApplicationLike => stage([...equal(39, { duration: 1_000, input: 10 * MIB }), { duration: 1_000 * ratio, input: 10 * MIB * bytes }]);
const tiny = (count: number, task: Partial<TaskLike> = {}): ApplicationLike => stage(equal(count, { duration: SMALL_TASK.milliseconds / 2, run: 400, cpu: 10, shuffleRead: 100, ...task }));
const twoStages = (gap: number): ApplicationLike => ({ milliseconds: 100_000, stages: [{ at: 0, milliseconds: 40_000, tasks: equal(40, { duration: 4_000 }) }, { at: 40_000 + gap, milliseconds: 60_000 - gap, tasks: equal(40, { duration: 4_000 }) }] });
const heap = (bytes: number, memory: number): ApplicationLike => stage(equal(40, { duration: 10_000, heap: bytes }), { properties: { 'spark.executor.memory': `${memory / MIB}m` } });
const failing = (failed: number, whole: number): ApplicationLike => stage([...equal(failed, { duration: 100, failed: 'java.io.IOException' }), ...equal(whole, { duration: 1_000 })]);

const EDGES: readonly Edge[] = [
  { rule: 'skew', beyond: uneven(50, 4), before: uneven(50, 2.5) },
  { rule: 'skew', beyond: uneven(20, 20), before: uneven(3.5, 20) },
  { rule: 'gc', beyond: even({ gc: 10_000 * GC_SHARE }), before: even({ gc: 10_000 * GC_SHARE - 1 }) },
  { rule: 'fetch-wait', beyond: even({ fetchWait: 10_000 * WAIT_SHARE }), before: even({ fetchWait: 10_000 * WAIT_SHARE - 1 }) },
  { rule: 'spill', beyond: even({ diskSpilled: 64 * MIB * SPILL_SHARE }), before: even({ diskSpilled: 64 * MIB * SPILL_SHARE - 1 }) },
  { rule: 'spill', beyond: stage([{ duration: 100_000, diskSpilled: LEAST_SPILL }, ...equal(3, { duration: 100_000 })]), before: stage([{ duration: 100_000, diskSpilled: LEAST_SPILL - 1 }, ...equal(3, { duration: 100_000 })]) },
  { rule: 'over-partitioned', beyond: tiny(4 * TASKS_A_SLOT), before: tiny(4 * TASKS_A_SLOT - 1) },
  { rule: 'over-partitioned', beyond: tiny(200, { cpu: SMALL_TASK.cpu }), before: tiny(200, { cpu: SMALL_TASK.cpu + 1 }) },
  { rule: 'over-partitioned', beyond: tiny(200), before: tiny(200, { duration: 1.2 * SMALL_TASK.milliseconds }) },
  { rule: 'over-partitioned', beyond: tiny(200), before: tiny(200, { shuffleRead: 1.2 * SMALL_TASK.bytes }) },
  { rule: 'under-partitioned', beyond: stage(equal(4 * USED_SLOTS, { duration: 99_000 })), before: stage(equal(4 * USED_SLOTS + 1, { duration: 99_000 })) },
  { rule: 'large-partitions', beyond: stage(equal(40, { duration: 10_000, input: LARGE })), before: stage(equal(40, { duration: 10_000, input: 0.9 * LARGE })) },
  { rule: 'idle-executors', beyond: twoStages(100_000 * IDLE_SHARE), before: twoStages(100_000 * IDLE_SHARE - 1) },
  { rule: 'failed-tasks', beyond: failing(2, 2 / FAILED_SHARE - 2), before: failing(2, 2 / FAILED_SHARE - 1) },
  { rule: 'failed-tasks', beyond: failing(2, 10), before: failing(1, 10) },
  { rule: 'scheduler-delay', beyond: even({ run: 10_000 * (1 - DELAY_SHARE) }), before: even({ run: 10_000 * (1 - DELAY_SHARE) + 1 }) },
  { rule: 'unused-memory', beyond: heap(LEAST_HEAP * USED_HEAP, LEAST_HEAP), before: heap(LEAST_HEAP * USED_HEAP + MIB, LEAST_HEAP) },
  { rule: 'unused-memory', beyond: heap(MIB, LEAST_HEAP), before: heap(MIB, LEAST_HEAP - MIB) },
];

it.each(EDGES)('$rule fires at its threshold and not before it', async ({ rule, beyond, before }) => {
  expect(rulesOf(await reportOfMade(beyond))).toContain(rule);
  expect(rulesOf(await reportOfMade(before))).not.toContain(rule);
});

it('tells a slow machine from skew: a long task that reads no more than the others', async () => {
  const slow = (duration: number): ApplicationLike => stage([...equal(40, { duration: 5_000, input: MIB }), { duration, input: MIB }]);
  expect(rulesOf(await reportOfMade(slow(31_000)))).toEqual(['slow-tasks']);
  expect(rulesOf(await reportOfMade(slow(28_000)))).toEqual([]);
});

it('does not count what an executor loads with its first tasks', async () => {
  expect(rulesOf(await reportOfMade(stage([{ duration: 60_000, input: MIB }, ...equal(40, { duration: 1_000, input: MIB })])))).toEqual([]);
});

it('looks at no stage that takes less than a twentieth of the time', async () => {
  const short = (milliseconds: number): ApplicationLike => ({ milliseconds: 1_000_000, stages: [{ at: 0, milliseconds, tasks: equal(8, { duration: 1_000, gc: 900 }) }] });
  expect(rulesOf(await reportOfMade(short(50_000)))).toEqual(['gc']);
  expect(rulesOf(await reportOfMade(short(49_999)))).toEqual([]);
});

describe('joins', () => {
  const exchange = (id: number): object => ({ nodeName: 'Exchange', simpleString: 'Exchange', children: [], metrics: [{ name: 'data size', accumulatorId: id }] });
  const join = (type: string): object => ({ nodeName: 'Project', simpleString: '', metrics: [], children: [{ nodeName: 'SortMergeJoin', simpleString: `SortMergeJoin [a], [b], ${type}`, metrics: [{ name: 'number of output rows', accumulatorId: 9 }], children: [exchange(10), { nodeName: 'Sort', simpleString: '', metrics: [], children: [exchange(11)] }] }] });
  const joined = (type: string, left: number, right: number): ApplicationLike => ({
    milliseconds: 100_000, plans: [join(type)],
    stages: [{ at: 0, milliseconds: 90_000, tasks: equal(40, { duration: 9_000 }), accumulables: [{ ID: 9, Name: 'number of output rows', Value: '5' }, { ID: 10, Name: 'data size', Value: String(left) }, { ID: 11, Name: 'data size', Value: String(right) }] }],
  });

  it('could be broadcast where the small side is small enough, and the other one ten times as large', async () => {
    expect(rulesOf(await reportOfMade(joined('Inner', 640 * MIB, 64 * MIB)))).toEqual(['missed-broadcast']);
    expect(rulesOf(await reportOfMade(joined('Inner', 64 * MIB, 640 * MIB)))).toEqual(['missed-broadcast']);
    expect(rulesOf(await reportOfMade(joined('Inner', 640 * MIB, 64 * MIB + 1)))).toEqual([]);
    expect(rulesOf(await reportOfMade(joined('Inner', 639 * MIB, 64 * MIB)))).toEqual([]);
  });

  it('are left as they are where Spark cannot broadcast that side', async () => {
    expect(rulesOf(await reportOfMade(joined('LeftOuter', 1 * MIB, 640 * MIB)))).toEqual([]);
    expect(rulesOf(await reportOfMade(joined('LeftOuter', 640 * MIB, 1 * MIB)))).toEqual(['missed-broadcast']);
    expect(rulesOf(await reportOfMade(joined('FullOuter', 640 * MIB, 1 * MIB)))).toEqual([]);
  });

  it('get a threshold that the small side is below, or a hint where the threshold was not the reason', async () => {
    expect((await reportOfMade(joined('Inner', 640 * MIB, 20 * MIB))).findings[0]?.properties).toMatchObject([{ name: 'spark.sql.autoBroadcastJoinThreshold', value: String(64 * MIB) }]);
    const known = await reportOfMade(joined('Inner', 640 * MIB, 1 * MIB));
    expect(known.findings[0]).toMatchObject({ properties: [], change: expect.stringContaining('broadcast()') as string });
    expect(known.submit).toBeNull();
  });
});
