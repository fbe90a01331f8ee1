// Chooses which refs of a visit a restore brings back, and where its HEAD points.
import { PivoError } from '../contract/failures.ts';
import type { RestoreRequest } from '../contract/restore.ts';
import type { Head, Ref, Snapshot } from '../contract/snapshot.ts';
import { git } from '../git/process.ts';
import { quoteLatin1 } from '../git/quote.ts';

/** A point in time, resolved. */
export interface ChosenPoint {
  kind: string;
  /** What was asked for: a branch's or tag's name where the kind says so. */
  asked: string;
  snapshot: Snapshot;
  commit: string | null;
}

export interface ChosenRefs {
  refs: Ref[];
  head: Head;
}

/** Kinds of points that mean a whole state; all others mean one commit. */
const WHOLE = ['latest', 'snapshot', 'instant', 'visit'];

/**
 * The refs of `request.refs` at a point. `default` means everything of an instant, snapshot or visit; of a commit
 * HEAD's branch (a branch point: that branch; no HEAD: `refs/heads/restored`) at that commit, and the tags that are
 * its ancestors. `gitDir` is the snapshot's own repository. Fails with NotFound for a ref that the snapshot lacks.
 */
export async function chooseRefs(wanted: RestoreRequest['refs'], point: ChosenPoint, gitDir: string, signal?: AbortSignal): Promise<ChosenRefs> {
  const { snapshot, commit, kind } = point;
  if (Array.isArray(wanted)) return { refs: refsByName(snapshot, wanted), head: headAmong(wanted, snapshot.head) };
  if (wanted === 'all' || commit === null || WHOLE.includes(kind)) return { refs: snapshot.refs, head: snapshot.head };
  const branch = branchOf(point);
  const merged = await mergedTags(gitDir, commit, signal);
  const tags = snapshot.refs.filter((ref) => merged.has(ref.name));
  return { refs: [{ name: branch, oid: commit, type: 'commit' }, ...tags], head: { symref: branch, oid: commit } };
}

function branchOf({ kind, asked, snapshot }: ChosenPoint): string {
  if (kind === 'branch') {
    const named = snapshot.refs.find((ref) => ref.name === `refs/heads/${asked}` || ref.name === asked);
    if (named !== undefined) return named.name;
  }
  return snapshot.head.symref ?? 'refs/heads/restored';
}

/** HEAD of a restore of named refs: its branch, born when it is one of them; a detached HEAD was not asked for. */
const headAmong = (names: readonly string[], { symref, oid }: Head): Head => ({ symref, oid: symref !== null && names.includes(symref) ? oid : null });

function refsByName(snapshot: Snapshot, names: readonly string[]): Ref[] {
  const known = new Map(snapshot.refs.map((ref) => [ref.name, ref]));
  const missing = names.filter((name) => !known.has(name));
  if (missing.length > 0) {
    throw new PivoError('NotFound', `the snapshot has no ref ${missing.slice(0, 5).join(', ')}${missing.length > 5 ? ` and ${missing.length - 5} more` : ''}`, { hint: 'Give full names, such as refs/heads/main, as `pivo visits` and the table `refs` show them.', facts: { missing: missing.slice(0, 20) } });
  }
  return [...new Set(names)].flatMap((name) => known.get(name) ?? []);
}

/** Names of the tags whose commit is an ancestor of `commit`, or `commit` itself. */
async function mergedTags(gitDir: string, commit: string, signal?: AbortSignal): Promise<Set<string>> {
  const { stdout } = await git(['for-each-ref', `--merged=${commit}`, '--format=%(refname)', 'refs/tags'], { gitDir, signal });
  return new Set(stdout.toString('latin1').split('\n').map(quoteLatin1));
}
