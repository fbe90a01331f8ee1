// Over-partitioned: many tasks with next to nothing to do, so that starting them is the work.
import type { Figures } from '../figures.ts';
import type { Stage } from '../stage.ts';
import { effect, many, shufflePartitions, sizeText, stagesOf, timeText, type Fired, type Rule } from './rule.ts';

/** Tasks for each slot, from where on fewer would do. */
export const TASKS_A_SLOT = 16;
/** Medians of what a task reads and of how long it takes, and the mean of what it computes, at most: on a busy machine a task is long without doing much, and one that waits for another service is no small one. */
export const SMALL_TASK = { bytes: 2 ** 20, milliseconds: 1_000, cpu: 100 };
/** What a task should have. */
const GOOD = { bytes: 64 * 2 ** 20, cpu: 1_000 };

export const overPartitioned: Rule = {
  id: 'over-partitioned',
  find: (figures) => stagesOf(figures).filter((stage) => isOver(stage, figures)).map((stage) => found(stage, figures)),
};

const perSlot = (stage: Stage, figures: Figures): number => stage.durations.count / figures.slotsOf(stage);

function isOver(stage: Stage, figures: Figures): boolean {
  const { bytes, durations, sums } = stage;
  const isSmall = bytes.quantile(0.5) <= SMALL_TASK.bytes && durations.quantile(0.5) <= SMALL_TASK.milliseconds && sums.cpu / durations.count <= SMALL_TASK.cpu;
  return isSmall && perSlot(stage, figures) >= TASKS_A_SLOT;
}

function found(stage: Stage, figures: Figures): Fired {
  const { durations, bytes, sums, link } = stage;
  const tasks = durations.count;
  const slots = Math.round(figures.slotsOf(stage));
  const partitions = Math.max(slots * 2, Math.ceil(bytes.sum / GOOD.bytes), Math.ceil(sums.cpu / GOOD.cpu));
  const byProperty = shufflePartitions(figures, stage, partitions, `${many(tasks, 'task')} of ${link} read ${sizeText(bytes.sum)} in all`);
  const left = 1 - partitions / tasks;
  const [starting, notComputing] = [durations.sum - sums.run, durations.sum - sums.cpu];
  return {
    figure: { what: 'tasks for each slot, each small', value: perSlot(stage, figures), threshold: TASKS_A_SLOT, unit: 'ratio' },
    says: `${many(tasks, 'task')} for ${many(slots, 'slot')}, each with ${sizeText(bytes.quantile(0.5))} and ${timeText(durations.quantile(0.5))} (medians), of which it computes ${timeText(sums.cpu / tasks)}.`,
    stage,
    change: byProperty.length > 0
      ? `Use ${partitions} partitions.${figures.isAdaptive ? '' : ' Adaptive execution (spark.sql.adaptive.enabled) would join small ones by itself.'}`
      : sums.shuffleRead > 0
        ? `Use about ${partitions} partitions where the code names the number: repartition(${partitions}) or coalesce(${partitions}).`
        : `Read with about ${partitions} partitions: fewer and larger files, coalesce(${partitions}) after reading, or the number that the code names.`,
    properties: byProperty,
    effect: effect((left * starting) / slots, Math.min(stage.milliseconds * left, (left * notComputing) / slots), 'ms', `With ${partitions} tasks the start of the others ends (lower end), and all of their time in which they do not compute (upper end).`),
  };
}
