// Findings that explain or contradict each other, and properties that several of them ask for.
import { expect, it } from 'vitest';
import { oneValueEach } from '../../tuning/conflicts.ts';
import { equal, type ApplicationLike, type TaskLike } from './generated.ts';
import { reportOfMade, rulesOf } from './reports.ts';

const MIB = 2 ** 20;
const stage = (tasks: readonly TaskLike[], more: Partial<ApplicationLike> = {}): ApplicationLike => ({ milliseconds: 102_000, stages: [{ at: 1_000, milliseconds: 100_000, tasks }], ...more });

it('sets aside the spill and the garbage of a skewed stage, and says why', async () => {
  const report = await reportOfMade(stage([...equal(39, { duration: 1_000, shuffleRead: 10 * MIB }), { duration: 95_000, shuffleRead: 900 * MIB, diskSpilled: 900 * MIB, gc: 30_000 }]));
  expect(rulesOf(report)).toEqual(['skew']);
  expect(report.setAside).toEqual(['spill', 'gc'].map((rule) => ({ rule, stage: 'stage:0.0', reason: 'skew in stage:0.0 explains it: it comes from the one large partition.' })));
});

it('keeps a finding of another stage', async () => {
  const skewed = [...equal(39, { duration: 500, shuffleRead: 10 * MIB }), { duration: 45_000, shuffleRead: 900 * MIB }];
  const report = await reportOfMade({ milliseconds: 102_000, stages: [{ at: 0, milliseconds: 50_000, tasks: skewed }, { at: 50_000, milliseconds: 50_000, tasks: equal(40, { duration: 5_000, gc: 2_000 }) }] });
  expect(rulesOf(report).toSorted()).toEqual(['gc', 'skew']);
  expect(report.setAside).toEqual([]);
});

it('asks for no less memory where another finding asks for more', async () => {
  const report = await reportOfMade(stage(equal(40, { duration: 10_000, gc: 5_000, heap: MIB })));
  expect(rulesOf(report)).toEqual(['gc']);
  expect(report.setAside).toMatchObject([{ rule: 'unused-memory', stage: null }]);
  expect(report.submit).toContain('spark.executor.memory=16384m');
});

it('tells of each rule once, with the other stages beside the worst', async () => {
  const report = await reportOfMade({ milliseconds: 100_000, stages: [10_000, 60_000, 20_000].map((milliseconds, at) => ({ at: 30_000 * at, milliseconds, tasks: equal(40, { duration: milliseconds / 10, gc: milliseconds / 40 }) })) });
  expect(report.findings).toMatchObject([{ rule: 'gc', stage: { link: 'stage:1.0' }, alsoIn: ['stage:2.0', 'stage:0.0'] }]);
});

it('gives each property one value: the most memory, else what the worst finding asks for', () => {
  const of = (rule: string, name: string, value: string) => ({ rule, properties: [{ name, value, was: null, reason: 'r' }] });
  expect(oneValueEach([of('gc', 'spark.executor.memory', '1024m'), of('spill', 'spark.executor.memory', '2g')])).toEqual([{ name: 'spark.executor.memory', value: '2g', was: null, reason: 'spill: r (other stages asked for 1024m)' }]);
  expect(oneValueEach([of('spill', 'spark.sql.shuffle.partitions', '40'), of('over-partitioned', 'spark.sql.shuffle.partitions', '400')])).toMatchObject([{ value: '40', reason: 'spill: r (other stages asked for 400)' }]);
});
