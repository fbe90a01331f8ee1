// Pushes planned refs to a repository that is there: all or none, never by force, and a second time it finds its own work.
import { isPivoError, PivoError } from '../contract/failures.ts';
import type { Progress } from '../contract/ingest.ts';
import type { PlannedRef, RestorePlan } from '../contract/restore.ts';
import { lsRemote, type Advertisement } from '../git/ls-remote.ts';
import { gitText, startGit } from '../git/process.ts';
import { readGitProgress } from '../git/progress.ts';
import { remoteFailure, type Remote } from '../git/remote.ts';
import { wantedRefs } from './repository.ts';

/**
 * A lease for each created ref makes its creation exact; git compares every lease with every ref, so 1,000 cost
 * 0.2 s and 20,000 more than a minute. Above this number git's own rule (no update but a fast-forward) must do.
 */
const MOST_LEASES = 1000;

export interface PushRun {
  signal: AbortSignal;
  onProgress: (progress: Progress) => void;
}

/**
 * Brings the target to the plan with `git push --atomic refs/*:refs/*` from `gitDir`; returns the number of objects
 * sent, or reachable when nothing had to be sent. Fails with TargetChanged when a ref is neither as planned before nor
 * after, TargetRefused with the target's own words, TargetUnreachable, or GitFailed for what may work the next time.
 */
export async function pushPlan(remote: Remote, gitDir: string, plan: RestorePlan, run: PushRun): Promise<number> {
  const pending = pendingRefs(plan, await lsRemote(remote, { signal: run.signal, role: 'target' }));
  if (pending.length === 0) return reachableObjects(gitDir, run.signal);
  try {
    return await push(remote, gitDir, leases(pending), run);
  } catch (error) {
    if (!isPivoError(error) || isPivoError(error, 'Cancelled')) throw error;
    const after = await lsRemote(remote, { signal: run.signal, role: 'target' });
    if (pendingRefs(plan, after).length === 0) return reachableObjects(gitDir, run.signal); // an earlier attempt finished it
    throw withTaken(error, pending.filter((ref) => after.refs.get(ref.name) === ref.new));
  }
}

/** git's receive-pack keeps `--atomic` for refusals by hooks and locks, but takes the others beside a ref that it hides. */
function withTaken(error: PivoError, taken: readonly PlannedRef[]): PivoError {
  if (taken.length === 0) return error;
  const names = taken.map((ref) => ref.name);
  return new PivoError(error.kind, `${error.message}; it took ${names.length} other ${names.length === 1 ? 'ref' : 'refs'} all the same`, {
    hint: 'The refs that it took are as planned. Allow the others at the target, or leave them out with --refs, and restore again.',
    facts: { ...error.facts, taken: names.slice(0, 20) }, cause: error,
  });
}

/** Planned refs that are not at the target yet. Fails with TargetChanged when one is at another object than planned. */
function pendingRefs(plan: RestorePlan, { refs }: Advertisement): PlannedRef[] {
  const moved = movedRefs(plan, refs);
  if (moved.length > 0) {
    throw new PivoError('TargetChanged', `the target changed since the plan was made: ${moved.slice(0, 3).map((ref) => ref.name).join(', ')}`, { hint: 'Nothing was sent. Make a new plan.', facts: { refs: moved.slice(0, 20) } });
  }
  return wantedRefs(plan).filter((ref) => refs.get(ref.name) !== ref.new);
}

/** Planned refs that are neither as the plan found them nor as it leaves them. */
export function movedRefs(plan: RestorePlan, refs: ReadonlyMap<string, string>): { name: string; old: string | null; now: string | null }[] {
  return wantedRefs(plan).flatMap(({ name, old, new: planned }) => {
    const now = refs.get(name) ?? null;
    return now === old || now === planned ? [] : [{ name, old, now }];
  });
}

/** Arguments by which git creates a ref only where there is none. Names that are no UTF-8 cannot be arguments. */
function leases(pending: readonly PlannedRef[]): string[] {
  const created = pending.filter((ref) => ref.old === null && !ref.name.startsWith('"'));
  return created.length > MOST_LEASES ? [] : created.map((ref) => `--force-with-lease=${ref.name}:`);
}

