// Operation `pipeline-status`: how a pipeline is: PIVO's own with files and causes, or whatever runs on a branch.
import { z } from 'zod';
import { PivoError } from '../contract/failures.ts';
import type { WatchedPipeline } from '../contract/pipeline.ts';
import { openForge } from '../forges/open.ts';
import { tokenOf } from '../git/credentials.ts';
import { listPipelines } from '../state/pipelines.ts';
import { defineOperation, type OperationContext } from './operation.ts';
import { archivedRepository, RepoUrl } from './pipeline-repository.ts';
import { pipelineRow, viewOf, type PipelineView } from './pipeline-view.ts';

export interface PipelineState {
  repository: string;
  branch: string | null;
  /** PIVO's own pipeline; null for a branch that is not its. */
  pipeline: PipelineView | null;
  /** The run on the forge; null where none began. */
  run: WatchedPipeline | null;
}

export const pipelineStatus = defineOperation({
  name: 'pipeline-status',
  description: 'Tells how a pipeline is: stages and jobs of its run, and why a job failed, from its log; of a repository\'s latest proposal, of a branch, or of one pipeline by its id.',
  kind: 'reads',
  input: z.strictObject({
    repo_url: RepoUrl.optional(),
    branch: z.string().min(1).max(200).optional(),
    /** Id of one pipeline. */
    pipeline: z.string().min(1).max(300).optional(),
  }),
  async run(context, { repo_url: repoUrl, branch, pipeline }, options): Promise<PipelineState> {
    if (pipeline !== undefined) return ofOurs(await viewOf(context, pipelineRow(context, pipeline), options));
    if (repoUrl === undefined) throw new PivoError('InvalidInput', 'neither a repository nor a pipeline is named', { hint: 'Give repo_url, with a branch where one is meant, or pipeline.' });
    const { repository, origin } = await archivedRepository(context, repoUrl);
    const own = listPipelines(context.paths.state, { repository, branch }, 1)[0];
    if (own !== undefined) return ofOurs(await viewOf(context, pipelineRow(context, own.id), options));
    if (branch === undefined) throw new PivoError('NotFound', `no pipeline was proposed for ${repository}`, { hint: `Generate one (pivo pipeline generate ${repository}), or name a branch.` });
    return { repository, branch, pipeline: null, run: await runOf(context, origin, branch, options.signal) };
  },
});

const ofOurs = (pipeline: PipelineView): PipelineState => ({ repository: pipeline.repository, branch: pipeline.branch, pipeline, run: pipeline.run });

/** What runs on a branch, asked with the configured credential. Fails as the forge does. */
async function runOf({ forges = [], paths }: OperationContext, origin: string, branch: string, signal: AbortSignal): Promise<WatchedPipeline | null> {
  const forge = await openForge(origin, { forges, credential: null, token: (name) => tokenOf(paths.credentials, name) });
  return forge.pipeline({ branch }, signal);
}
