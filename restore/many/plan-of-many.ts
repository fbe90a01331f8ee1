// The plan of a restore of many, from the rows of its repositories.
import { PivoError } from '../../contract/failures.ts';
import type { RestoreAllChoice, RestoreAllPlan, RestoreAllRow, RestoreAllState, RestoreAllSums } from '../../contract/restore-all.ts';
import { PLAN_ROWS, type PlanAction } from '../../contract/restore.ts';

const ACTIONS: readonly PlanAction[] = ['create', 'fast-forward', 'unchanged', 'refuse'];

/** The plan; the same archive and targets give the same one. */
export function planOfMany({ at, engine }: RestoreAllChoice, base: { url: string; protocol: string }, repositories: RestoreAllRow[]): RestoreAllPlan {
  return { formatVersion: 1, at, target: base.url, targetKind: base.protocol === 'file' ? 'folder' : 'remote', engine, sums: sumsOf(repositories), repositories };
}

function sumsOf(rows: readonly RestoreAllRow[]): RestoreAllSums {
  const sum = (of: (row: RestoreAllRow) => number): number => rows.reduce((total, row) => total + of(row), 0);
  const inState = (state: RestoreAllState): number => sum((row) => Number(row.state === state));
  return {
    repositories: rows.length,
    ready: inState('ready'),
    nothing: inState('nothing'),
    refused: inState('refused'),
    refs: Object.fromEntries(ACTIONS.map((action) => [action, sum(({ refs }) => refs[action])])) as RestoreAllSums['refs'],
    packs: sum(({ packs }) => packs),
    bytes: sum(({ bytes }) => bytes),
    makes: sum(({ makes }) => Number(makes !== null)),
  };
}

const FIRST: Record<RestoreAllState, number> = { refused: 0, nothing: 1, ready: 2 };

/** Small enough for a workflow's history: the first PLAN_ROWS repositories, those that need a look before the others. */
export function excerptOfMany(plan: RestoreAllPlan): RestoreAllPlan {
  if (plan.repositories.length <= PLAN_ROWS) return plan;
  return { ...plan, repositories: plan.repositories.toSorted((a, b) => FIRST[a.state] - FIRST[b.state]).slice(0, PLAN_ROWS) };
}

/** The failure of a plan by which nothing at all would be restored, or null. */
export function emptyPlan(plan: RestoreAllPlan): PivoError | null {
  if (plan.sums.ready > 0) return null;
  const first = plan.repositories.find(({ state }) => state === 'refused') ?? plan.repositories[0];
  const { repositories, refused, nothing } = plan.sums;
  const why = refused > 0 ? `${refused} cannot be restored to ${plan.target}, the first for this reason: ${first?.reason?.message ?? ''}` : `at ${plan.at} none of ${nothing} was backed up yet`;
  return new PivoError(first?.reason?.kind ?? 'NotFound', `none of ${repositories} ${repositories === 1 ? 'repository' : 'repositories'} can be restored: ${why}`, { hint: first?.reason?.hint ?? 'Nothing was changed.' });
}
