// What GitHub's jobs and steps name: needs, outputs, steps, inputs, matrix values, environment and artifacts.
import { cyclesOf } from './cycles.ts';
import { expressionsIn } from './expressions.ts';
import type { CiFile } from './files.ts';
import { Problems, type Place } from './problem.ts';
import { itemsOf, linesOf, member, membersOf, scalarsOf, textOf, under, type Tree, type TreeScalar } from './tree.ts';

interface Job {
  name: string;
  place: Place;
  tree: Tree;
  needs: { name: string; place: Place }[];
}

/** Names that nothing bears, and cycles, of one workflow (docs.github.com, "Contexts" and "Workflow syntax"). */
export function checkGithubReferences({ root, path }: CiFile): Problems {
  const problems = new Problems('references');
  const jobs = new Map(membersOf(member(root, 'jobs')).map(([name, tree, place]): [string, Job] => [name, { name, place, tree, needs: itemsOf(member(tree, 'needs')).map((need) => ({ name: textOf(need) ?? '', place: need })) }]));
  if (jobs.size === 0) problems.error({ path, line: null }, 'has no job');
  for (const job of jobs.values()) {
    for (const { name, place } of job.needs) if (!jobs.has(name)) problems.error(place, `job ${job.name} needs ${name}, which is no job`);
    checkSteps(job, problems);
    for (const { scalar, above } of scalarsOf(job.tree)) for (const { expression, place } of allExpressions(scalar, above)) checkExpression(expression, place, { root, jobs, job, problems });
  }
  for (const cycle of cyclesOf(new Map([...jobs].map(([name, { needs }]) => [name, needs.map((need) => need.name)])))) problems.error(jobs.get(cycle[0] ?? '')?.place ?? { path, line: null }, `jobs go round in a circle by needs: ${cycle.slice(0, 10).join(' → ')}`);
  checkArtifacts(jobs, problems);
  return problems;
}

/** Each with its line; one of several lines stands where its text begins. `if` is an expression without braces too. */
function allExpressions(scalar: TreeScalar, above: readonly string[]): { expression: string; place: Place }[] {
  const whole = expressionsIn(scalar.text);
  if (above.at(-1) === 'if' && whole.length === 0) return [{ expression: scalar.text, place: scalar }];
  const found = linesOf(scalar).flatMap(({ text, place }) => expressionsIn(text).map((expression) => ({ expression, place })));
  return found.length === whole.length ? found : whole.map((expression) => ({ expression, place: scalar }));
}

interface Around {
  root: Tree;
  jobs: ReadonlyMap<string, Job>;
  job: Job;
  problems: Problems;
}

/** Each `context.name…` of an expression; what stands in quotes is text. */
function checkExpression(expression: string, place: Place, around: Around): void {
  for (const { 1: context = '', 2: rest = '' } of expression.replaceAll(/'(?:[^']|'')*'/g, "''").matchAll(/(?<![\w.'-])(needs|steps|inputs|matrix|env|jobs)((?:\.[\w-]+)+)/g)) {
    const [name = '', kind, output] = rest.slice(1).split('.');
    const wrong = CONTEXTS[context]?.(around, name, kind, output);
    if (wrong !== undefined) around.problems.error(place, `job ${around.job.name}: ${context}${rest}: ${wrong}`);
  }
}

