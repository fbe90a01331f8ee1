// Fetch wait: tasks wait for shuffled blocks from other executors.
import type { Figures } from '../figures.ts';
import type { Stage } from '../stage.ts';
import { change, effect, percent, sizeText, stagesOf, timeText, type Fired, type Rule } from './rule.ts';

/** Of the run time of a stage's tasks. */
export const WAIT_SHARE = 0.2;

export const fetchWait: Rule = {
  id: 'fetch-wait',
  find: (figures) => stagesOf(figures).filter((stage) => shareOf(stage) >= WAIT_SHARE).map((stage) => found(stage, figures)),
};

const shareOf = ({ sums }: Stage): number => (sums.run === 0 ? 0 : sums.fetchWait / sums.run);

function found(stage: Stage, figures: Figures): Fired {
  const perSlot = stage.sums.fetchWait / Math.min(stage.durations.count, figures.slotsOf(stage));
  return {
    figure: { what: 'wait for shuffled blocks over run time', value: shareOf(stage), threshold: WAIT_SHARE, unit: 'share' },
    says: `Tasks waited ${timeText(stage.sums.fetchWait)} of ${timeText(stage.sums.run)} (${percent(shareOf(stage))}) for ${sizeText(stage.sums.shuffleRead)} of shuffled blocks.`,
    stage,
    change: 'Shuffle less (filter and aggregate before the shuffle, broadcast small sides of joins), or fetch more at once where the network allows it.',
    properties: [change(figures, 'spark.reducer.maxSizeInFlight', '96m', `tasks of ${stage.link} waited ${percent(shareOf(stage))} of their time for blocks`)],
    effect: effect(perSlot * 0.2, perSlot * 0.6, 'ms', 'A fifth to three fifths of the wait ends; nothing where the network itself is full.'),
  };
}
