// Each fault that a job was run with is the top finding of its event log; jobs without one are clean.
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { fixturePath, reportAt, rulesOf } from './reports.ts';

const FAULTS = {
  skewed: 'skew',
  spilling: 'spill',
  over_partitioned: 'over-partitioned',
  under_partitioned: 'under-partitioned',
  gc_bound: 'gc',
  missed_broadcast: 'missed-broadcast',
  idle_executors: 'idle-executors',
};

describe.each(Object.entries(FAULTS))('the log of %s', (name, rule) => {
  it(`is recognised as ${rule}, with its figure beyond the threshold`, async () => {
    const report = await reportAt(fixturePath(name));
    const [top] = report.findings;
    expect(rulesOf(report)[0]).toBe(rule);
    expect(top?.says).not.toMatch(/NaN|Infinity|undefined/);
    expect(top?.change).not.toMatch(/NaN|Infinity|undefined/);
    expect(top?.effect?.high).toBeGreaterThan(0);
    expect(top?.effect?.low).toBeLessThanOrEqual(top?.effect?.high ?? 0);
  });

  it('has plots and totals that fit together', async () => {
    const { series, totals, stages } = await reportAt(fixturePath(name));
    expect(new Set([series.activeTasks.length, series.executors.length, series.slots.length, series.peakHeap.length]).size).toBe(1);
    expect(series.activeTasks.reduce((sum, tasks) => sum + tasks, 0) * series.step).toBeCloseTo(totals.taskMilliseconds, -3);
    expect(stages.reduce((sum, { tasks }) => sum + tasks, 0)).toBe(totals.tasks - totals.failedTasks);
    for (const { histogram, tasks } of stages) expect(histogram.counts.reduce((sum, count) => sum + count, 0)).toBe(tasks);
  });
});

it.each(['healthy_scan', 'healthy_aggregation'])('the log of %s has nothing to change', async (name) => {
  expect(await reportAt(fixturePath(name))).toMatchObject({ findings: [], setAside: [], submit: null });
});

it('gives a template that bash reads, with only the properties that change and a reason for each', async () => {
  const { submit } = await reportAt(fixturePath('gc_bound'));
  const words = execFileSync('bash', ['-c', `spark-submit() { printf '%s\\n' "$@"; }\n${submit}`, 'bash', 'job.py'], { encoding: 'utf8' });
  expect(words.trim().split('\n')).toEqual(['--conf', 'spark.executor.memory=1280m', 'job.py']);
  expect(submit).toMatch(/# gc: .*garbage collection\n.*# was 640m/);
});
