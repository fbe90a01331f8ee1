// One commit of several files on GitLab: one request, which creates the branch at the base or adds to it where it stands there.
import { isPivoError } from '../../contract/failures.ts';
import type { CommitOrder } from '../forge.ts';
import { blobId, branchTaken, checkOrder, checkReplaced } from '../order.ts';
import { orNull, type GitlabProject } from './client.ts';

interface Made {
  commit: string;
  url: string | null;
}

/** The commit of a branch; null where there is none. */
export async function headOf(project: GitlabProject, branch: string, signal: AbortSignal | undefined): Promise<string | null> {
  const found = await orNull(project.ask(signal).branches.show(project.path, branch));
  return found?.commit.id ?? null;
}

/** See forge.ts. */
export async function commit(project: GitlabProject, order: CommitOrder, signal: AbortSignal | undefined): Promise<Made> {
  checkOrder(order);
  const { branch, base, message } = order;
  const head = await headOf(project, branch, signal);
  if (head !== null && head !== base) return alreadyMade(project, order, head, signal);
  const actions = await actionsOf(project, order, signal);
  try {
    const made = await project.ask(signal).commits.create(project.path, branch, message, actions, head === null ? { startSha: base } : {});
    if (!isOnly(made.parent_ids, base)) throw branchTaken(branch, made.id, base); // somebody was between our look and GitLab's
    return { commit: made.id, url: made.web_url };
  } catch (error) {
    if (!isPivoError(error, 'InvalidInput') || error.facts['status'] !== 400) throw error;
    const now = await headOf(project, branch, signal);
    if (now === null || now === head) throw error;
    return alreadyMade(project, order, now, signal);
  }
}

interface Action {
  action: 'create' | 'update';
  filePath: string;
  content: string;
  lastCommitId?: string;
}

/** What GitLab has to do with each file. An update names the commit that it was read at, so that GitLab refuses it where another came. */
async function actionsOf(project: GitlabProject, { base, files }: CommitOrder, signal: AbortSignal | undefined): Promise<Action[]> {
  const actions: Action[] = [];
  for (const file of files) {
    const found = await orNull(project.ask(signal).files.show(project.path, file.path, base));
    checkReplaced(file, found?.blob_id ?? null, base);
    const change = { filePath: file.path, content: file.content };
    actions.push(found === null ? { action: 'create', ...change } : { action: 'update', ...change, lastCommitId: found.last_commit_id });
  }
  return actions;
}

/** The commit at the branch's head where it is what the order makes: the same parent and message, these files with these contents and no others. */
async function alreadyMade(project: GitlabProject, order: CommitOrder, head: string, signal: AbortSignal | undefined): Promise<Made> {
  const { branch, base, message, files } = order;
  const { commits } = project.ask(signal);
  const found = await commits.show(project.path, head);
  const changed = files.filter(({ content, existing }) => content !== existing);
  const isOurs = isOnly(found.parent_ids, base) && found.message.trimEnd() === message.trimEnd() && (await changesOnly(project, head, changed.map(({ path }) => path), signal));
  if (!isOurs) throw branchTaken(branch, head, base);
  for (const { path, content } of changed) {
    const there = await orNull(project.ask(signal).files.show(project.path, path, head));
    if (there?.blob_id !== blobId(content, base)) throw branchTaken(branch, head, base);
  }
  return { commit: head, url: found.web_url };
}

const isOnly = (parents: readonly string[] | undefined, base: string): boolean => parents?.length === 1 && parents[0] === base;

async function changesOnly(project: GitlabProject, commit: string, paths: readonly string[], signal: AbortSignal | undefined): Promise<boolean> {
  const changes = await project.ask(signal).commits.showDiff(project.path, commit, { perPage: 100, maxPages: 2 });
  const named = new Set(changes.flatMap(({ new_path: now, old_path: before }) => [now, before]));
  return named.size === paths.length && paths.every((path) => named.has(path));
}
