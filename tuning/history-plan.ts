// The joins of a query as a history server tells its plan: nodes with formatted metrics, and edges from child to parent.
import { bytesOf } from './figures.ts';
import type { Query } from './history-api.ts';
import { joinsOf, type PlanNode, type PlannedJoin } from './plan.ts';

/** Join types stand in the description only, in no order that nodes have: they are told where all joins of the query have the same. */
export function joinsOfQuery({ id, nodes, edges, planDescription }: Query): PlannedJoin[] {
  const types = new Set([...planDescription.matchAll(/^Join type: (\w+)$/gm)].map(([, type]) => type));
  const [type] = types.size === 1 ? types : [];
  const byId = new Map(nodes.map((node) => [node.nodeId, node]));
  const below = Map.groupBy(edges, ({ toId }) => toId);
  const nodeOf = (of: number): PlanNode => ({
    name: (byId.get(of)?.nodeName ?? '').replace(/\(skew=true\)$/, ''),
    text: `${byId.get(of)?.nodeName ?? ''}${type === undefined ? '' : `, ${type}`}`,
    get children() {
      return (below.get(of) ?? []).map(({ fromId }) => nodeOf(fromId));
    },
    metrics: (byId.get(of)?.metrics ?? []).map(({ name, value }) => ({ name, id: null, bytes: totalOf(value) })),
  });
  const inner = new Set(edges.map(({ fromId }) => fromId));
  const roots = nodes.filter(({ nodeId }) => !inner.has(nodeId)).map(({ nodeId }) => nodeOf(nodeId));
  return joinsOf(String(id), { name: '', text: '', children: roots, metrics: [] }).joins;
}

/** The total of `total (min, med, max …)\n134.2 MiB (16.7 MiB, …)`, or of a bare `134.2 MiB`. */
function totalOf(value: string): number | null {
  const [, total] = /^\s*([\d.,]+ ?[KMGTP]?i?B)\b/.exec(value.split('\n').at(-1) ?? '') ?? [];
  return total === undefined ? null : bytesOf(total.replaceAll(',', ''));
}
