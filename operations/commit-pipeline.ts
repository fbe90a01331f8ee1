// Operation `commit-pipeline`: says which proposal waits for a person before it is committed; decides nothing itself.
import { z } from 'zod';
import { PivoError } from '../contract/failures.ts';
import { pipelineWorkflowId } from '../contract/names.ts';
import type { PipelineRunStatus } from '../contract/pipeline-run.ts';
import { listPipelines } from '../state/pipelines.ts';
import { defineOperation, type OperationContext, type RunOptions } from './operation.ts';
import type { GeneratedPipeline } from './generate-pipeline.ts';
import { archivedRepository, RepoUrl } from './pipeline-repository.ts';
import { pipelineRow, viewOf } from './pipeline-view.ts';
import { statusOf } from './restore-run.ts';

/** What has to be approved; `proposal` holds the exact files. */
export interface PipelineToApprove extends GeneratedPipeline {
  approvalRequired: true;
}

/** Proposals of a repository that are looked at, the latest first. */
const MOST_LOOKED_AT = 20;

export const commitPipeline = defineOperation({
  name: 'commit-pipeline',
  description: 'Asks for the approval that a proposed pipeline needs before it is committed on a branch with a merge request: answers the latest proposal of the repository that waits, with the hash that a person approves.',
  kind: 'reads',
  input: z.strictObject({ repo_url: RepoUrl }),
  async run(context, { repo_url: repoUrl }, options): Promise<PipelineToApprove> {
    const { repository } = await archivedRepository(context, repoUrl);
    return waitingProposal(context, repository, options);
  },
});

/** Fails with NotFound where none waits. */
async function waitingProposal(context: OperationContext, repository: string, options: RunOptions): Promise<PipelineToApprove> {
  const client = await context.temporal();
  for (const { id } of listPipelines(context.paths.state, { repository, status: 'generated' }, MOST_LOOKED_AT)) {
    const handle = client.workflow.getHandle(pipelineWorkflowId(id));
    const running = await handle.describe().then(({ status }) => status.name === 'RUNNING', () => false);
    const status = running ? await statusOf<PipelineRunStatus>(handle) : null;
    if (status?.state === 'awaiting approval') return { ...(await viewOf(context, pipelineRow(context, id), options)), expires: status.expires, approvalRequired: true };
  }
  throw new PivoError('NotFound', `no pipeline of ${repository} waits for approval`, { hint: `Generate one first: pivo pipeline generate ${repository}` });
}
