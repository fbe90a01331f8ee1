// GitLab's own lint of the file, where a forge is configured: it knows includes, variables and limits that no schema knows.
import type { PipelineProblem, ProposedFile } from '../../contract/pipeline.ts';
import { notRun, type ValidationOptions } from './options.ts';

/** What the forge says; nothing where none is configured or it has no lint. */
export async function checkForge(files: readonly ProposedFile[], lint: ValidationOptions['forgeLint'], signal: AbortSignal): Promise<PipelineProblem[]> {
  const file = files.find(({ path }) => path === '.gitlab-ci.yml');
  if (file === undefined || lint === undefined) return [];
  try {
    const said = (await lint(file.content, signal)) ?? [];
    return said.map((each) => ({ ...each, check: 'forge', path: file.path }));
  } catch (error) {
    return [notRun('forge', file.path, "GitLab's own lint", error, signal)];
  }
}