async function push(remote: Remote, gitDir: string, leaseArguments: readonly string[], { signal, onProgress }: PushRun): Promise<number> {
  let objects = 0;
  const onStderr = (line: string): void => {
    objects = Number(/^Total (\d+) /.exec(line)?.[1] ?? objects);
    const progress = readGitProgress(line);
    if (progress !== null) onProgress(progress);
  };
  const args = ['push', '--atomic', '--porcelain', '--progress', '--no-verify', ...leaseArguments, '--end-of-options', remote.url, 'refs/*:refs/*'];
  const running = startGit(args, { gitDir, ...remote.git, signal, onStderr });
  running.stdin.end();
  let refused = '';
  for await (const chunk of running.stdout.setEncoding('latin1')) refused = (refused + String(chunk)).split('\n').filter((line, i, all) => i === all.length - 1 || line.startsWith('!')).slice(0, 100).join('\n');
  try {
    await running.done;
    return objects;
  } catch (error) {
    throw pushFailure(error, refused, remote.url);
  }
}

/** What a line such as `!\tsrc:dst\t[remote rejected] (hook declined)` says (git-push(1), OUTPUT). */
const REFUSAL = /^!\t(?:[^\t:]*):([^\t]*)\t\[([^\]]*)\](?: \((.*)\))?/;
/** Reasons of receive-pack that say that another process was faster or the disk failed, not that the ref is unwanted. */
const PASSING = /failed to (update|lock|start|write)|cannot lock|unpacker error|transaction|reference already exists|missing necessary objects/;
/** Said of refs that were taken back because another one was refused. */
const CONSEQUENCE = /atomic/;

/** Turns a failed push into what it means, by the refs that git lists as refused. */
function pushFailure(error: unknown, output: string, url: string): unknown {
  if (!isPivoError(error, 'GitFailed')) return error;
  const rows = output.split('\n').flatMap((line) => {
    const [, name = '', how = '', reason = ''] = REFUSAL.exec(line) ?? [];
    return name === '' || CONSEQUENCE.test(`${how} ${reason}`) ? [] : [{ name, how, reason: reason === '' ? how : reason }];
  });
  if (rows.length === 0) return withoutRows(error, output, url);
  const said = rows.slice(0, 3).map((row) => `${row.name} (${row.reason})`).join(', ');
  const facts = { url, refused: rows.slice(0, 20) };
  if (rows.every((row) => row.how === 'rejected')) return new PivoError('TargetChanged', `${url} changed since the plan was made: ${said}`, { hint: 'Nothing was changed there. Make a new plan.', facts, cause: error });
  if (rows.every((row) => PASSING.test(row.reason))) return new PivoError('GitFailed', `${url} could not take the push: ${said}`, { hint: 'Nothing was changed there; it is tried again.', facts, cause: error });
  return new PivoError('TargetRefused', `${url} refused ${rows.length === 1 ? 'a ref' : 'refs'}: ${said}${remarks(error)}`, { hint: 'Nothing was changed there. Allow it at the target, or restore other refs or to another target.', facts, cause: error });
}

/** Every refused ref is a consequence of another, or none is listed: then git's own words decide. */
function withoutRows(error: PivoError, output: string, url: string): unknown {
  const unwanted = /^!/m.test(output) || /shallow update not allowed|does not support (this repository's hash algorithm|--atomic)|protected branch|mismatched algorithms/.test(saidBy(error));
  if (!unwanted) return remoteFailure(error, url, 'target');
  return new PivoError('TargetRefused', `${url} refused the push: ${error.message}`, { hint: 'Nothing was changed there.', facts: { url }, cause: error });
}

/** The end of git's stderr. */
const saidBy = ({ facts: { stderr } }: PivoError): string => (typeof stderr === 'string' ? stderr : '');

/** What hooks of the target printed. */
function remarks(error: PivoError): string {
  const lines = saidBy(error).split(/[\r\n]/).flatMap((line) => /^remote: (.*\S)/.exec(line)?.slice(1) ?? []);
  const told = lines.filter((line) => !/^(Resolving|Counting|Unpacking|Checking|error: hook declined)/.test(line)).slice(-3);
  return told.length === 0 ? '' : `: ${told.join('; ')}`;
}

/** Objects that the planned refs reach. */
async function reachableObjects(gitDir: string, signal: AbortSignal): Promise<number> {
  return Number(await gitText(['rev-list', '--objects', '--all', '--count'], { gitDir, signal }));
}
