// Operation `approvals`: the restores, backups and pipelines that wait for a person.
import type { Client } from '@temporalio/client';
import { z } from 'zod';
import type { IngestApproval, Progress } from '../contract/ingest.ts';
import { WORKFLOW, ingestRequestWorkflowId } from '../contract/names.ts';
import type { PipelineRunStatus } from '../contract/pipeline-run.ts';
import type { RestoreStatus } from '../contract/restore.ts';
import type { RestoreAllStatus } from '../contract/restore-all.ts';
import { defineOperation } from './operation.ts';
import { statusOf } from './restore-run.ts';

interface Asked {
  workflowId: string;
  requestedBy: string | null;
}

export type WaitingRestore = RestoreStatus & Asked & { type: 'restore' };
export type WaitingIngest = IngestApproval & Asked & { type: 'ingest' };
export type WaitingPipeline = PipelineRunStatus & Asked & { type: 'pipeline' };
export type WaitingRestoreAll = RestoreAllStatus & Asked & { type: 'restore-all' };
export type Waiting = WaitingRestore | WaitingRestoreAll | WaitingIngest | WaitingPipeline;

export const approvals = defineOperation({
  name: 'approvals',
  description: 'Lists the restores, backups and pipelines that wait for approval, with their plans and hashes, the oldest first.',
  kind: 'reads',
  input: z.strictObject({}),
  async run(context): Promise<Waiting[]> {
    const client = await context.temporal();
    const waiting: Waiting[] = [];
    for await (const { workflowId, runId, type, memo } of client.workflow.list({ query: `ExecutionStatus = 'Running' AND (WorkflowType = '${WORKFLOW.restore}' OR WorkflowType = '${WORKFLOW.restoreAll}' OR WorkflowType = '${WORKFLOW.pipeline}' OR WorkflowId STARTS_WITH '${ingestRequestWorkflowId('')}')` })) {
      const by = memo?.['requestedBy'];
      const asked: Asked = { workflowId, requestedBy: typeof by === 'string' ? by : null };
      const found = await waitingOf(type, client, asked, runId);
      if (found?.state === 'awaiting approval') waiting.push(found);
    }
    return waiting.sort((a, b) => ((a.expires ?? '') < (b.expires ?? '') ? -1 : 1));
  },
});

function waitingOf(type: string, client: Client, asked: Asked, runId: string): Promise<Waiting | null> {
  if (type === WORKFLOW.pipeline) return waitingPipeline(client, asked, runId);
  if (type === WORKFLOW.restoreAll) return waitingRestoreAll(client, asked, runId);
  return type === WORKFLOW.restore ? waitingRestore(client, asked, runId) : waitingIngest(client, asked, runId);
}

async function waitingPipeline(client: Client, asked: Asked, runId: string): Promise<WaitingPipeline> {
  return { ...(await statusOf<PipelineRunStatus>(client.workflow.getHandle(asked.workflowId, runId))), ...asked, type: 'pipeline' };
}

async function waitingRestoreAll(client: Client, asked: Asked, runId: string): Promise<WaitingRestoreAll> {
  return { ...(await statusOf<RestoreAllStatus>(client.workflow.getHandle(asked.workflowId, runId))), ...asked, type: 'restore-all' };
}

async function waitingRestore(client: Client, asked: Asked, runId: string): Promise<WaitingRestore> {
  return { ...(await statusOf(client.workflow.getHandle(asked.workflowId, runId))), ...asked, type: 'restore' };
}

async function waitingIngest(client: Client, asked: Asked, runId: string): Promise<WaitingIngest | null> {
  const { approval } = await statusOf<Progress>(client.workflow.getHandle(asked.workflowId, runId));
  return approval === undefined ? null : { ...approval, ...asked, type: 'ingest' };
}
