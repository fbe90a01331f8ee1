// Spill: what tasks sort, join or aggregate does not fit into their memory and goes to disk and back.
import type { Figures } from '../figures.ts';
import type { Stage } from '../stage.ts';
import { change, effect, heapText, many, percent, shufflePartitions, sizeText, stagesOf, type Fired, type Rule } from './rule.ts';

/** Spilled to disk, over what the stage read and wrote in shuffles and files. */
export const SPILL_SHARE = 0.1;
/** Less is a file of the page cache. */
export const LEAST_SPILL = 32 * 2 ** 20;
/** Bytes a second that a disk writes and reads back: from one that spins to one that does not. */
const DISK = { slow: 100e6, fast: 1e9 };
const MOST_PARTITIONS = 100_000;

export const spill: Rule = {
  id: 'spill',
  find: (figures) => stagesOf(figures).filter((stage) => stage.sums.diskSpilled >= LEAST_SPILL && shareOf(stage) >= SPILL_SHARE).map((stage) => found(stage, figures)),
};

function shareOf({ sums }: Stage): number {
  const moved = sums.input + sums.shuffleRead + sums.shuffleWrite + sums.output;
  return moved === 0 ? 1 : sums.diskSpilled / moved;
}

function found(stage: Stage, figures: Figures): Fired {
  const { sums, durations, link } = stage;
  const tasks = durations.count;
  const needed = sums.memorySpilled / tasks + stage.peakExecution;
  const partitions = Math.min(MOST_PARTITIONS, Math.ceil((tasks * needed * 1.25) / figures.memoryOfTask));
  const byProperty = shufflePartitions(figures, stage, partitions, `what spilled in ${link} then fits into a task's ${sizeText(figures.memoryOfTask)}`);
  const slots = Math.min(tasks, figures.slotsOf(stage));
  const moved = 2 * sums.diskSpilled;
  return {
    figure: { what: 'spilled to disk over what was read and written', value: shareOf(stage), threshold: SPILL_SHARE, unit: 'share' },
    says: `${many(tasks, 'task')} spilled ${sizeText(sums.diskSpilled)} to disk (${sizeText(sums.memorySpilled)} in memory), ${percent(shareOf(stage))} of what the stage read and wrote; a task needed about ${sizeText(needed)} and may use ${sizeText(figures.memoryOfTask)}.`,
    stage,
    change: byProperty.length > 0
      ? `Use ${partitions} partitions instead of ${tasks}, so that each fits into memory.`
      : `Use about ${partitions} partitions instead of ${tasks} where the code sets them, or give each executor ${heapText(figures.heapFor(needed))}.`,
    properties: byProperty.length > 0 ? byProperty : [change(figures, figures.isLocal ? 'spark.driver.memory' : 'spark.executor.memory', heapText(figures.heapFor(needed)), `a task of ${link} needed about ${sizeText(needed)}; or use ${partitions} partitions there`)],
    effect: effect((moved / DISK.fast / slots) * 1_000, Math.min(stage.milliseconds, (moved / DISK.slow / slots) * 1_000), 'ms', 'The spilled bytes are written and read once each, at 1 GB/s (lower end) or 100 MB/s (upper end) a slot.'),
  };
}
