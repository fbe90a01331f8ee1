// Scheduler delay: tasks wait for the driver to send them and to take their results.
import type { Figures } from '../figures.ts';
import type { Stage } from '../stage.ts';
import { effect, percent, stagesOf, timeText, type Fired, type Rule } from './rule.ts';

/** Of the time of a stage's tasks. */
export const DELAY_SHARE = 0.3;
/** Fewer tasks a slot are dominated by the start of their executors. */
const LEAST_TASKS_A_SLOT = 4;

export const schedulerDelay: Rule = {
  id: 'scheduler-delay',
  find: (figures) => stagesOf(figures).filter((stage) => shareOf(stage) >= DELAY_SHARE && stage.durations.count >= LEAST_TASKS_A_SLOT * figures.slotsOf(stage)).map((stage) => found(stage, figures)),
};

const shareOf = ({ schedulerDelay: delay, durations }: Stage): number => (durations.sum === 0 ? 0 : delay / durations.sum);

function found(stage: Stage, figures: Figures): Fired {
  const perSlot = stage.schedulerDelay / figures.slotsOf(stage);
  return {
    figure: { what: 'scheduler delay over task time', value: shareOf(stage), threshold: DELAY_SHARE, unit: 'share' },
    says: `Tasks waited ${timeText(stage.schedulerDelay)} of ${timeText(stage.durations.sum)} (${percent(shareOf(stage))}) for the driver.`,
    stage,
    change: 'Look at the driver: its processor, its garbage collection, the size of what tasks carry (large variables belong into broadcast()) and of what they return. Fewer, longer tasks need it less.',
    properties: [],
    effect: effect(perSlot * 0.3, perSlot * 0.8, 'ms', 'A third to four fifths of the delay ends when the driver keeps up.'),
  };
}
