// Operation `spool-gates`: which spool gates are at work, on which batch, since when, and what holds them up.
import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { z } from 'zod';
import type { Progress } from '../contract/ingest.ts';
import { QUERY, spoolGateWorkflowId } from '../contract/names.ts';
import type { OpenBatch, SpoolGateStatus } from '../contract/spool-gate.ts';
import { SpoolKind, type SpoolBatch } from '../contract/spool.ts';
import { defineOperation, type OperationContext } from './operation.ts';
import { readRecords } from './record-store.ts';

export interface SpoolGateState {
  kind: SpoolKind;
  /** Whether the gate is at work: it waits for more, or a batch is open. Null when Temporal does not answer. */
  running: boolean | null;
  /** What its act does now; null between two acts. */
  progress: Progress | null;
  /** Since when the act that goes on is due, and which attempt at it this is. */
  since: string | null;
  attempt: number;
  /** Why the attempt before failed; null when none did. */
  failure: string | null;
  /** The batch that is open; null when none is, or the worker does not answer. */
  open: OpenBatch | null;
  /** The last batch of the manifest; null when there is none, or the records cannot be had. */
  last: SpoolBatch | null;
}

export const spoolGates = defineOperation({
  name: 'spool-gates',
  description: 'Tells for each kind whether its spool gate is at work, on which batch, since when, why its last attempt failed, and which batch was the last.',
  kind: 'reads',
  input: z.strictObject({}),
  run: async (context): Promise<SpoolGateState[]> => {
    const client = await context.temporal().catch(() => null);
    return Promise.all(SpoolKind.options.map((kind) => gateState(context, client, kind)));
  },
});

/** Milliseconds that Temporal, and a worker, may take to answer. */
const PATIENCE = 2_000;

async function gateState(context: OperationContext, client: Client | null, kind: SpoolKind): Promise<SpoolGateState> {
  const [run, last] = await Promise.all([client === null ? null : runState(client, spoolGateWorkflowId(kind, context.workerId)), lastBatch(context, kind)]);
  return { kind, last, ...(run ?? { ...IDLE, running: null }) };
}

type RunState = Omit<SpoolGateState, 'kind' | 'last'>;

const IDLE: RunState = { running: false, progress: null, since: null, attempt: 0, failure: null, open: null };

/** Null when Temporal does not answer. */
async function runState(client: Client, workflowId: string): Promise<RunState | null> {
  const handle = client.workflow.getHandle(workflowId);
  const patiently = <T>(ask: () => Promise<T>): Promise<T> => client.withDeadline(Date.now() + PATIENCE, ask);
  try {
    const described = await patiently(() => handle.describe());
    if (described.status.name !== 'RUNNING') return IDLE;
    const status = await patiently(() => handle.query<SpoolGateStatus>(QUERY.status)).catch(() => null);
    return { ...IDLE, ...(await actState(client, described)), running: true, open: status?.open ?? null };
  } catch (error) {
    return (error as { name?: string }).name === 'WorkflowNotFoundError' ? IDLE : null;
  }
}

async function actState(client: Client, { raw }: WorkflowExecutionDescription): Promise<Partial<RunState>> {
  const [act] = raw.pendingActivities ?? [];
  if (act === undefined) return {};
  const { heartbeatOf } = await import('./temporal-run.ts');
  const seconds = act.scheduledTime?.seconds;
  return {
    progress: await heartbeatOf<Progress>(client, act),
    since: seconds == null ? null : new Date(Number(seconds) * 1_000).toISOString(),
    attempt: act.attempt ?? 1,
    failure: act.lastFailure?.message ?? null,
  };
}

async function lastBatch(context: OperationContext, kind: SpoolKind): Promise<SpoolBatch | null> {
  const found = await readRecords(context, [], (records) => records.batches({ kind, limit: 1 })).catch(() => []);
  return found[0] ?? null;
}
