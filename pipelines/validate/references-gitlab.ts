// What GitLab's jobs name: stages, needs, dependencies, what they extend and refer to, artifacts and variables.
import { cyclesOf } from './cycles.ts';
import { globalKey, jobKey, type GitlabJob, type GitlabPipeline } from './gitlab.ts';
import { Problems, type Place } from './problem.ts';
import { itemsOf, member, membersOf, textOf, under, type Tree } from './tree.ts';

/** Where a pipeline has no `stages` (docs.gitlab.com/ci/yaml/#stages). */
const STAGES = ['build', 'test', 'deploy'];
/** What a job must have one of. */
const WORK = ['script', 'trigger', 'run', 'release', 'pages'];

/** Names that nothing bears, needs that come too late, and cycles. */
export function checkGitlabReferences(pipeline: GitlabPipeline): Problems {
  const problems = new Problems('references');
  const jobs = [...pipeline.jobs.values()];
  const visible = jobs.filter(({ hidden }) => !hidden);
  const [file] = pipeline.files;
  if (file === undefined) return problems;
  if (visible.length === 0 && !pipeline.open) problems.error({ path: file.path, line: null }, 'has no job that runs');
  for (const job of jobs) checkExtends(pipeline, job, problems);
  for (const { root } of pipeline.files) checkReferences(pipeline, root, problems);
  const stages = stagesOf(pipeline);
  for (const job of visible) checkJob(pipeline, job, stages, problems);
  tellCycles(pipeline, new Map(jobs.map(({ name, tree }) => [name, itemsOf(member(tree, 'extends')).flatMap((each) => textOf(each) ?? [])])), 'extends', problems);
  tellCycles(pipeline, new Map(visible.map((job) => [job.name, needsOf(pipeline, job).map(({ name }) => name)])), 'needs', problems);
  return problems;
}

/** A name that is nowhere: an error where all files are known, a warning where an include may have it. */
function missing({ open }: GitlabPipeline, place: Place, message: string, problems: Problems): void {
  if (open) problems.warning(place, `${message} in the files of the proposal: an include would have to have it`);
  else problems.error(place, message);
}

function stagesOf(pipeline: GitlabPipeline): string[] {
  const named = globalKey(pipeline, 'stages') ?? globalKey(pipeline, 'types');
  return ['.pre', ...(named === undefined ? STAGES : itemsOf(named).flatMap((stage) => textOf(stage) ?? [])), '.post'];
}

function checkExtends(pipeline: GitlabPipeline, { name, tree }: GitlabJob, problems: Problems): void {
  for (const base of itemsOf(member(tree, 'extends'))) {
    const other = textOf(base) ?? '';
    if (!pipeline.jobs.has(other)) missing(pipeline, base, `job ${name} extends ${other}, which is no job`, problems);
  }
}

/** `!reference [job, key, …]` at any place. */
function checkReferences(pipeline: GitlabPipeline, tree: Tree, problems: Problems, seen = new Set<Tree>()): void {
  if (seen.has(tree)) return;
  seen.add(tree);
  if (tree.kind === 'map') for (const { value } of tree.members.values()) checkReferences(pipeline, value, problems, seen);
  else if (tree.kind === 'list') {
    for (const item of tree.items) checkReferences(pipeline, item, problems, seen);
    const names = tree.items.map((item) => textOf(item) ?? '');
    if (tree.reference && pipeline.files.every(({ root }) => under(root, ...names) === undefined)) missing(pipeline, tree, `!reference [${names.join(', ')}] names what is not there`, problems);
  }
}

function checkJob(pipeline: GitlabPipeline, job: GitlabJob, stages: readonly string[], problems: Problems): void {
  const { name, place, tree } = job;
  const stage = jobKey(pipeline, job, 'stage');
  const stageName = textOf(stage) ?? 'test';
  if (!stages.includes(stageName)) missing(pipeline, stage ?? place, `job ${name} is in the stage ${stageName}, which stages does not name`, problems);
  if (WORK.every((key) => jobKey(pipeline, job, key) === undefined)) missing(pipeline, place, `job ${name} has neither script nor trigger`, problems);
  checkNeeds(pipeline, job, stages, problems);
  checkDependencies(pipeline, job, stages, problems);
  const stop = under(tree, 'environment', 'on_stop');
  if (stop !== undefined && !pipeline.jobs.has(textOf(stop) ?? '')) missing(pipeline, stop, `job ${name} is stopped by ${textOf(stop)}, which is no job`, problems);
}

