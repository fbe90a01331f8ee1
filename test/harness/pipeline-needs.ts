// The needs of a fixture repository, and its proposals, as the operation makes them.
import { analyse } from '../../analysis/analyse.ts';
import type { CiSystem, PipelineNeeds, PipelineProposal } from '../../contract/pipeline.ts';
import { assemble } from '../../pipelines/assemble.ts';
import { needsOf } from '../../pipelines/needs.ts';
import { loadTemplates } from '../../pipelines/templates.ts';

export const COMMIT = 'c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00';

/** `files` by path, in any order. */
export async function needsOfFiles(repository: string, files: Readonly<Record<string, string>>): Promise<PipelineNeeds> {
  const paths = Object.keys(files);
  const analysis = await analyse(paths.map((path) => ({ path, bytes: Buffer.byteLength(files[path] ?? '') })), ({ path }) => Promise.resolve(Buffer.from(files[path] ?? '')));
  return needsOf({ repository, commit: COMMIT, paths, analysis });
}

export async function proposalOf(repository: string, files: Readonly<Record<string, string>>, system: CiSystem): Promise<PipelineProposal> {
  return assemble({ needs: await needsOfFiles(repository, files), system, templates: await loadTemplates(), existing: new Map(Object.entries(files)) });
}
