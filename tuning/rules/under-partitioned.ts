// Under-partitioned: a stage has fewer tasks than slots, and the others wait for it.
import type { Figures } from '../figures.ts';
import type { Stage } from '../stage.ts';
import { effect, many, percent, shufflePartitions, stagesOf, timeText, type Fired, type Rule } from './rule.ts';

/** Tasks over slots, at most. */
export const USED_SLOTS = 0.5;
/** Shorter stages are not worth a split. */
export const LEAST_MILLISECONDS = 5_000;
/** The first tasks of executors that computed less waited for their start, not for work. */
const LEAST_CPU = 2_000;

export const underPartitioned: Rule = {
  id: 'under-partitioned',
  find: (figures) => stagesOf(figures).filter((stage) => isUnder(stage, figures)).map((stage) => found(stage, figures)),
};

const used = (stage: Stage, figures: Figures): number => stage.durations.count / figures.slotsOf(stage);

function isUnder(stage: Stage, figures: Figures): boolean {
  if (stage.firstOnes === stage.durations.count && stage.sums.cpu < LEAST_CPU) return false;
  return stage.milliseconds >= LEAST_MILLISECONDS && used(stage, figures) <= USED_SLOTS && stage.durations.quantile(0.5) >= stage.milliseconds / 2 && !figures.isBesideOthers(stage);
}

function found(stage: Stage, figures: Figures): Fired {
  const slots = Math.round(figures.slotsOf(stage));
  const tasks = stage.durations.count;
  const partitions = 3 * slots;
  const byProperty = shufflePartitions(figures, stage, partitions, `${stage.link} had ${many(tasks, 'task')} for ${many(slots, 'slot')}`);
  const spread = stage.durations.sum / slots;
  return {
    figure: { what: 'tasks over slots', value: used(stage, figures), threshold: USED_SLOTS, unit: 'share' },
    says: `${many(tasks, 'task')} ran for ${timeText(stage.milliseconds)} where ${many(slots, 'slot')} were held: ${percent(1 - used(stage, figures))} of them waited.`,
    stage,
    change: byProperty.length > 0 ? `Use ${partitions} partitions, three for each slot.` : `Split the work into about ${partitions} partitions, three for each slot: repartition(${partitions}) before the heavy step, input that can be split (no single gzip file), or the number that the code names.`,
    properties: byProperty,
    effect: effect((stage.durations.max - spread) / 2, stage.durations.max - spread, 'ms', 'The upper end supposes that the work splits evenly over all slots, the lower that half of the gain is lost in a shuffle.'),
  };
}
