// Operation `overview`: how well every repository is protected, what runs now and what waits for a person.
import { z } from 'zod';
import { WORKFLOW, ingestRequestWorkflowId } from '../contract/names.ts';
import type { Visit } from '../contract/visit.ts';
import { drillStates } from '../state/drills.ts';
import { approvals, type Waiting } from './approvals.ts';
import { jobs, type Job } from './jobs.ts';
import { defineOperation, type OperationContext, type RunOptions } from './operation.ts';
import { readerOf } from './query.ts';
import { rowsOf } from './rows.ts';

export interface Protection {
  repository: string;
  origin: string;
  /** The last visit, and its time in ISO 8601 UTC. */
  visit: number;
  time: string;
  /** Seconds since then. */
  age: number;
  outcome: Visit['outcome'];
  head: string | null;
  refs: number;
  holes: number;
  /** Bytes of the packs and indexes that the last visit needs. */
  packBytes: number;
  /** Bytes that the last visits added, how many visits those are, and the time of the first of them. */
  growth: { bytes: number; visits: number; since: string };
  /** The last of those visits that found refs forced or deleted; null when none did. */
  lost: { visit: number; time: string; forced: number; deleted: number } | null;
  /** The last backup that failed since then, within the last week; null when none did. */
  failed: { time: string; message: string | null } | null;
  /** When a restore or a drill last proved that it comes back, ISO 8601 UTC; null when none did. */
  proven: string | null;
}

export interface Overview {
  repositories: Protection[];
  /** Ingests and restores that go on; null when Temporal could not be asked in time. */
  running: Job[] | null;
  /** Restores and backups that wait for a person; null as above. `id` is what `approve` takes. */
  waiting: { type: Waiting['type']; id: string; workflowId: string; repository: string | null; target: string | null; planHash: string | null; requestedBy: string | null; expires: string | null }[] | null;
}

/** Visits of a repository that growth and lost refs are looked for in. */
const RECENT = 30;
/** Audit records that are looked through for failed backups. */
const RECENT_AUDIT = 20_000;
/** Milliseconds that Temporal may take. */
const PATIENCE = 2_000;

/** One statement, whose cost grows with the repositories and not with all that was ever recorded of them. */
const PROTECTION = `
WITH last AS MATERIALIZED (SELECT r.id, r.name, (SELECT max(v.visit) FROM stored_visits v WHERE v.repository = r.id) AS visit FROM repositories r),
recent AS (
  SELECT l.id, min(v.time) AS since, count(*) AS visits, sum(v.new_bytes) AS bytes, max(CASE WHEN v.refs_forced + v.refs_deleted > 0 THEN v.visit END) AS lost
  FROM last l JOIN stored_visits v ON v.repository = l.id AND v.visit > l.visit - ${RECENT} GROUP BY l.id
),
failures AS (
  SELECT repo_name, max(time) AS time, details ->> '$.message' AS message
  FROM (SELECT * FROM audit WHERE action = 'ingest' AND time > strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-7 days') ORDER BY time DESC LIMIT ${RECENT_AUDIT})
  WHERE outcome = 'failed' GROUP BY repo_name
),
proofs AS (SELECT repo_name, max(time) AS time FROM audit WHERE action = 'restore' AND outcome = 'done' GROUP BY repo_name)
SELECT l.name AS repository, v.origin, v.visit, v.time, v.outcome, v.head_commit AS head, v.refs, v.holes, v.pack_bytes AS packBytes,
  recent.bytes AS grown, recent.visits AS grownVisits, recent.since AS grownSince,
  c.visit AS lostVisit, c.time AS lostTime, c.refs_forced AS lostForced, c.refs_deleted AS lostDeleted,
  f.time AS failedTime, f.message AS failedMessage,
  p.time AS proven
FROM last l
  JOIN stored_visits v ON v.repository = l.id AND v.visit = l.visit
  JOIN recent ON recent.id = l.id
  LEFT JOIN stored_visits c ON c.repository = l.id AND c.visit = recent.lost
  LEFT JOIN failures f ON f.repo_name = l.name AND f.time > v.time
  LEFT JOIN proofs p ON p.repo_name = l.name
ORDER BY l.name`;

