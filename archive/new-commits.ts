// The commits that a visit reaches and the visit before did not, with what each changed.
import { totalmem } from 'node:os';
import { isPivoError } from '../contract/failures.ts';
import type { Snapshot } from '../contract/snapshot.ts';
import type { Visit } from '../contract/visit.ts';
import { startGit, type GitLimits } from '../git/process.ts';
import { COMMIT_LOG, readCommitLog, type LoggedCommit } from './commit-log.ts';
import { commitsThatAreThere, commitsWithoutParents } from './object-gaps.ts';
import { openObjectView, type ObjectView } from './object-view.ts';

export interface NewCommitsInput {
  visit: Visit;
  snapshot: Snapshot;
  previous: Visit | null;
  /** Snapshot of the visit before. */
  before: Snapshot | null;
  objectDirectory: string;
  signal?: AbortSignal | undefined;
}

/** Parents before children, otherwise by commit time. */
const ORDER = ['--date-order', '--reverse'];
/** How often the log is started again after a commit whose changes cannot be listed; the rest then comes without changes. */
const RESTARTS = 100;
/** git holds all changes of one commit before it writes the first, and some kilobytes of trees can name more than any memory holds. */
const LIMITS: GitLimits = { memory: Math.min(4 * 2 ** 30, totalmem() / 2), file: 2 ** 20 };

/**
 * One `git log` over the packs of both visits. Where it stumbles over missing objects or a commit that changes
 * more paths than anyone can list, all are told again, carefully: a commit whose parents are missing counts as
 * a root, one whose changes cannot be listed has `changes: null`.
 */
export async function* newCommits({ visit, snapshot, previous, before, objectDirectory, signal }: NewCommitsInput): AsyncGenerator<LoggedCommit> {
  const { wanted, known } = revisions(snapshot, before);
  if (wanted.length === 0) return;
  const packs = new Set([visit, previous].flatMap((each) => each?.packs ?? []).map((pack) => pack.name));
  await using view = await openObjectView(objectDirectory, packs, visit.objectFormat);
  await view.setShallow(snapshot.shallow);
  try {
    yield* log(view, [...ORDER, '--raw'], [...wanted, ...known.map((oid) => `^${oid}`)], signal);
  } catch (error) {
    if (!isPivoError(error, 'GitFailed', 'LimitExceeded')) throw error;
    yield* carefully(view, snapshot, wanted, known, signal);
  }
}

/** Where to start and where to stop. After a shallow boundary moved, what was behind it is new: nothing is known. */
function revisions(snapshot: Snapshot, before: Snapshot | null): { wanted: string[]; known: string[] } {
  const old = before === null || (before.shallow.length > 0 && before.shallow.join() !== snapshot.shallow.join()) ? [] : tips(before);
  const known = new Set(old);
  return { wanted: tips(snapshot).filter((oid) => !known.has(oid)), known: old };
}

/** What the refs and HEAD of a snapshot point to, where commits can be below. */
function tips({ refs, head }: Snapshot): string[] {
  const oids = new Set(refs.filter((ref) => ref.type === 'commit' || ref.type === 'tag').map((ref) => ref.oid));
  if (head.oid !== null) oids.add(head.oid);
  return [...oids];
}

async function* log(view: ObjectView, args: readonly string[], revisions: readonly string[], signal: AbortSignal | undefined): AsyncGenerator<LoggedCommit> {
  const running = startGit([...COMMIT_LOG, ...args], { gitDir: view.gitDir, input: lines(revisions), signal, limits: args.includes('--raw') ? LIMITS : undefined });
  try {
    yield* readCommitLog(running.stdout);
    await running.done;
  } finally {
    running.kill('SIGKILL');
  }
}

/** Text in pieces that fit a pipe. */
function* chunked(items: readonly string[]): Generator<string> {
  for (let at = 0; at < items.length; at += 1_000) yield `${items.slice(at, at + 1_000).join('\n')}\n`;
}

async function* lines(items: readonly string[]): AsyncGenerator<string> {
  yield* chunked(items);
}

async function* carefully(view: ObjectView, snapshot: Snapshot, wanted: string[], known: string[], signal: AbortSignal | undefined): AsyncGenerator<LoggedCommit> {
  await view.setShallow(new Set([...snapshot.shallow, ...(await commitsWithoutParents(view.gitDir, signal))]));
  const from = [...(await commitsThatAreThere(view.gitDir, wanted, signal)), ...(await commitsThatAreThere(view.gitDir, known, signal)).map((oid) => `^${oid}`)];
  let rest: string[] = [];
  for await (const { hash } of log(view, [...ORDER, '-s'], from, signal)) rest.push(hash);
  for (let restarts = 0; rest.length > 0; restarts++) {
    let done = 0;
    try {
      for await (const commit of log(view, ['--no-walk=unsorted', restarts < RESTARTS ? '--raw' : '-s'], rest, signal)) {
        yield restarts < RESTARTS ? commit : { ...commit, changes: null };
        done += 1;
      }
    } catch (error) {
      if (!isPivoError(error, 'GitFailed', 'LimitExceeded') || restarts >= RESTARTS) throw error;
      for await (const commit of log(view, ['--no-walk=unsorted', '-s'], rest.slice(done, done + 1), signal)) yield { ...commit, changes: null };
      done += 1;
    }
    rest = rest.slice(done);
  }
}
