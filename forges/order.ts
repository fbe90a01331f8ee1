// What a commit order must be before a forge sees it, and how it is told from what is there.
import { createHash } from 'node:crypto';
import { PivoError } from '../contract/failures.ts';
import type { CommitOrder } from './forge.ts';

/** Files of one order; both forges take more, a pipeline has a few. */
const MOST_FILES = 100;

const invalid = (message: string, hint: string): PivoError => new PivoError('InvalidInput', message, { hint });

/** Fails with InvalidInput where the order cannot be meant: no change, a file twice, a path or a branch that git would not take. */
export function checkOrder({ branch, base, message, files }: CommitOrder): void {
  if (!/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(base)) throw invalid(`"${base.slice(0, 80)}" is no whole commit id`, 'A commit begins at a commit that is named by all of its 40 digits.');
  checkBranch(branch);
  if (message.trim() === '') throw invalid('the commit has no message', 'Say what it is for.');
  if (files.length === 0 || files.length > MOST_FILES) throw invalid(`a commit of ${files.length} files is none`, `Between 1 and ${MOST_FILES} files are committed at once.`);
  for (const { path } of files) checkPath(path);
  if (new Set(files.map(({ path }) => path)).size < files.length) throw invalid('a file is twice in the order', 'Name each file once.');
  if (files.every(({ content, existing }) => content === existing)) throw invalid('the order changes nothing', 'All files are there already, as they are wanted.');
}

/** A part of git's own rule (git-check-ref-format(1)) that keeps a branch from meaning something else in an address. */
function checkBranch(branch: string): void {
  const bad = /[\s~^:?*[\\\u007f]|\.\.|@\{|\/\/|^[-/.]|[/.]$|\.lock(\/|$)|\/\./.test(branch) || branch === '' || branch === '@' || branch.length > 200;
  if (bad) throw invalid(`"${branch.slice(0, 80)}" is no branch name`, 'Use letters, digits, "-", "_" and "/".');
}

function checkPath(path: string): void {
  const bad = path === '' || path.length > 500 || /[\u0000-\u001f\u007f\\]/.test(path) || path.split('/').some((part) => part === '' || part === '.' || part === '..' || part.toLowerCase() === '.git'); // eslint-disable-line no-control-regex
  if (bad) throw invalid(`${JSON.stringify(path.slice(0, 80))} is no path of a file in a repository`, 'Give it from the root, with "/" between folders.');
}

/** The id that git gives a file of this text (gitformat-pack(5); "blob", its length in bytes, NUL, the bytes), in the hash that `like` is of. */
export function blobId(content: string, like: string): string {
  const bytes = Buffer.from(content, 'utf8');
  return createHash(like.length === 64 ? 'sha256' : 'sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}

/** Fails with Exists unless what stands at `path` in the base (its blob; null: nothing) is what the order replaces. */
export function checkReplaced({ path, existing }: CommitOrder['files'][number], found: string | null, base: string): void {
  const expected = existing === null ? null : blobId(existing, base);
  if (found === expected) return;
  const what = found === null ? 'is not there any more' : existing === null ? 'is there already' : 'is not what was shown';
  throw new PivoError('Exists', `${path} ${what} in ${base.slice(0, 12)}`, { facts: { path, base }, hint: 'Nothing was committed. Generate the pipeline again, so that what it replaces is shown.' });
}

/** The failure of a branch that somebody else moved. */
export const branchTaken = (branch: string, head: string, base: string): PivoError =>
  new PivoError('Exists', `branch ${branch} is there already, at ${head.slice(0, 12)} and not at ${base.slice(0, 12)}`, { facts: { branch, head, base }, hint: 'Nothing was overwritten. Delete that branch, or generate the pipeline again from the present commit.' });

/** The text of a file. Fails with InvalidInput where it is none. */
export function textOf(path: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new PivoError('InvalidInput', `${path} is no text in UTF-8`, { hint: 'Only text files can be shown and replaced.', cause: error });
  }
}
