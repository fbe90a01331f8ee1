// Hashes that people approve and receipts carry: canonical JSON of a plan, digest of a set of refs.
import { createHash } from 'node:crypto';
import type { IngestPlan } from './ingest.ts';
import type { RestoreAllPlan } from './restore-all.ts';
import { PLAN_ROWS, type PlanAction, type PlannedRef, type RestorePlan } from './restore.ts';

const inOrder = (_: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value;

/** JSON without white space, the members of every object sorted by name: the same value always gives the same text. */
export const canonicalJson = (value: unknown): string => JSON.stringify(value, inOrder);

/** SHA-256 of a plan's canonical JSON, 64 hex digits. */
export const planHash = (plan: RestorePlan | IngestPlan | RestoreAllPlan): string => createHash('sha256').update(canonicalJson(plan)).digest('hex');

/** Refs by action. */
export function countActions(refs: readonly PlannedRef[]): Record<PlanAction, number> {
  const counts = { create: 0, 'fast-forward': 0, unchanged: 0, refuse: 0 };
  for (const ref of refs) counts[ref.action] += 1;
  return counts;
}

const TELLING: Record<PlanAction, number> = { refuse: 0, 'fast-forward': 1, create: 2, unchanged: 3 };

/** A plan small enough for a workflow's history: the most telling rows first, PLAN_ROWS of each list. */
export function excerptOf(plan: RestorePlan): RestorePlan {
  if (plan.refs.length <= PLAN_ROWS && plan.packs.length <= PLAN_ROWS) return plan;
  const refs = [...plan.refs].sort((a, b) => TELLING[a.action] - TELLING[b.action]).slice(0, PLAN_ROWS);
  return { ...plan, refs, packs: plan.packs.slice(0, PLAN_ROWS), shallow: plan.shallow.slice(0, PLAN_ROWS) };
}

/** SHA-256 over `oid SP ref LF` of refs in the order given; a ref that is not there has no line. */
export function refsDigest(refs: Iterable<readonly [name: string, oid: string | undefined]>): string {
  const hash = createHash('sha256');
  for (const [name, oid] of refs) if (oid !== undefined) hash.update(`${oid} ${name}\n`);
  return hash.digest('hex');
}
