// A pipeline as every door shows it: its row, its files, and why jobs failed.
import type { DebugAnswer } from '../contract/diagnosis.ts';
import { PivoError } from '../contract/failures.ts';
import type { PipelineProposal } from '../contract/pipeline.ts';
import type { FailedJob, PipelineRow } from '../contract/pipeline-run.ts';
import { pipelineWorkflowId } from '../contract/names.ts';
import { statePipelines } from '../state/pipelines.ts';
import { debug } from './debug.ts';
import type { OperationContext, RunOptions } from './operation.ts';

/** A job that failed, with what `debug` says of its log; null where the log is not in the index. */
export interface ExplainedJob extends FailedJob {
  cause: Pick<DebugAnswer, 'cause' | 'text' | 'evidence' | 'toCheck' | 'toRun'> | null;
}

export interface PipelineView extends Omit<PipelineRow, 'runId' | 'proposal' | 'failed'> {
  workflowId: string;
  proposal: PipelineProposal;
  failed: ExplainedJob[];
}

/** Fails with NotFound. */
export function pipelineRow({ paths }: OperationContext, id: string): PipelineRow {
  const row = statePipelines(paths.state).find(id.replace(/^pipeline:/, ''));
  if (row === null) throw new PivoError('NotFound', `there is no pipeline "${id}"`, { hint: '`pivo pipeline list` shows those that there are.' });
  return row;
}

/** The row as it is now, with the cause of each failed job. */
export async function viewOf(context: OperationContext, { runId: _runId, ...row }: PipelineRow, options: RunOptions): Promise<PipelineView> {
  const failed: ExplainedJob[] = [];
  for (const each of row.failed) failed.push({ ...each, cause: each.source === null ? null : await causeOf(context, each.name, each.source, options) });
  return { ...row, workflowId: pipelineWorkflowId(row.id), failed };
}

async function causeOf(context: OperationContext, job: string, source: string, options: RunOptions): Promise<ExplainedJob['cause']> {
  const { cause, text, evidence, toCheck, toRun } = await debug.run(context, { question: `why did the job ${job.slice(0, 200)} fail`, source, limit: 8 }, options);
  return { cause, text, evidence, toCheck, toRun };
}
