// Idle executors: held while no stage runs, because the driver works alone.
import type { Figures } from '../figures.ts';
import { change, effect, many, percent, timeText, type Fired, type Rule } from './rule.ts';

/** Slot time held between stages, over all slot time. */
export const IDLE_SHARE = 0.25;
const LEAST_GAP = 5_000;
/** What an executor needs to come back, about. */
const RETURN = 5_000;
/** Bounds of spark.dynamicAllocation.executorIdleTimeout that is proposed, seconds; 60 is Spark's default. */
const TIMEOUT = { least: 5, most: 60 };

export const idleExecutors: Rule = {
  id: 'idle-executors',
  find: (figures) => {
    if (figures.isLocal || figures.slotMilliseconds === 0) return [];
    const share = idleOf(figures) / figures.slotMilliseconds;
    return share >= IDLE_SHARE && longestGap(figures) >= LEAST_GAP ? [found(figures, share)] : [];
  },
};

const idleOf = (figures: Figures): number => figures.gaps.reduce((sum, gap) => sum + figures.slotsIn(gap), 0);
const longestGap = ({ gaps }: Figures): number => Math.max(0, ...gaps.map(({ from, to }) => to - from));

function found(figures: Figures, share: number): Fired {
  const longest = longestGap(figures);
  const timeout = Math.round(Math.min(TIMEOUT.most, Math.max(TIMEOUT.least, longest / 4_000)));
  const afterTimeout = (waited: number): number => figures.gaps.reduce((sum, { from, to }) => sum + figures.slotsIn({ from: Math.min(to, from + waited), to }), 0);
  const isDynamic = figures.property('spark.dynamicAllocation.enabled') === 'true';
  const hasService = figures.property('spark.shuffle.service.enabled') === 'true';
  return {
    figure: { what: 'slot time held between stages over all slot time', value: share, threshold: IDLE_SHARE, unit: 'share' },
    says: `${many(figures.mostExecutors, 'executor')} held their slots for ${timeText(figures.slotMilliseconds)} in all, ${percent(share)} of it while no stage ran; the longest such time was ${timeText(longest)}.`,
    stage: null,
    change: 'Let executors go while the driver works alone, or move that work into tasks (collect() and loops in the driver, files renamed one by one, calls to other services).',
    properties: [
      ...(isDynamic ? [] : [change(figures, 'spark.dynamicAllocation.enabled', 'true', `executors waited for ${percent(share)} of the time that they were held`)]),
      ...(isDynamic || hasService ? [] : [change(figures, 'spark.dynamicAllocation.shuffleTracking.enabled', 'true', 'without an external shuffle service executors with shuffle files that are needed stay')]),
      change(figures, 'spark.dynamicAllocation.executorIdleTimeout', `${timeout}s`, `the longest time without a stage was ${timeText(longest)}`),
    ],
    effect: effect(afterTimeout(timeout * 1_000 + RETURN), afterTimeout(timeout * 1_000), 'slot-ms', `Executors go ${timeout} s after their last task; the lower end supposes that they come back ${RETURN / 1_000} s before they are needed.`),
  };
}
