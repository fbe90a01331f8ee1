// One commit of several files on GitHub: a tree, a commit, and a branch that is created or moved forward, never forced.
import { isPivoError, PivoError } from '../../contract/failures.ts';
import type { CommitOrder } from '../forge.ts';
import { branchTaken, checkOrder, checkReplaced } from '../order.ts';
import { of, orNull, type GithubRepository } from './client.ts';

interface Entry {
  path: string;
  mode: string;
  type: string;
  sha: string;
}

interface Made {
  commit: string;
  url: string | null;
}

/** The commit of a branch; null where there is none. */
export async function headOf(repository: GithubRepository, branch: string, signal: AbortSignal | undefined): Promise<string | null> {
  const found = await orNull(repository.rest.git.getRef({ ...of(repository, signal), ref: `heads/${branch}` }));
  return found?.data.object.sha ?? null;
}

/** See forge.ts. A commit and a tree that no branch came to point at are left to GitHub, which forgets them. */
export async function commit(repository: GithubRepository, order: CommitOrder, signal: AbortSignal | undefined): Promise<Made> {
  checkOrder(order);
  const { branch, base, message } = order;
  const tree = await treeOf(repository, order, signal);
  const head = await headOf(repository, branch, signal);
  if (head !== null && head !== base) return alreadyMade(repository, order, { head, tree }, signal);
  const { data } = await repository.rest.git.createCommit({ ...of(repository, signal), message, tree, parents: [base] });
  try {
    await pointTo(repository, { branch, commit: data.sha, isNew: head === null }, signal);
  } catch (error) {
    return await afterRefusal(repository, order, { error, head, tree }, signal);
  }
  return { commit: data.sha, url: data.html_url };
}

async function pointTo(repository: GithubRepository, { branch, commit, isNew }: { branch: string; commit: string; isNew: boolean }, signal: AbortSignal | undefined): Promise<void> {
  if (isNew) await repository.rest.git.createRef({ ...of(repository, signal), ref: `refs/heads/${branch}`, sha: commit });
  else await repository.rest.git.updateRef({ ...of(repository, signal), ref: `heads/${branch}`, sha: commit, force: false });
}

/** A branch that GitHub would not move: somebody was faster, or a rule is against it. */
async function afterRefusal(repository: GithubRepository, order: CommitOrder, { error, head, tree }: { error: unknown; head: string | null; tree: string }, signal: AbortSignal | undefined): Promise<Made> {
  if (!isPivoError(error, 'InvalidInput', 'Exists')) throw error;
  const now = await headOf(repository, order.branch, signal);
  if (now !== null && now !== head) return alreadyMade(repository, order, { head: now, tree }, signal);
  throw new PivoError('NotAllowed', `branch ${order.branch} is protected: ${error.message}`, { facts: error.facts, hint: 'Choose a branch that no rule protects, or let the user of the token write to this one.', cause: error });
}

/** The commit at the branch's head where it is what the order makes: the same parent, message and tree. */
async function alreadyMade(repository: GithubRepository, { branch, base, message }: CommitOrder, { head, tree }: { head: string; tree: string }, signal: AbortSignal | undefined): Promise<Made> {
  const { data } = await repository.rest.git.getCommit({ ...of(repository, signal), commit_sha: head });
  const isOurs = data.tree.sha === tree && data.parents.length === 1 && data.parents[0]?.sha === base && data.message.trimEnd() === message.trimEnd();
  if (!isOurs) throw branchTaken(branch, head, base);
  return { commit: head, url: data.html_url };
}

/** The tree of the order: the base's, with its files. The same order gives the same tree. */
async function treeOf(repository: GithubRepository, { base, files }: CommitOrder, signal: AbortSignal | undefined): Promise<string> {
  const { data: begun } = await repository.rest.git.getCommit({ ...of(repository, signal), commit_sha: base });
  const find = treeReader(repository, begun.tree.sha, signal);
  const entries: { path: string; mode: '100644' | '100755'; type: 'blob'; content: string }[] = [];
  for (const file of files) {
    const found = await find(file.path);
    if (found !== null && !/^100(644|755)$/.test(found.mode)) throw new PivoError('Exists', `${file.path} is no plain file in ${base.slice(0, 12)}`, { facts: { path: file.path, base }, hint: 'Nothing was committed. A folder, link or submodule is not replaced.' });
    checkReplaced(file, found?.sha ?? null, base);
    entries.push({ path: file.path, mode: found?.mode === '100755' ? '100755' : '100644', type: 'blob', content: file.content });
  }
  const { data } = await repository.rest.git.createTree({ ...of(repository, signal), base_tree: begun.tree.sha, tree: entries }).catch(explained);
  return data.sha;
}

/** GitHub hides what a token may not write: a workflow file without the right to it is answered as if nothing were there. */
function explained(error: unknown): never {
  if (!isPivoError(error, 'NotFound')) throw error;
  throw new PivoError('NotAllowed', error.message, { facts: error.facts, hint: 'The token may not write here. For files in .github/workflows it needs the right Workflows (write), or the scope workflow.', cause: error });
}

/** Finds what stands at a path, reading each folder once. A file where a folder has to be is Exists. */
function treeReader(repository: GithubRepository, root: string, signal: AbortSignal | undefined): (path: string) => Promise<Entry | null> {
  const read = new Map<string, Promise<Map<string, Entry>>>();
  const listed = async (tree: string): Promise<Map<string, Entry>> => {
    const { data } = await repository.rest.git.getTree({ ...of(repository, signal), tree_sha: tree });
    if (data.truncated) throw new PivoError('LimitExceeded', `GitHub lists folder ${tree.slice(0, 12)} in part only`, { hint: 'It has too many entries.' });
    return new Map(data.tree.map((entry) => [entry.path, entry]));
  };
  return async (path) => {
    let [at, entry]: [string, Entry | null] = [root, null];
    for (const name of path.split('/')) {
      if (entry !== null && entry.type !== 'tree') throw new PivoError('Exists', `${entry.path} is a file, and ${path} needs a folder there`, { facts: { path }, hint: 'Nothing was committed.' });
      const entries: Promise<Map<string, Entry>> = read.get(at) ?? listed(at);
      read.set(at, entries);
      entry = (await entries).get(name) ?? null;
      if (entry === null) return null;
      at = entry.sha;
    }
    return entry;
  };
}
