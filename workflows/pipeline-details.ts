// What a pipeline says about itself on the server's own page: where it is, what it would commit, how to approve it.
import { UPDATE } from '../contract/names.ts';
import type { PipelineRunStatus } from '../contract/pipeline-run.ts';

/** Markdown for `setCurrentDetails`. */
export function pipelineDetails({ pipelineId, state, planHash, plan, expires, branch, commit, mergeRequest, run, waitsUntil }: PipelineRunStatus, workflowId: string): string {
  const lines = [`**${state}** (pipeline ${pipelineId})`];
  if (plan !== null) {
    lines.push(`${plan.repository} at ${plan.commit.slice(0, 12)} for ${plan.forge}: ${plan.jobs} jobs, ${plan.errors} errors, ${plan.warnings} warnings, written by ${plan.writtenBy}`);
    lines.push(...plan.files.map(({ path, bytes, replaces }) => `- \`${path}\` ${bytes} bytes${replaces ? ' (replaces a file)' : ''}`));
  }
  if (state === 'awaiting approval') {
    lines.push(`Until ${expires}: \`pivo pipeline approve ${pipelineId} ${planHash}\` or \`pivo pipeline reject ${pipelineId}\``);
    lines.push(`or \`temporal workflow update execute --workflow-id ${workflowId} --name ${UPDATE.approve} --input '{"planHash":"${planHash}","approver":"NAME"}'\``);
  }
  if (commit !== null) lines.push(`commit ${commit.slice(0, 12)} on ${branch}${mergeRequest === null ? '' : `, ${mergeRequest}`}`);
  if (run !== null) lines.push(`run ${run.id}: ${run.state}`, ...run.jobs.slice(0, 50).map(({ name, state: of }) => `- ${name}: ${of}`));
  if (waitsUntil !== null) lines.push(`the forge asked to wait until ${waitsUntil}`);
  return lines.join('\n');
}
