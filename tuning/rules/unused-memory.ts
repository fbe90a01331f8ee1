// Unused memory: executors hold a heap of which little was ever in use.
import type { Figures } from '../figures.ts';
import { change, heapText, percent, sizeText, type Fired, type Rule } from './rule.ts';

/** Highest use over the heap, at most: a collector lets garbage stand while there is room, so that use is an upper bound of need. */
export const USED_HEAP = 0.35;
/** Smaller heaps are not worth a change. */
export const LEAST_HEAP = 4 * 2 ** 30;

export const unusedMemory: Rule = {
  id: 'unused-memory',
  find: (figures) => {
    const { peakHeap } = figures.recording.totals;
    return !figures.isLocal && peakHeap > 0 && figures.heap >= LEAST_HEAP && peakHeap / figures.heap <= USED_HEAP ? [found(figures, peakHeap)] : [];
  },
};

function found(figures: Figures, peak: number): Fired {
  const heap = heapText(peak * 1.6);
  return {
    figure: { what: 'highest heap in use over the heap', value: peak / figures.heap, threshold: USED_HEAP, unit: 'share' },
    says: `Executors have ${sizeText(figures.heap)} of heap each; at most ${sizeText(peak)} (${percent(peak / figures.heap)}) were in use.`,
    stage: null,
    change: `${heap} would do, with more than half as much again to spare; larger inputs may need more.`,
    properties: [change(figures, 'spark.executor.memory', heap, `at most ${sizeText(peak)} were in use`)],
    effect: null,
  };
}
