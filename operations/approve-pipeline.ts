// Operations `approve-pipeline` and `reject-pipeline`: a person says whether the exact files of a proposal are committed.
import { z } from 'zod';
import { UPDATE, pipelineWorkflowId } from '../contract/names.ts';
import type { PipelineOutcome, PipelineRunStatus } from '../contract/pipeline-run.ts';
import { ApproveInput, RejectInput } from '../contract/restore.ts';
import { defineOperation } from './operation.ts';
import { pipelineRow, viewOf, type PipelineView } from './pipeline-view.ts';
import { mustBeOwner } from './restore-run.ts';
import { followToEnd } from './started-run.ts';

/** Its id, or its workflow's. */
const PipelineId = z.string().min(1).max(300);

export const approvePipeline = defineOperation({
  name: 'approve-pipeline',
  description: 'Approves a proposed pipeline by the hash of its exact files: they are committed on a branch, a merge request is opened, and the run is watched; with `wait` the answer comes at the end.',
  kind: 'decides',
  input: z.strictObject({ pipeline: PipelineId, proposalHash: ApproveInput.shape.planHash, wait: z.boolean().default(false) }),
  async run(context, { pipeline, proposalHash, wait }, options): Promise<PipelineRunStatus | PipelineView> {
    mustBeOwner(context, 'approve');
    const { id } = pipelineRow(context, pipeline);
    const client = await context.temporal();
    const handle = client.workflow.getHandle(pipelineWorkflowId(id));
    const { decide } = await import('./decide.ts');
    const status = await decide<PipelineRunStatus>(handle, UPDATE.approve, { planHash: proposalHash, approver: context.caller.user });
    if (!wait) return status;
    await followToEnd<PipelineOutcome>(client, handle, true, options);
    return viewOf(context, pipelineRow(context, id), options);
  },
});

export const rejectPipeline = defineOperation({
  name: 'reject-pipeline',
  description: 'Rejects a proposed pipeline; it ends without anything having been committed.',
  kind: 'decides',
  input: z.strictObject({ pipeline: PipelineId, proposalHash: RejectInput.shape.planHash, reason: RejectInput.shape.reason }),
  async run(context, { pipeline, proposalHash, reason }): Promise<PipelineRunStatus> {
    mustBeOwner(context, 'reject');
    const { id } = pipelineRow(context, pipeline);
    const { decide } = await import('./decide.ts');
    return decide<PipelineRunStatus>((await context.temporal()).workflow.getHandle(pipelineWorkflowId(id)), UPDATE.reject, { ...(proposalHash === undefined ? {} : { planHash: proposalHash }), reason, approver: context.caller.user });
  },
});
