// What a pipeline for a repository has to know, from the facts of its files; no model, and the same files give the same answer.
import type { Analysis } from '../contract/analysis.ts';
import type { PipelineNeeds, Stack } from '../contract/pipeline.ts';
import { ciOf, dockerfilesOf, dockerStacks, terraformStacks } from './needs-infra.ts';
import { jvmStacks, otherSbt } from './needs-jvm.ts';
import { nativeStacks } from './needs-native.ts';
import { nodeStacks } from './needs-node.ts';
import { isBelow, MOST_FOLDERS, Project } from './needs-project.ts';
import { pythonStacks } from './needs-python.ts';
import { withServices } from './needs-services.ts';
import { portsOf } from './needs-version.ts';
import { siteStacks, webStacks } from './needs-web.ts';

export interface RepositoryFiles {
  repository: string;
  commit: string;
  /** Paths as `quotePath` writes them: all files of the commit. */
  paths: readonly string[];
  analysis: Analysis;
}

/** Stacks of one pipeline: a forge takes some hundreds of jobs. */
const MOST_STACKS = 60;

/** Stacks in the order of their folders, each claim with the fact that shows it. */
export function needsOf({ repository, commit, paths, analysis }: RepositoryFiles): PipelineNeeds {
  const project = new Project(paths, analysis.facts);
  const built = [...nodeStacks(project), ...withoutSites(project, pythonStacks(project)), ...jvmStacks(project), ...nativeStacks(project), ...webStacks(project)];
  const sites = siteStacks(project, built.map(({ folder }) => folder));
  const programs = withPorts(project, [...built, ...sites, ...terraformStacks(project)]);
  const stacks = withoutIdle(withServices(project, programs)).concat(dockerStacks(project)).sort(inOrder);
  project.beyond += Math.max(0, stacks.splice(MOST_STACKS).length);
  return { repository, commit, stacks, dockerfiles: dockerfilesOf(project), ci: ciOf(project), findings: findingsOf(project, stacks, analysis) };
}

const inOrder = (a: Stack, b: Stack): number => (a.folder === b.folder ? Number(a.kind === 'docker') - Number(b.kind === 'docker') || (a.kind < b.kind ? -1 : 1) : a.folder < b.folder ? -1 : 1);

/** Requirements of documentation, or of a tool, below another stack: what nothing is tested or built with is no stack. */
const withoutIdle = (stacks: readonly Stack[]): Stack[] => stacks.filter((stack) => (stack.steps.lint ?? stack.steps.test ?? stack.steps.build ?? stack.start) !== null || !stacks.some(({ folder }) => folder !== stack.folder && isBelow(stack.folder, folder)));

/** Requirements that stand beside a MkDocs site and hold nothing but it are that site's. */
const withoutSites = (project: Project, stacks: readonly Stack[]): Stack[] => stacks.filter(({ folder, dependencies, steps }) => steps.test !== null || project.named(folder, /^mkdocs\.ya?ml$/).length === 0 || !dependencies.every((name) => name.startsWith('mkdocs') || name.startsWith('pymdown')));

function withPorts(project: Project, stacks: readonly Stack[]): Stack[] {
  const folders = stacks.map(({ folder }) => folder);
  return stacks.map((stack) => {
    const { ports, evidence } = portsOf(project, stack.folder, folders);
    return { ...stack, ports, evidence: [...stack.evidence, ...evidence] };
  });
}

/** Build systems that no stack is made of, by the names that the analysis gives them. */
const UNKNOWN = ['Mix', 'Bazel', 'conda', 'dbt'];

function findingsOf(project: Project, stacks: readonly Stack[], { facts, findings }: Analysis): string[] {
  const said: string[] = [];
  if (stacks.length === 0) said.push('No stack was recognised: no file of a build system that PIVO has a template for.');
  for (const name of UNKNOWN) {
    const found = facts.find((fact) => fact.kind === 'buildSystem' && fact.name === name);
    if (found !== undefined) said.push(`${name} is used (${found.file}); there is no template for it.`);
  }
  for (const folder of otherSbt(project, stacks)) said.push(`sbt is used without Spark (${folder === '' ? 'build.sbt' : `${folder}/build.sbt`}); there is no template for it.`);
  for (const { kind, folder, steps } of stacks) if (kind !== 'docker' && steps.test === null && kind !== 'static-site') said.push(`No tests are shown in ${folder === '' ? 'the root' : folder} (${kind}): the pipeline runs none there.`);
  const aside = [...new Set(project.aside)].sort();
  if (aside.length > 0) said.push(`Left out, as folders of tests, examples and other people's code: ${aside.slice(0, 5).join(', ')}${aside.length > 5 ? ` and ${aside.length - 5} more` : ''}.`);
  if (project.beyond > 0) said.push(`${project.beyond} more projects were left out: one pipeline takes ${MOST_FOLDERS} of a kind and ${MOST_STACKS} in all.`);
  if (project.odd.length > 0) said.push(`${project.odd.length} ${project.odd.length === 1 ? 'path holds' : 'paths hold'} characters that no file of a pipeline can: left out.`);
  for (const { problem, count } of findings) if (!problem.startsWith('not read: in a folder of dependencies')) said.push(`${problem} (${count} ${count === 1 ? 'file' : 'files'})`);
  return said;
}
