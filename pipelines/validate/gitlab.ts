// GitLab's pipeline as its jobs: names, what they extend, and the keys that hold for each (docs.gitlab.com/ci/yaml).
import type { CiFile } from './files.ts';
import type { Place } from './problem.ts';
import { itemsOf, member, membersOf, textOf, type Tree, type TreeMap } from './tree.ts';

/** Keys at the top that are no jobs. */
const GLOBAL_WORDS = new Set(['default', 'image', 'services', 'stages', 'types', 'before_script', 'after_script', 'variables', 'cache', 'include', 'workflow', 'spec']);
/** GitLab's own limit. */
const MOST_LEVELS = 11;

export interface GitlabJob {
  name: string;
  place: Place;
  tree: TreeMap;
  /** Begins with a dot: never runs, others extend it. */
  hidden: boolean;
}

export interface GitlabPipeline {
  files: readonly CiFile[];
  jobs: ReadonlyMap<string, GitlabJob>;
  /** True where it includes files that the proposal does not hold: jobs may come from there. */
  open: boolean;
  /** Keys that were looked up, with what jobs extend: each once. */
  found: Map<TreeMap, Map<string, Tree | undefined>>;
}

/** The files of GitLab as one pipeline, as its includes join them. */
export function gitlabPipeline(files: readonly CiFile[]): GitlabPipeline {
  const jobs = new Map<string, GitlabJob>();
  for (const { root } of files) for (const [name, tree, place] of membersOf(root)) if (!GLOBAL_WORDS.has(name) && tree.kind === 'map') jobs.set(name, { name, place, tree, hidden: name.startsWith('.') });
  const paths = new Set(files.map(({ path }) => path));
  const open = files.some(({ root }) => itemsOf(member(root, 'include')).some((each) => !paths.has((textOf(each) ?? textOf(member(each, 'local')) ?? '').replace(/^\//, ''))));
  return { files, jobs, open, found: new Map() };
}

/** A key at the top of any of the files. */
export const globalKey = ({ files }: GitlabPipeline, name: string): Tree | undefined => files.map(({ root }) => member(root, name)).find((tree) => tree !== undefined);

/** A key of a job: its own, that of what it extends (the last wins), the default's, or the deprecated one at the top. */
export function jobKey(pipeline: GitlabPipeline, { tree }: GitlabJob, name: string): Tree | undefined {
  return ownKey(pipeline, tree, name, 0) ?? member(globalKey(pipeline, 'default'), name) ?? (['image', 'services', 'before_script', 'after_script', 'cache'].includes(name) ? globalKey(pipeline, name) : undefined);
}

function ownKey(pipeline: GitlabPipeline, tree: TreeMap, name: string, level: number): Tree | undefined {
  const known = pipeline.found.get(tree) ?? new Map<string, Tree | undefined>();
  if (known.has(name)) return known.get(name);
  const own = member(tree, name);
  known.set(name, own); // a circle ends here
  pipeline.found.set(tree, known);
  if (own !== undefined || level > MOST_LEVELS) return own;
  for (const base of itemsOf(member(tree, 'extends')).toReversed()) {
    const job = pipeline.jobs.get(textOf(base) ?? '');
    const found = job === undefined ? undefined : ownKey(pipeline, job.tree, name, level + 1);
    if (found === undefined) continue;
    known.set(name, found);
    return found;
  }
  return undefined;
}

/** The variables that a job sees, from its own, what it extends and the top; those with `value` told by it. */
export function jobVariables(pipeline: GitlabPipeline, job: GitlabJob): Map<string, string> {
  const seen = new Map<string, string>();
  const add = (variables: Tree | undefined): void => {
    for (const [name, value] of membersOf(variables)) if (!seen.has(name)) seen.set(name, textOf(value) ?? textOf(member(value, 'value')) ?? '');
  };
  const visited = new Set<TreeMap>();
  const visit = (tree: TreeMap, level: number): void => {
    if (visited.has(tree)) return;
    visited.add(tree);
    add(member(tree, 'variables'));
    if (level <= MOST_LEVELS) for (const base of itemsOf(member(tree, 'extends')).toReversed()) {
      const next = pipeline.jobs.get(textOf(base) ?? '');
      if (next !== undefined) visit(next.tree, level + 1);
    }
  };
  visit(job.tree, 0);
  add(globalKey(pipeline, 'variables'));
  return seen;
}