interface Need {
  name: string;
  place: Place;
  /** May be left out of a run. */
  optional: boolean;
}

/** Needs of this pipeline's own jobs. */
function needsOf(pipeline: GitlabPipeline, job: GitlabJob): Need[] {
  return itemsOf(jobKey(pipeline, job, 'needs')).flatMap((need) => {
    const name = textOf(need) ?? textOf(member(need, 'job'));
    if (name === undefined || member(need, 'pipeline') !== undefined || member(need, 'project') !== undefined) return [];
    return [{ name, place: need, optional: textOf(member(need, 'optional')) === 'true' }];
  });
}

const stageAt = (pipeline: GitlabPipeline, job: GitlabJob, stages: readonly string[]): number => stages.indexOf(textOf(jobKey(pipeline, job, 'stage')) ?? 'test');

function checkNeeds(pipeline: GitlabPipeline, job: GitlabJob, stages: readonly string[], problems: Problems): void {
  for (const { name, place, optional } of needsOf(pipeline, job)) {
    const other = pipeline.jobs.get(name);
    if (name === job.name) problems.error(place, `job ${name} needs itself`);
    else if (other === undefined || other.hidden) {
      if (!optional) missing(pipeline, place, `job ${job.name} needs ${name}, which is no job that runs`, problems);
    } else if (stageAt(pipeline, other, stages) > stageAt(pipeline, job, stages)) problems.error(place, `job ${job.name} needs ${name}, which is in a later stage`);
  }
}

/** `dependencies`: jobs of earlier stages, or those that it needs, whose artifacts it gets. */
function checkDependencies(pipeline: GitlabPipeline, job: GitlabJob, stages: readonly string[], problems: Problems): void {
  const needs = jobKey(pipeline, job, 'needs') === undefined ? null : needsOf(pipeline, job).map(({ name }) => name);
  for (const dependency of itemsOf(jobKey(pipeline, job, 'dependencies'))) {
    const name = textOf(dependency) ?? '';
    const other = pipeline.jobs.get(name);
    if (other === undefined || other.hidden) missing(pipeline, dependency, `job ${job.name} depends on ${name}, which is no job that runs`, problems);
    else if (needs === null ? stageAt(pipeline, other, stages) >= stageAt(pipeline, job, stages) : !needs.includes(name)) problems.error(dependency, `job ${job.name} depends on ${name}, which is ${needs === null ? 'in no earlier stage' : 'not among its needs'}`);
    else if (jobKey(pipeline, other, 'artifacts') === undefined) problems.warning(dependency, `job ${job.name} takes the artifacts of ${name}, which has none`);
  }
  for (const need of itemsOf(jobKey(pipeline, job, 'needs'))) {
    const other = pipeline.jobs.get(textOf(member(need, 'job')) ?? '');
    if (textOf(member(need, 'artifacts')) === 'true' && other !== undefined && jobKey(pipeline, other, 'artifacts') === undefined) problems.warning(need, `job ${job.name} takes the artifacts of ${other.name}, which has none`);
  }
}

function tellCycles({ jobs }: GitlabPipeline, graph: ReadonlyMap<string, readonly string[]>, how: string, problems: Problems): void {
  for (const cycle of cyclesOf(graph)) {
    const place = jobs.get(cycle[0] ?? '')?.place;
    if (place !== undefined && cycle.length > (how === 'needs' ? 2 : 1)) problems.error(place, `jobs go round in a circle by ${how}: ${cycle.slice(0, 10).join(' → ')}`);
  }
}

/** The variables of all jobs and the top. */
export const variablesOf = ({ files, jobs }: GitlabPipeline): string[] => [...files.map(({ root }): Tree => root), ...[...jobs.values()].map(({ tree }) => tree)].flatMap((holder) => [
  ...membersOf(member(holder, 'variables')).map(([name]) => name),
  ...itemsOf(under(holder, 'parallel', 'matrix')).flatMap((each) => membersOf(each).map(([name]) => name)),
  ...membersOf(member(holder, 'id_tokens')).map(([name]) => name), ...membersOf(member(holder, 'secrets')).map(([name]) => name),
  ...itemsOf(member(holder, 'rules')).flatMap((rule) => membersOf(member(rule, 'variables')).map(([name]) => name)),
]);
