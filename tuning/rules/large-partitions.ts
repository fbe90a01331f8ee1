// Large partitions: each task reads so much that one slow or failed task costs much, and memory runs short.
import type { Figures } from '../figures.ts';
import type { Stage } from '../stage.ts';
import { change, effect, shufflePartitions, sizeText, stagesOf, timeText, type Fired, type Rule } from './rule.ts';

/** Median bytes that a task reads. */
export const LARGE = 2 ** 30;
const GOOD = 128 * 2 ** 20;

export const largePartitions: Rule = {
  id: 'large-partitions',
  find: (figures) => stagesOf(figures).filter(({ bytes }) => bytes.quantile(0.5) >= LARGE).map((stage) => found(stage, figures)),
};

function found(stage: Stage, figures: Figures): Fired {
  const { bytes, durations, sums, link } = stage;
  const partitions = Math.ceil(bytes.sum / GOOD);
  const reason = `a task of ${link} reads ${sizeText(bytes.quantile(0.5))}`;
  const properties = sums.shuffleRead > 0 ? shufflePartitions(figures, stage, partitions, reason) : [change(figures, 'spark.sql.files.maxPartitionBytes', GOOD, reason)];
  return {
    figure: { what: 'median bytes that a task reads', value: bytes.quantile(0.5), threshold: LARGE, unit: 'bytes' },
    says: `A task reads ${sizeText(bytes.quantile(0.5))} (median) and takes ${timeText(durations.quantile(0.5))}.`,
    stage,
    change: `Use about ${partitions} partitions of ${sizeText(GOOD)}.`,
    properties,
    effect: effect(0, durations.quantile(0.5) / 2, 'ms', 'On average half a task\'s time is waited for the last one of the stage; small tasks end together.'),
  };
}
