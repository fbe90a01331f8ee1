// A project on a GitLab, behind the port Forge.
import { isPivoError, PivoError } from '../../contract/failures.ts';
import type { PipelineProblem } from '../../contract/pipeline.ts';
import type { Forge } from '../forge.ts';
import { textOf } from '../order.ts';
import { unlessRefused } from '../refused.ts';
import type { ForgeAccess } from '../wire.ts';
import { openGitlabProject, orNull, type GitlabProject } from './client.ts';
import { commit, headOf } from './commit.ts';
import { pipelineOf } from './pipelines.ts';

/** Pages of 100 variables. */
const MOST_PAGES = 10;

/** `path` is `group/…/name`. */
export function openGitlab(access: ForgeAccess, path: string): Forge {
  const project = openGitlabProject(access, path);
  return {
    kind: 'gitlab',
    async repository(signal) {
      const { path_with_namespace: full, default_branch: branch, web_url: url } = (await project.ask(signal).projects.show(path)) as { path_with_namespace: string; default_branch: string | null; web_url: string };
      if (branch === null) throw new PivoError('NotFound', `${full} has no branch yet`, { hint: 'Push a first commit.' });
      return { path: full, defaultBranch: branch, url };
    },
    async file(file, ref, signal) {
      const found = await orNull(project.ask(signal).files.show(path, file, ref));
      return found === null ? null : textOf(file, Buffer.from(found.content, 'base64'));
    },
    head: (branch, signal) => headOf(project, branch, signal),
    commit: (order, signal) => commit(project, order, signal),
    async requestMerge(branch, into, title, body, signal) {
      const open = await openRequest(project, branch, into, signal);
      if (open !== null) return open;
      try {
        const { web_url: url, iid: number } = await project.ask(signal).mergeRequests.create(path, branch, into, title, { description: body });
        return { url, number };
      } catch (error) {
        const now = isPivoError(error, 'Exists') ? await openRequest(project, branch, into, signal) : null;
        if (now === null) throw error;
        return now;
      }
    },
    pipeline: (which, signal) => pipelineOf(project, which, signal),
    jobLog: (id, signal) => project.wire.stream(new URL(`projects/${encodeURIComponent(path)}/jobs/${encodeURIComponent(id)}/trace`, project.api), { elsewhere: false, signal }),
    lint: (content, signal) => lint(project, content, signal),
    variables: (signal) => maskedOf(project, signal),
  };
}

/** The open merge request from `branch` of this project; null where there is none. */
async function openRequest(project: GitlabProject, branch: string, into: string, signal: AbortSignal | undefined): Promise<{ url: string; number: number } | null> {
  const open = await project.ask(signal).mergeRequests.all({ projectId: project.path, sourceBranch: branch, targetBranch: into, state: 'opened', perPage: 20, page: 1 });
  const own = open.find(({ source_project_id: source, target_project_id: target }) => source === target);
  return own === undefined ? null : { url: own.web_url, number: own.iid };
}

async function lint(project: GitlabProject, content: string, signal: AbortSignal | undefined): Promise<PipelineProblem[]> {
  const { valid, errors = [], warnings = [] } = await project.ask(signal).lint.lint(project.path, content);
  const said = valid || errors.length > 0 ? errors : ['GitLab does not take it, and does not say why'];
  return [...said.map((message) => problemOf('error', message)), ...warnings.map((message) => problemOf('warning', message))];
}

/** Variables of the project that GitLab masks in logs, by their names; listing them needs the role Maintainer, and brings values, which end here. */
async function maskedOf(project: GitlabProject, signal: AbortSignal | undefined): Promise<string[]> {
  const all = await unlessRefused(project.ask(signal).variables.all(project.path, { perPage: 100, maxPages: MOST_PAGES }), []);
  return [...new Set(all.filter(({ masked, hidden }) => masked || hidden === true).map(({ key }) => key))].sort();
}

/** A line where its words name one. */
function problemOf(severity: PipelineProblem['severity'], message: string): PipelineProblem {
  const line = Number(/\bline (\d{1,6})\b/.exec(message)?.[1] ?? Number.NaN);
  return { check: 'forge', severity, path: '.gitlab-ci.yml', line: line > 0 ? line : null, message };
}
