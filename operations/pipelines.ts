// Operation `pipelines`: the pipelines that were proposed, and what became of them.
import { z } from 'zod';
import { RepositoryName } from '../contract/names.ts';
import { PipelineStatus } from '../contract/pipeline.ts';
import { listPipelines, type PipelineEntry } from '../state/pipelines.ts';
import { defineOperation } from './operation.ts';

export interface Pipelines {
  pipelines: PipelineEntry[];
}

export const pipelines = defineOperation({
  name: 'pipelines',
  description: 'Lists the pipelines that were proposed, the latest first: for which repository and commit, approved by whom, on which branch, and how their run ended.',
  kind: 'reads',
  input: z.strictObject({ repository: RepositoryName.optional(), status: PipelineStatus.optional(), limit: z.number().int().positive().max(1_000).default(50) }),
  run: ({ paths }, { repository, status, limit }): Promise<Pipelines> => Promise.resolve({ pipelines: listPipelines(paths.state, { repository, status }, limit) }),
});
