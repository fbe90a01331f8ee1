// The shell of a proposal, wherever it stands: jobs, steps, Dockerfiles and scripts, with the line of each line.
import type { ProposedFile } from '../../contract/pipeline.ts';
import { instructionsOf, type Instruction } from './instructions.ts';
import type { CiFile, ReadFiles } from './files.ts';
import { printable, type Place } from './problem.ts';
import { itemsOf, linesOf, member, membersOf, textOf, under, type Tree } from './tree.ts';

/** What is run as one script. */
export interface Script {
  /** How a person finds it: `job build`, `step 3 of job test`. */
  of: string;
  place: Place;
  /** bash, sh, pwsh, python, …; what a forge takes by default counts as bash. */
  shell: string;
  lines: readonly { text: string; place: Place }[];
  /** Where it stands: docker's is linted by hadolint. */
  within: 'gitlab' | 'github' | 'dockerfile' | 'shell';
}

const GITLAB_KEYS = ['script', 'before_script', 'after_script'];

/** All scripts of the files; what an alias or `extends` shares is told once. */
export function scriptsOf(files: ReadFiles): Script[] {
  const seen = new Set<Tree>();
  return [...files.gitlab.flatMap((file) => gitlabScripts(file, seen)), ...files.github.flatMap((file) => githubScripts(file, seen)), ...files.dockerfiles.flatMap(dockerScripts), ...files.shell.map(shellScript)];
}

export const textOfScript = ({ lines }: Script): string => lines.map(({ text }) => text).join('\n');

function gitlabScripts({ root }: CiFile, seen: Set<Tree>): Script[] {
  const jobs = membersOf(root).filter(([, tree]) => tree.kind === 'map');
  const holders: [string, Tree | undefined][] = [['the top', root], ...jobs.map(([name, tree]): [string, Tree] => [`job ${printable(name)}`, tree])];
  return holders.flatMap(([of, holder]) => {
    const keys = [...GITLAB_KEYS.map((key) => member(holder, key)), under(holder, 'hooks', 'pre_get_sources_script')];
    return keys.flatMap((tree) => (tree === undefined || seen.has(tree) ? [] : [scriptOf(tree, of, 'gitlab', gitlabShell(holder), seen)]));
  });
}

/** GitLab joins the items of a list, at any depth; what a reference names stands elsewhere. */
function scriptOf(tree: Tree, of: string, within: Script['within'], shell: string, seen: Set<Tree>): Script {
  seen.add(tree);
  const lines = (each: Tree): Script['lines'] => (each.kind === 'list' ? (each.reference ? [] : each.items.flatMap(lines)) : each.kind === 'scalar' && each.value !== null ? linesOf(each) : []);
  return { of, place: { path: tree.path, line: tree.line }, shell, within, lines: lines(tree) };
}

/** The runner chooses the shell; what its image and tags say of Windows is all that can be known. */
function gitlabShell(job: Tree | undefined): string {
  const image = textOf(member(job, 'image')) ?? textOf(under(job, 'image', 'name')) ?? '';
  const tags = itemsOf(member(job, 'tags')).map((tag) => textOf(tag) ?? '');
  return /powershell|pwsh|nanoserver|servercore|windows/i.test([image, ...tags].join(' ')) ? 'pwsh' : 'bash';
}

function githubScripts({ root }: CiFile, seen: Set<Tree>): Script[] {
  const shellIn = (tree: Tree | undefined): string | undefined => textOf(under(tree, 'defaults', 'run', 'shell'));
  return membersOf(member(root, 'jobs')).flatMap(([name, job]) => {
    const windows = /windows/i.test(itemsOf(member(job, 'runs-on')).map((each) => textOf(each) ?? '').join(' '));
    return itemsOf(member(job, 'steps')).flatMap((step, at) => {
      const run = member(step, 'run');
      if (run === undefined || seen.has(run)) return [];
      const shell = textOf(member(step, 'shell')) ?? shellIn(job) ?? shellIn(root) ?? (windows ? 'pwsh' : 'bash');
      return [scriptOf(run, `step ${at + 1} of job ${printable(name)}`, 'github', shell.split(/\s/)[0] ?? 'bash', seen)];
    });
  });
}

function dockerScripts({ path, content }: ProposedFile): Script[] {
  return instructionsOf(content).filter(({ name, args }) => name === 'RUN' && !args.startsWith('[')).map(({ line, lines }) => ({
    of: 'RUN', place: { path, line }, shell: 'sh', within: 'dockerfile' as const, lines: withoutHere(lines).map(({ text, line }) => ({ text, place: { path, line } })),
  }));
}

/** `RUN <<EOF` gives the text up to EOF to a shell. */
const withoutHere = (lines: Instruction['lines']): Instruction['lines'] => (/^\s*<<-?\s*["']?\w+["']?\s*$/.test(lines[0]?.text ?? '') ? lines.slice(1, -1) : lines);

function shellScript({ path, content }: ProposedFile): Script {
  return { of: 'the script', place: { path, line: 1 }, shell: /^#!.*\b(?:python|node|perl|ruby|fish|pwsh)/.test(content) ? 'other' : 'bash', within: 'shell', lines: content.split('\n').map((text, at) => ({ text, place: { path, line: at + 1 } })) };
}

/** True for shells whose words `bash -n` and the reader of commands understand. */
export const isPosix = ({ shell }: Script): boolean => /^(?:.*\/)?(?:ba|da|a|k)?sh$/.test(shell);