type Row = Omit<Protection, 'age' | 'growth' | 'lost' | 'failed'> & {
  grown: number; grownVisits: number; grownSince: string;
  lostVisit: number | null; lostTime: string; lostForced: number; lostDeleted: number;
  failedTime: string | null; failedMessage: string | null;
};

export const overview = defineOperation({
  name: 'overview',
  description: 'Tells of every repository its last visit, growth, forced or deleted refs, failed backups and last proof, and what runs and what waits for approval.',
  kind: 'reads',
  input: z.strictObject({}),
  async run(context, _input, options): Promise<Overview> {
    const [rows, work] = await Promise.all([readerOf(context.paths.index).query(PROTECTION, { rows: 100_000, bytes: 256 * 2 ** 20 }, options.signal), workNow(context, options)]);
    const now = Date.now();
    const drills = drillStates(context.paths.state);
    const repositories = rowsOf(rows).map((row) => protectionOf(row as unknown as Row, now)).map((row) => ({ ...row, proven: later(row.proven, drills.get(row.repository)?.proven?.finished ?? null) }));
    return { repositories, ...work };
  },
});

/** A proof is a proof, by a restore or by a drill. */
const later = (a: string | null, b: string | null): string | null => (a === null || (b !== null && b > a) ? b : a);

function protectionOf({ grown, grownVisits, grownSince, lostVisit, lostTime, lostForced, lostDeleted, failedTime, failedMessage, ...known }: Row, now: number): Protection {
  return {
    ...known,
    age: Math.max(0, Math.round((now - Date.parse(known.time)) / 1000)),
    growth: { bytes: grown, visits: grownVisits, since: grownSince },
    lost: lostVisit === null ? null : { visit: lostVisit, time: lostTime, forced: lostForced, deleted: lostDeleted },
    failed: failedTime === null ? null : { time: failedTime, message: failedMessage },
  };
}

/** Looking at what is protected works without Temporal. */
async function workNow(context: OperationContext, options: RunOptions): Promise<Pick<Overview, 'running' | 'waiting'>> {
  const late = Promise.withResolvers<null>();
  const timer = setTimeout(() => late.resolve(null), PATIENCE);
  const asked = askTemporal(context, options).catch(() => null);
  try {
    return (await Promise.race([asked, late.promise])) ?? { running: null, waiting: null };
  } finally {
    clearTimeout(timer);
  }
}

/** Runs are asked for their plans only where some may wait. */
async function askTemporal(context: OperationContext, options: RunOptions): Promise<Pick<Overview, 'running' | 'waiting'>> {
  const running = await jobs.run(context, { state: 'running', limit: 1000 }, options);
  if (running.every(({ type, workflowId }) => type !== WORKFLOW.restore && type !== WORKFLOW.restoreAll && type !== WORKFLOW.pipeline && !workflowId.startsWith(ingestRequestWorkflowId('')))) return { running, waiting: [] };
  const waiting = await approvals.run(context, {}, options);
  return { running, waiting: waiting.map(waitingRow) };
}

function waitingRow(each: Waiting): NonNullable<Overview['waiting']>[number] {
  const { type, workflowId, planHash, requestedBy, expires } = each;
  const said = { type, workflowId, planHash, requestedBy, expires, repository: each.type === 'restore-all' ? null : (each.plan?.repository ?? null) };
  if (each.type === 'pipeline') return { ...said, id: each.pipelineId, target: each.plan?.forge ?? null };
  return each.type === 'restore' || each.type === 'restore-all' ? { ...said, id: each.restoreId, target: each.plan?.target ?? null } : { ...said, id: workflowId, target: null };
}
