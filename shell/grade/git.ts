// What a command of git can do.
import { changes, destroys, has, hasLetter, plainOf, reads, type Argument, type Judge, type Judgement } from './judgement.ts';

const READERS = new Set('status log diff show blame annotate shortlog grep rev-list rev-parse cat-file ls-files ls-tree ls-remote describe help version count-objects show-ref for-each-ref merge-base name-rev cherry range-diff whatchanged check-ignore check-attr diff-tree diff-files diff-index verify-commit verify-tag fsck var'.split(' '));
const REWRITERS = new Set(['filter-branch', 'filter-repo', 'prune', 'replace']);

type Rule = (args: readonly Argument[]) => Judgement | null;

/** A rule tells only what differs from "it changes the repository". */
const RULES: Readonly<Record<string, Rule>> = {
  push: (args) => (has(args, '--force', '-f', '--force-with-lease', '--force-if-includes', '--delete', '-d', '--mirror', '--prune') || hasLetter(args, 'fd') || args.some((arg) => arg !== null && /^[+:]/.test(arg)) ? destroys('it replaces or deletes what is at the remote, for everybody') : changes('it sends commits to the remote')),
  reset: (args) => (has(args, '--hard', '--merge') ? destroys('it throws away what is not committed, and takes commits off the branch') : null),
  clean: (args) => (has(args, '-n', '--dry-run') || hasLetter(args, 'n') ? reads('it only shows what it would delete') : destroys('it deletes files that git does not keep')),
  branch: (args) => branchRule(args),
  tag: (args) => (has(args, '-d', '--delete', '-f', '--force') ? destroys('it deletes or moves a tag') : args.every((arg) => arg !== null && /^(?:-l|--list|-n\d*|--sort.*|--contains|--points-at|--merged|--no-merged|--column.*|--format.*)$/.test(arg)) || has(args, '-l', '--list') ? reads() : null),
  checkout: (args) => (has(args, '-f', '--force', '--', '.') || hasLetter(args, 'fB') ? destroys('it throws away changes of the work tree') : null),
  switch: (args) => (has(args, '-f', '--force', '--discard-changes', '-C', '--force-create') ? destroys('it throws away changes of the work tree, or moves a branch') : null),
  restore: (args) => (has(args, '--staged', '-S') && !has(args, '--worktree', '-W') ? null : destroys('it throws away changes of the work tree')),
  stash: ([what]) => (what === 'list' || what === 'show' ? reads() : what === 'drop' || what === 'clear' ? destroys('it deletes what was put aside') : null),
  reflog: ([what]) => (what === 'expire' || what === 'delete' ? destroys('it deletes the way back to lost commits') : what === undefined || what === 'show' || what === 'exists' || what?.startsWith('-') === true || /^\d+$/.test(what ?? '') ? reads() : null),
  gc: (args) => (has(args, '--prune', '--aggressive') ? destroys('it deletes objects that no branch holds') : null),
  'update-ref': (args) => (has(args, '-d', '--stdin') ? destroys('it deletes a ref') : null),
  remote: ([what, ...rest]) => (what === undefined || what === '-v' || what === 'show' || what === 'get-url' ? reads() : what === 'remove' || what === 'rm' || has(rest, 'prune') ? destroys('it forgets a remote and its branches') : null),
  config: (args) => (has(args, '--get', '--get-all', '--get-regexp', '--list', '-l', 'get', 'list') ? reads() : null),
  worktree: (args) => (args[0] === 'list' ? reads() : args[0] === 'remove' && has(args, '--force', '-f') ? destroys('it deletes a work tree with its changes') : null),
  bisect: ([what]) => (what === 'log' || what === 'view' || what === 'visualize' ? reads() : null),
  submodule: ([what]) => (what === 'status' || what === 'summary' ? reads() : what === 'foreach' ? destroys('it runs a command in every submodule') : null),
  notes: ([what]) => (what === 'list' || what === 'show' ? reads() : null),
};

function branchRule(args: readonly Argument[]): Judgement | null {
  if (hasLetter(args, 'DMC') || (has(args, '--delete', '-d') && has(args, '--force', '-f'))) return destroys('it deletes or replaces a branch, whatever it holds');
  const reading = has(args, '--list', '-l', '-a', '--all', '-r', '--remotes', '-v', '-vv', '--contains', '--no-contains', '--merged', '--no-merged', '--show-current', '--points-at');
  return args.length === 0 || (reading && !hasLetter(args, 'dmcfu')) || args.every((arg) => arg?.startsWith('--sort') === true) ? reads() : null;
}

export const judgeGit: Judge = (args) => {
  const { sub, rest, configured } = subcommand(args);
  if (configured) return changes('it sets settings of git for this run, which can start other programs');
  if (sub === null || (sub !== '' && rest.includes(null) && !READERS.has(sub))) return changes('what git does is known only when it runs');
  if (sub === '' || has(rest, '--help')) return reads();
  if (REWRITERS.has(sub)) return destroys('it rewrites or deletes history');
  if (READERS.has(sub)) return has(rest, '--output', '--ext-diff', '--open-files-in-pager', '--lost-found') || hasLetter(sub === 'grep' ? rest : [], 'O') ? changes('it writes a file or starts another program') : reads();
  return RULES[sub]?.(rest) ?? changes(plainOf([sub]).length === 0 ? 'it changes the repository' : `git ${sub} changes the repository`);
};

/** The subcommand behind the options that stand before it. */
function subcommand(args: readonly Argument[]): { sub: string | null; rest: readonly Argument[]; configured: boolean } {
  let configured = false;
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? null;
    if (arg === null) return { sub: null, rest: [], configured };
    if (arg === '-c' || arg.startsWith('--config-env') || arg.startsWith('--exec-path=')) configured = true;
    if (['-C', '-c', '--git-dir', '--work-tree', '--namespace'].includes(arg)) at++;
    else if (!arg.startsWith('-')) return { sub: arg, rest: args.slice(at + 1), configured };
  }
  return { sub: '', rest: [], configured };
}
