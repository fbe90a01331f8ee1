// Finds in the plan of a query the joins that shuffle both sides, and where the size of each side is told.

export interface PlannedJoin {
  execution: string;
  /** In Spark's words: `Inner`, `LeftOuter`, … */
  type: string;
  /** The plan's own line, such as `SortMergeJoin [key#2L], [key#10L], Inner`. */
  text: string;
  sides: readonly [JoinSide, JoinSide];
  /** Accumulator that counts the join's rows: the stage that has it ran the join. */
  rows: number | null;
  /** Link of that stage. */
  stage: string | null;
}

export interface JoinSide {
  /** Accumulator of the bytes that the side's exchange sent; null where there is no exchange. */
  sizeMetric: number | null;
  /** Bytes, where the plan itself tells them. */
  bytes: number | null;
}

/** A node of a plan as an event log or a history server tells it. */
export interface PlanNode {
  name: string;
  text: string;
  children: readonly PlanNode[];
  metrics: readonly { name: string; id: number | null; bytes: number | null }[];
}

/** Most nodes of a plan that are looked at: plans of thousands of columns or unions have some ten thousand. */
const MOST_NODES = 50_000;
const JOINS = new Set(['SortMergeJoin', 'ShuffledHashJoin']);
const JOIN_TYPES = ['Inner', 'LeftOuter', 'RightOuter', 'FullOuter', 'LeftSemi', 'LeftAnti', 'Cross'];

/** The shuffled joins of a plan, from its root on. A plan that nests without end is looked at as far as the limit. */
export function joinsOf(execution: string, root: PlanNode): { joins: PlannedJoin[]; complete: boolean } {
  const joins: PlannedJoin[] = [];
  const open: PlanNode[] = [root];
  for (let looked = 0; looked < MOST_NODES; looked++) {
    const node = open.pop();
    if (node === undefined) return { joins, complete: true };
    if (JOINS.has(node.name)) joins.push(joinOf(execution, node));
    open.push(...node.children.slice(0, MOST_NODES - open.length).toReversed());
  }
  return { joins, complete: false };
}

function joinOf(execution: string, { text, children: [left, right], metrics }: PlanNode): PlannedJoin {
  const type = JOIN_TYPES.find((each) => text.includes(`, ${each}`)) ?? 'unknown';
  return { execution, type, text: text.slice(0, 500), sides: [sideOf(left), sideOf(right)], rows: metrics.find(({ name }) => name === 'number of output rows')?.id ?? null, stage: null };
}

/** The nearest exchange below, as long as the way does not fork. */
function sideOf(from: PlanNode | undefined): JoinSide {
  let node = from;
  for (let depth = 0; node !== undefined && depth < MOST_NODES; depth++) {
    const size = /Exchange|QueryStage/.test(node.name) ? node.metrics.find(({ name }) => name === 'data size') : undefined;
    if (size !== undefined) return { sizeMetric: size.id, bytes: size.bytes };
    const [below, ...others]: readonly PlanNode[] = node.children;
    node = others.length === 0 ? below : undefined;
  }
  return { sizeMetric: null, bytes: null };
}
