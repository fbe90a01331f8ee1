// Checks a proposed pipeline before a person sees it; no check runs anything that is proposed.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PipelineProblem, PipelineProposal } from '../../contract/pipeline.ts';
import { checkDockerfiles } from './dockerfile.ts';
import { readFiles } from './files.ts';
import { checkForge } from './forge.ts';
import { gitlabPipeline } from './gitlab.ts';
import { knownHostSet } from './hosts.ts';
import { checkImages } from './images.ts';
import type { ValidationOptions } from './options.ts';
import { checkGithubReferences } from './references-github.ts';
import { checkGitlabReferences } from './references-gitlab.ts';
import { checkVariables } from './variables.ts';
import { checkSchema } from './schema.ts';
import { scriptsOf } from './scripts.ts';
import { checkSecrets } from './secrets.ts';
import { checkShell } from './shell.ts';

export type { ValidationOptions } from './options.ts';

/**
 * What is against the files of a proposal, by file and line. A check whose tool cannot be had is a warning that says so.
 * Fails only with the reason of `signal`; what the files hold never makes it fail.
 */
export async function validateProposal(proposal: Pick<PipelineProposal, 'files' | 'system'>, { tools, knownHosts, secretVariables = [], forgeLint, signal = new AbortController().signal }: ValidationOptions): Promise<PipelineProblem[]> {
  const folder = await mkdtemp(join(tmpdir(), 'pivo-validate-'));
  const running: Promise<unknown>[] = [];
  const begun = <T>(check: Promise<T>): Promise<T> => {
    running.push(check);
    return check;
  };
  try {
    const read = readFiles(proposal);
    const scripts = scriptsOf(read);
    const bench = { tools, signal, folder };
    const hosts = knownHostSet(knownHosts);
    const pipeline = gitlabPipeline(read.gitlab);
    const [schema, shell, dockerfiles, forge] = await Promise.all([begun(checkSchema(read, bench)), begun(checkShell(scripts, bench)), begun(checkDockerfiles(read.dockerfiles, bench)), checkForge(proposal.files, forgeLint, signal)]);
    const references = [checkGitlabReferences(pipeline), checkVariables(pipeline, scripts), ...read.github.map(checkGithubReferences)].flatMap(({ list }) => list);
    const rest = [checkImages(read, hosts), checkSecrets(proposal, read, scripts, { hosts, secretVariables })].flatMap(({ list }) => list);
    return [...read.problems, ...schema, ...references, ...rest, ...dockerfiles, ...shell, ...forge].sort(byPlace);
  } finally {
    await Promise.allSettled(running); // one that failed leaves others at work in the folder
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** By file and line; errors before warnings of a line. */
function byPlace(one: PipelineProblem, other: PipelineProblem): number {
  return Number(one.path > other.path) - Number(one.path < other.path) || (one.line ?? 0) - (other.line ?? 0) || Number(one.severity > other.severity) - Number(one.severity < other.severity);
}
