// What each file of a proposal is, by its path, and the trees of those that are YAML.
import type { PipelineProblem, PipelineProposal, ProposedFile } from '../../contract/pipeline.ts';
import { Problems } from './problem.ts';
import { member, membersOf, treeOf, type Tree, type TreeMap } from './tree.ts';

export type FileKind = 'gitlab' | 'github' | 'dockerfile' | 'shell' | 'other';

/** A file of CI whose root is a map. */
export interface CiFile {
  path: string;
  root: TreeMap;
}

export interface ReadFiles {
  gitlab: CiFile[];
  github: CiFile[];
  dockerfiles: ProposedFile[];
  shell: ProposedFile[];
  others: ProposedFile[];
  /** What no file may be, told as problems of the schema. */
  problems: PipelineProblem[];
}

/** By GitLab's and GitHub's documentation of where they look, and Docker's of how its files are named. */
export function kindOf(path: string): FileKind {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (/(?:^|\/)\.gitlab-ci\.ya?ml$|^\.gitlab\/ci\/.*\.ya?ml$|\.gitlab-ci\.ya?ml$/.test(path)) return 'gitlab';
  if (/^\.github\/workflows\/[^/]+\.ya?ml$/.test(path)) return 'github';
  if (/^(?:Dockerfile|Containerfile)(?:\.(?!dockerignore$).+)?$|\.dockerfile$/i.test(name)) return 'dockerfile';
  return /\.(?:ba|da|k)?sh$/.test(name) ? 'shell' : 'other';
}

/** Reads the YAML of a proposal; a file that cannot be read is a problem, and no check sees it. */
export function readFiles({ files, system }: Pick<PipelineProposal, 'files' | 'system'>): ReadFiles {
  const problems = new Problems('schema');
  const read: ReadFiles = { gitlab: [], github: [], dockerfiles: [], shell: [], others: [], problems: problems.list };
  checkPaths(files, problems);
  for (const file of files) {
    const kind = kindOf(file.path);
    if (kind === 'gitlab' || kind === 'github') {
      const root = rootOf(file, kind, problems);
      if (root !== null) read[kind].push({ path: file.path, root });
    } else read[kind === 'dockerfile' ? 'dockerfiles' : kind === 'shell' ? 'shell' : 'others'].push(file);
  }
  if (system === 'gitlab' && !files.some(({ path }) => path === '.gitlab-ci.yml')) problems.error({ path: '.gitlab-ci.yml', line: null }, 'a pipeline of GitLab needs this file, and the proposal has none');
  if (system === 'github' && !files.some(({ path }) => kindOf(path) === 'github')) problems.error({ path: '.github/workflows', line: null }, 'a pipeline of GitHub needs a workflow in this folder, and the proposal has none');
  return read;
}

/** A path that leaves the repository, reaches into git's own folder, or that two files share. */
function checkPaths(files: readonly ProposedFile[], problems: Problems): void {
  const seen = new Set<string>();
  for (const { path } of files) {
    const pieces = path.split('/');
    if (/[\p{Cc}\\]/u.test(path) || pieces.some((piece) => /^(?:|\.|\.\.|\.git)$/i.test(piece))) problems.error({ path, line: null }, 'is no path of a file in a repository');
    if (seen.has(path)) problems.error({ path, line: null }, 'is proposed twice');
    seen.add(path);
  }
}

function rootOf({ path, content }: ProposedFile, kind: 'gitlab' | 'github', problems: Problems): TreeMap | null {
  const { documents, errors } = treeOf(path, content, { merge: kind === 'gitlab' });
  for (const { place, message } of errors) problems.error(place, message);
  const [first, second, ...more] = documents;
  const root = kind === 'gitlab' && second !== undefined && isHeader(first) ? second : first;
  if (more.length > 0 || (second !== undefined && root === first)) problems.error({ path, line: second?.line ?? null }, 'has several documents, of which one counts');
  if (root?.kind === 'map') return errors.length === 0 ? root : null;
  if (errors.length === 0) problems.error({ path, line: 1 }, 'is no map of keys and values');
  return null;
}

/** GitLab's `spec:` stands in a document of its own, before the pipeline. */
const isHeader = (document: Tree | undefined): boolean => member(document, 'spec') !== undefined && membersOf(document).length === 1;
