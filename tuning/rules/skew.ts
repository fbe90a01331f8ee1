// Skew: one task reads and works far longer than the median one, and the stage waits for it.
import type { Figures } from '../figures.ts';
import type { Stage } from '../stage.ts';
import { change, effect, sizeText, stagesOf, times, timeText, type Fired, type Rule } from './rule.ts';

/** Longest task over the median. */
export const SKEW_OF_TIME = 4;
/** The same of bytes read: time alone may be a slow machine. */
export const SKEW_OF_BYTES = 3;
/** Fewer tasks have no meaningful median. */
const LEAST_TASKS = 4;

export const skew: Rule = {
  id: 'skew',
  find: (figures) => stagesOf(figures).filter((stage) => isSkewed(stage) && savedIn(stage, figures) > 0).map((stage) => found(stage, figures)),
};

export const ratioOf = ({ max, quantile }: { max: number; quantile: number }): number => (quantile === 0 ? (max === 0 ? 1 : max) : max / quantile);
const ofTime = ({ durations }: Stage): number => ratioOf({ max: durations.max, quantile: durations.quantile(0.5) });
const ofBytes = ({ bytes }: Stage): number => ratioOf({ max: bytes.max, quantile: bytes.quantile(0.5) });

function isSkewed(stage: Stage): boolean {
  return stage.durations.count >= LEAST_TASKS && ofTime(stage) >= SKEW_OF_TIME && ofBytes(stage) >= SKEW_OF_BYTES;
}

/** What the stage takes longer than if its work were spread over all slots. */
function savedIn(stage: Stage, figures: Figures): number {
  const { durations, milliseconds } = stage;
  return Math.min(milliseconds, durations.max) - Math.max(durations.quantile(0.5), durations.sum / figures.slotsOf(stage));
}

function found(stage: Stage, figures: Figures): Fired {
  const { durations, bytes, sums } = stage;
  const joins = [...figures.recording.joins.values()].some((join) => join.stage === stage.link);
  const saved = savedIn(stage, figures);
  return {
    figure: { what: 'longest task over the median', value: ofTime(stage), threshold: SKEW_OF_TIME, unit: 'ratio' },
    says: `The longest of ${durations.count} tasks took ${timeText(durations.max)}, ${times(ofTime(stage))} the median of ${timeText(durations.quantile(0.5))}; it read ${sizeText(bytes.max)}, ${times(ofBytes(stage))} the median.`,
    stage,
    change: joins
      ? 'Let Spark split the large partitions of the join; a key that most rows have (often a null or a default) can also be filtered out or joined apart.'
      : `${sums.shuffleRead > 0 ? 'Spread the key that most rows have: add a salt column to it and combine in two steps, or filter it out where it is a null or a default.' : 'Split the large input: files that can be split, of even size, or repartition() after reading.'} No property does it.`,
    properties: joins ? splitting(stage, figures) : [],
    effect: effect(saved / 2, saved, 'ms', 'The upper end supposes that the work of the longest task spreads over all slots, the lower that half of it does.'),
  };
}

function splitting({ bytes, link }: Stage, figures: Figures): Fired['properties'] {
  const threshold = Math.max(2 ** 20, Math.ceil((2 * bytes.quantile(0.5)) / 2 ** 20) * 2 ** 20);
  return [
    ...(figures.isAdaptive ? [] : [change(figures, 'spark.sql.adaptive.enabled', 'true', `splits skewed partitions of joins, as in ${link}`)]),
    change(figures, 'spark.sql.adaptive.skewJoin.skewedPartitionThresholdInBytes', threshold, `twice the median partition of ${link}; the default of 256 MiB ${bytes.max < 256 * 2 ** 20 ? 'is above its largest one' : 'may be too high'}`),
    change(figures, 'spark.sql.adaptive.advisoryPartitionSizeInBytes', Math.max(2 ** 20, Math.ceil(bytes.quantile(0.5) / 2 ** 20) * 2 ** 20), `the size that the pieces get: the median partition of ${link}`),
  ];
}
