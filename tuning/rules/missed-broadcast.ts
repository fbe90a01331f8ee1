// Missed broadcast: a join shuffles and sorts its large side although the other one would fit into every executor.
import type { Figures } from '../figures.ts';
import type { JoinSide, PlannedJoin } from '../plan.ts';
import { bytesOf } from '../figures.ts';
import { change, effect, sizeText, type Fired, type Rule } from './rule.ts';

/** The small side, at most, and at most this share of an executor's heap. */
export const SMALL_SIDE = 64 * 2 ** 20;
const OF_HEAP = 0.1;
/** The other side over the small one. */
export const TIMES_LARGER = 10;
const DEFAULT_THRESHOLD = 10 * 2 ** 20;
/** Sides that Spark can broadcast, by the join's type: 0 is the left one. Source: canBroadcastBySize in Spark's joins.scala. */
const SIDES: Readonly<Record<string, readonly (0 | 1)[]>> = { Inner: [0, 1], Cross: [0, 1], LeftOuter: [1], LeftSemi: [1], LeftAnti: [1], RightOuter: [0] };
/** Joins in stages that take less of the time are passed over. */
const WORTH_IT = 0.05;

interface Missed {
  join: PlannedJoin;
  small: number;
  large: number;
}

export const missedBroadcast: Rule = {
  id: 'missed-broadcast',
  find: (figures) => [...figures.recording.joins.values()].flatMap((join) => {
    const missed = missedOf(join, figures);
    return missed === null ? [] : found(missed, figures);
  }),
};

function missedOf(join: PlannedJoin, figures: Figures): Missed | null {
  const sizes = join.sides.map((side) => sizeOf(side, figures));
  const candidates = (SIDES[join.type] ?? []).flatMap((side) => {
    const [small, large] = [sizes[side], sizes[1 - side]];
    return small == null || large == null ? [] : [{ join, small, large }];
  });
  const best = candidates.toSorted((one, other) => one.small - other.small)[0];
  if (best === undefined) return null;
  return best.small <= Math.min(SMALL_SIDE, OF_HEAP * figures.heap) && best.large >= TIMES_LARGER * best.small && best.large >= 2 ** 20 ? best : null;
}

const sizeOf = ({ sizeMetric, bytes }: JoinSide, { recording }: Figures): number | null => bytes ?? (sizeMetric === null ? null : recording.metricOf(sizeMetric));

function found({ join, small, large }: Missed, figures: Figures): Fired[] {
  const stage = figures.stages.find(({ link }) => link === join.stage) ?? null;
  if (stage !== null && figures.share(stage) < WORTH_IT) return [];
  const set = figures.property('spark.sql.autoBroadcastJoinThreshold');
  const threshold = set === null ? DEFAULT_THRESHOLD : (bytesOf(set) ?? DEFAULT_THRESHOLD);
  const wanted = Math.max(DEFAULT_THRESHOLD, 2 ** Math.ceil(Math.log2(2 * Math.max(1, small))));
  const saved = stage === null ? 0 : (stage.sums.fetchWait + stage.sums.shuffleWriteTime) / figures.slotsOf(stage);
  return [{
    figure: { what: 'small side of a shuffled join', value: small, threshold: Math.min(SMALL_SIDE, OF_HEAP * figures.heap), unit: 'bytes' },
    says: `${join.text.split(' ')[0] ?? 'A join'} (${join.type}) shuffles and sorts ${sizeText(large)} to join them with ${sizeText(small)}; spark.sql.autoBroadcastJoinThreshold is ${threshold < 0 ? 'off' : sizeText(threshold)}.`,
    stage,
    change: threshold < small
      ? `Let Spark send the small side to every executor: nothing of the large one is then shuffled for this join.`
      : 'Spark did not know that the side is small: mark it with broadcast() in the code, or let ANALYZE TABLE … COMPUTE STATISTICS tell it.',
    properties: threshold < small ? [change(figures, 'spark.sql.autoBroadcastJoinThreshold', wanted, `the small side of a join${stage === null ? '' : ` in ${stage.link}`} has ${sizeText(small)}`)] : [],
    effect: stage === null ? null : effect(saved, stage.milliseconds * 0.8, 'ms', 'The lower end is the wait for shuffled blocks alone; the upper one supposes that a fifth of the stage is the join itself, and that the rest was fetching and sorting.'),
  }];
}
