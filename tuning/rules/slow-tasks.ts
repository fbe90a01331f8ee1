// Slow tasks: some take far longer although they read no more than the others; the first ones of an executor do not count.
import type { Figures } from '../figures.ts';
import type { Stage } from '../stage.ts';
import { change, effect, many, stagesOf, times, timeText, type Fired, type Rule } from './rule.ts';
import { ratioOf, SKEW_OF_BYTES } from './skew.ts';

/** Longest task, when its executor was warm, over the median. */
export const SLOW = 6;
const LEAST_TASKS = 8;
const LEAST_MILLISECONDS = 5_000;

export const slowTasks: Rule = {
  id: 'slow-tasks',
  find: (figures) => stagesOf(figures).filter(isSlow).map((stage) => found(stage, figures)),
};

function isSlow({ durations, bytes, longestWarm }: Stage): boolean {
  const isEven = ratioOf({ max: bytes.max, quantile: bytes.quantile(0.5) }) < SKEW_OF_BYTES;
  return durations.count >= LEAST_TASKS && isEven && longestWarm.milliseconds >= Math.max(LEAST_MILLISECONDS, SLOW * durations.quantile(0.5));
}

function found(stage: Stage, figures: Figures): Fired {
  const { durations, longestWarm } = stage;
  const median = durations.quantile(0.5);
  const saved = longestWarm.milliseconds - Math.max(2 * median, durations.sum / figures.slotsOf(stage));
  return {
    figure: { what: 'longest task over the median, bytes being even', value: ratioOf({ max: longestWarm.milliseconds, quantile: median }), threshold: SLOW, unit: 'ratio' },
    says: `One of ${many(durations.count, 'task')} took ${timeText(longestWarm.milliseconds)} on executor ${longestWarm.executor.slice(0, 20)}, ${times(longestWarm.milliseconds / Math.max(1, median))} the median, and read no more than the others.`,
    stage,
    change: 'Look at that executor\'s machine (disk, other load, throttling). Until it is found, let Spark start slow tasks a second time elsewhere.',
    properties: figures.isLocal ? [] : [change(figures, 'spark.speculation', 'true', `a task of ${stage.link} was slow without more work`)],
    effect: effect(0, saved, 'ms', 'The upper end supposes that a second copy takes twice the median; nothing is saved where the work itself is slow.'),
  };
}
