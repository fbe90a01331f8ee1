// Operation `jobs`: what runs and what ran of all that somebody waits for, from ingests to exports of forge data, one by id or the latest.
import type { WorkflowExecutionInfo } from '@temporalio/client';
import { z } from 'zod';
import type { FailureReport } from '../contract/failures.ts';
import { QUERY, WORKFLOW } from '../contract/names.ts';
import { defineOperation, type OperationContext } from './operation.ts';

/** Runs that people wait for; a conversation is none. */
const JOB_TYPES = [WORKFLOW.ingest, WORKFLOW.restore, WORKFLOW.restoreAll, WORKFLOW.verify, WORKFLOW.drill, WORKFLOW.repair, WORKFLOW.pipeline, WORKFLOW.fleet, WORKFLOW.discover, WORKFLOW.forgeData, WORKFLOW.retain, WORKFLOW.ingestLogs, WORKFLOW.replaySpool, WORKFLOW.migrateVault];

export interface Job {
  workflowId: string;
  runId: string;
  type: string;
  /** `running`, `completed`, `failed`, `canceled`, `terminated`, `timed_out`. */
  state: string;
  started: string;
  ended: string | null;
  /** Answer of the `status` query of a job that runs; of one job only. */
  status?: unknown;
  result?: unknown;
  failure?: FailureReport;
}

export const jobs = defineOperation({
  name: 'jobs',
  description: 'Lists the latest ingests, restores, verifications, drills, repairs, pipelines, fleet runs, discoveries of sources, exports of forge data, retentions, readings of logs, replays of the spool and migrations of the vault, or tells one job by its id: state, progress, result or failure.',
  kind: 'reads',
  input: z.strictObject({
    /** Workflow id, such as `ingest:execa`, or the id of a restore. */
    id: z.string().min(1).optional(),
    state: z.enum(['running']).optional(),
    limit: z.number().int().positive().max(1000).default(20),
  }),
  run: (context, { id, state, limit }): Promise<Job[]> => (id === undefined ? latest(context, limit, state) : one(context, id)),
});

export const job = defineOperation({
  name: 'job',
  description: 'Tells one ingest or restore by its id: state, progress, result or failure.',
  kind: 'reads',
  input: z.strictObject({ id: z.string().min(1).max(1_000) }),
  run: async (context, { id }): Promise<Job> => (await one(context, id))[0],
});

async function latest(context: OperationContext, limit: number, state: 'running' | undefined): Promise<Job[]> {
  const client = await context.temporal();
  const found: Job[] = [];
  for await (const run of client.workflow.list({ query: `WorkflowType IN (${JOB_TYPES.map((type) => `'${type}'`).join(', ')})${state === undefined ? '' : ` AND ExecutionStatus = 'Running'`}` })) {
    found.push(jobOf(run));
    if (found.length === limit) break;
  }
  return found;
}

async function one(context: OperationContext, id: string): Promise<[Job]> {
  const client = await context.temporal();
  const [{ restoreRun }, { runFailure }] = await Promise.all([import('./restore-run.ts'), import('./temporal-run.ts')]);
  const handle = id.includes(':') ? client.workflow.getHandle(id) : await restoreRun(client, id);
  const run = await handle.describe().catch((error: unknown) => {
    throw runFailure(error, id);
  });
  const job = jobOf(run);
  if (job.state === 'running') return [{ ...job, status: await handle.query(QUERY.status).catch(() => undefined) }];
  try {
    return [{ ...job, result: await handle.result() }];
  } catch (error) {
    return [{ ...job, failure: runFailure(error, id).report() }];
  }
}

function jobOf({ workflowId, runId, type, status, startTime, closeTime }: Pick<WorkflowExecutionInfo, 'workflowId' | 'runId' | 'type' | 'status' | 'startTime'> & { closeTime?: Date | undefined }): Job {
  return { workflowId, runId, type, state: status.name.toLowerCase(), started: startTime.toISOString(), ended: closeTime?.toISOString() ?? null };
}
