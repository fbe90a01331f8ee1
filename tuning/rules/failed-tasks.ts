// Failed tasks: work that was done in vain and again.
import type { Figures } from '../figures.ts';
import type { Stage } from '../stage.ts';
import { bytesOf } from '../figures.ts';
import { change, effect, heapText, many, percent, timeText, type Fired, type Rule } from './rule.ts';

/** Of a stage's tasks. */
export const FAILED_SHARE = 0.01;
export const LEAST_FAILED = 2;

export const failedTasks: Rule = {
  id: 'failed-tasks',
  find: (figures) => figures.stages.filter((stage) => stage.failed >= LEAST_FAILED && shareOf(stage) >= FAILED_SHARE).map((stage) => found(stage, figures)),
};

const shareOf = ({ failed, durations }: Stage): number => failed / Math.max(1, failed + durations.count);

function found(stage: Stage, figures: Figures): Fired {
  const [reason = 'unknown', count = 0] = [...stage.failures].toSorted((one, other) => other[1] - one[1])[0] ?? [];
  const { change: what, properties } = remedy(reason, stage, figures);
  return {
    figure: { what: 'failed over all tasks', value: shareOf(stage), threshold: FAILED_SHARE, unit: 'share' },
    says: `${many(stage.failed, 'task')} of ${stage.failed + stage.durations.count} failed (${percent(shareOf(stage))}), ${count} of them with ${reason}; they had run for ${timeText(stage.failedMilliseconds)}.`,
    stage,
    change: what,
    properties,
    effect: effect(stage.failedMilliseconds / figures.slots, stage.failedMilliseconds, 'ms', 'What failed tasks ran for is not run again; the lower end spreads it over all slots, the upper one supposes that the stage waited for each.'),
  };
}

function remedy(reason: string, { link }: Stage, figures: Figures): Pick<Fired, 'change' | 'properties'> {
  if (/ExecutorLost|ExecutorLostFailure/.test(reason)) {
    const was = bytesOf(figures.property('spark.executor.memoryOverhead') ?? '', 'm') ?? Math.max(384 * 2 ** 20, figures.heap * 0.1);
    return { change: 'Executors were lost, most often killed for memory beyond the heap: give them more of it, and read what the cluster says of their end.', properties: [change(figures, 'spark.executor.memoryOverhead', heapText(was * 2), `executors were lost in ${link}`)] };
  }
  if (/OutOfMemoryError/.test(reason)) return { change: 'The heap ran out: give each executor twice of it, or less data a task.', properties: [change(figures, 'spark.executor.memory', heapText(figures.heap * 2), `tasks of ${link} ran out of memory`)] };
  if (reason === 'FetchFailed') return { change: 'Shuffle blocks could not be fetched, most often since their executor was lost or busy: wait longer, and look at why it was.', properties: [change(figures, 'spark.shuffle.io.maxRetries', 10, `blocks of ${link} could not be fetched`)] };
  return { change: 'Read the task\'s error in the executor\'s log; no property mends a fault of the code or its data.', properties: [] };
}
