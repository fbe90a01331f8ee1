// GC: the heap is too small for what tasks keep in it, and their time goes to collecting garbage.
import type { Figures } from '../figures.ts';
import type { Stage } from '../stage.ts';
import { change, effect, heapText, percent, sizeText, stagesOf, timeText, type Fired, type Rule } from './rule.ts';

/** Of the run time of a stage's tasks; Spark's own pages colour it from there on. */
export const GC_SHARE = 0.1;
/** From there on the heap is doubled, below it grows by half. */
const HEAVY = 0.2;

export const gc: Rule = {
  id: 'gc',
  find: (figures) => stagesOf(figures).filter((stage) => shareOf(stage) >= GC_SHARE).map((stage) => found(stage, figures)),
};

const shareOf = ({ sums }: Stage): number => (sums.run === 0 ? 0 : sums.gc / sums.run);

function found(stage: Stage, figures: Figures): Fired {
  const { sums, link } = stage;
  const share = shareOf(stage);
  const heap = heapText(figures.heap * (share >= HEAVY ? 2 : 1.5));
  const slots = Math.min(stage.durations.count, figures.slotsOf(stage));
  const peak = figures.recording.totals.peakHeap;
  return {
    figure: { what: 'garbage collection over run time', value: share, threshold: GC_SHARE, unit: 'share' },
    says: `Tasks spent ${timeText(sums.gc)} of ${timeText(sums.run)} (${percent(share)}) collecting garbage in a heap of ${sizeText(figures.heap)}${peak > 0 ? `, of which up to ${sizeText(peak)} were in use` : ''}.`,
    stage,
    change: `Give each ${figures.isLocal ? 'driver' : 'executor'} ${heap}${figures.slotsOfExecutor > 1 ? ', or let fewer tasks share it with a smaller spark.executor.cores' : ''}. Less data a task (more partitions) helps too.`,
    properties: [change(figures, figures.isLocal ? 'spark.driver.memory' : 'spark.executor.memory', heap, `${percent(share)} of the run time of ${link} went to garbage collection`)],
    effect: effect((sums.gc * 0.5) / slots, (sums.gc * 0.9) / slots, 'ms', 'Half to nine tenths of the collection ends with the larger heap.'),
  };
}