/** Why a name of a context is wrong; undefined where it is right or cannot be known. */
const CONTEXTS: Readonly<Record<string, (around: Around, name: string, kind?: string, output?: string) => string | undefined>> = {
  needs({ jobs, job }, name, kind, output) {
    const other = jobs.get(name);
    if (!job.needs.some((need) => need.name === name)) return `${name} is not among the job's needs`;
    if (kind !== 'outputs' || output === undefined || other === undefined || member(other.tree, 'uses') !== undefined) return undefined;
    return under(other.tree, 'outputs', output) === undefined ? `job ${name} has no output ${output}` : undefined;
  },
  steps: ({ job }, name) => (itemsOf(member(job.tree, 'steps')).some((step) => textOf(member(step, 'id')) === name) ? undefined : `no step of the job has the id ${name}`),
  inputs({ root }, name) {
    const known = ['workflow_dispatch', 'workflow_call'].flatMap((event) => membersOf(under(root, 'on', event, 'inputs')).map(([input]) => input));
    return known.includes(name) ? undefined : 'the workflow has no such input';
  },
  matrix({ job }, name) {
    const matrix = under(job.tree, 'strategy', 'matrix');
    const include = member(matrix, 'include');
    if (matrix?.kind === 'scalar' || include?.kind === 'scalar') return undefined; // an expression makes it
    const known = [...membersOf(matrix), ...itemsOf(include).flatMap(membersOf)].map(([key]) => key);
    return known.includes(name) ? undefined : 'the matrix has no such value';
  },
  env({ root, job }, name) {
    const holders = [root, job.tree, ...itemsOf(member(job.tree, 'steps'))];
    if (holders.some((holder) => under(holder, 'env', name) !== undefined || member(holder, 'env')?.kind === 'scalar')) return undefined;
    const steps = [...scalarsOf(job.tree)].some(({ scalar }) => /GITHUB_ENV\b/.test(scalar.text));
    return steps || itemsOf(member(job.tree, 'steps')).some((step) => member(step, 'uses') !== undefined && !(textOf(member(step, 'uses')) ?? '').startsWith('actions/')) ? undefined : 'no env sets it';
  },
};

function checkSteps({ name, tree }: Job, problems: Problems): void {
  const ids = new Set<string>();
  for (const [at, step] of itemsOf(member(tree, 'steps')).entries()) {
    const id = member(step, 'id');
    const text = textOf(id);
    if (text !== undefined && ids.has(text)) problems.error(id ?? step, `job ${name} has two steps with the id ${text}`);
    if (text !== undefined) ids.add(text);
    if (member(step, 'run') === undefined && member(step, 'uses') === undefined) problems.error(step, `step ${at + 1} of job ${name} has neither run nor uses`);
  }
}

/** Downloads of artifacts that no job of the workflow uploads, or one that the job does not wait for. */
function checkArtifacts(jobs: ReadonlyMap<string, Job>, problems: Problems): void {
  const uploads = new Map<string, string[]>();
  for (const { job, named } of artifactSteps(jobs, 'upload')) uploads.set(named.text, [...(uploads.get(named.text) ?? []), job.name]);
  if ([...uploads.keys()].some((name) => name.includes('${{'))) return;
  for (const { job, named, step } of artifactSteps(jobs, 'download')) {
    if (named.text.includes('${{') || under(step, 'with', 'run-id') !== undefined) continue;
    const from = uploads.get(named.text);
    if (from === undefined) problems.error(named, `job ${job.name} downloads the artifact ${named.text}, which no job uploads`);
    else if (!from.some((name) => name === job.name || waitsFor(jobs, job.name).has(name))) problems.error(named, `job ${job.name} downloads the artifact ${named.text} of ${from.join(', ')}, but does not need that job`);
  }
}

function* artifactSteps(jobs: ReadonlyMap<string, Job>, verb: 'upload' | 'download'): Generator<{ job: Job; named: TreeScalar; step: Tree }> {
  for (const job of jobs.values()) for (const step of itemsOf(member(job.tree, 'steps'))) {
    if (!(textOf(member(step, 'uses')) ?? '').startsWith(`actions/${verb}-artifact@`)) continue;
    const named = under(step, 'with', 'name');
    if (named?.kind === 'scalar') yield { job, named, step };
    else if (verb === 'upload' && step.kind === 'map') yield { job, named: { kind: 'scalar', path: step.path, line: step.line, value: 'artifact', text: 'artifact', source: 'artifact' }, step }; // the action's default name
  }
}

/** All jobs that end before a job begins. */
function waitsFor(jobs: ReadonlyMap<string, Job>, name: string): Set<string> {
  const all = new Set<string>();
  for (const left = [name]; left.length > 0; ) for (const need of jobs.get(left.pop() ?? '')?.needs ?? []) if (!all.has(need.name)) {
    all.add(need.name);
    left.push(need.name);
  }
  return all;
}
