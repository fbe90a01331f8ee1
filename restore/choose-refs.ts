// Chooses which refs of a visit a restore brings back, and where its HEAD points.
import { createInterface } from 'node:readline';
import type { Point, PointKind } from '../archive/reading/points.ts';
import { PivoError } from '../contract/failures.ts';
import type { RestoreRequest } from '../contract/restore.ts';
import type { Head, Ref, Snapshot } from '../contract/snapshot.ts';
import { startGit } from '../git/process.ts';
import { unquotePath } from '../git/quote.ts';

export interface ChosenRefs {
  refs: Ref[];
  head: Head;
}

/** Points that mean a whole state; all others mean one commit. */
const WHOLE: readonly PointKind[] = ['latest', 'current', 'snapshot', 'instant'];

/**
 * The refs of `request.refs` at a point. `default` means everything of an instant, snapshot or visit; of a commit
 * HEAD's branch (a branch point: that branch; no HEAD: `refs/heads/restored`) at that commit, and the tags that are
 * its ancestors. `gitDir` holds the archive's objects. Fails with NotFound for a ref that the snapshot lacks.
 */
export async function chooseRefs(wanted: RestoreRequest['refs'], point: Point, gitDir: string, signal?: AbortSignal): Promise<ChosenRefs> {
  const { snapshot, commit, kind } = point;
  if (Array.isArray(wanted)) return { refs: refsByName(snapshot, wanted), head: headAmong(wanted, snapshot.head) };
  if (wanted === 'all' || commit === null || WHOLE.includes(kind)) return { refs: snapshot.refs, head: snapshot.head };
  const branch = branchOf(point);
  const tags = await mergedTags(snapshot, gitDir, commit, signal);
  return { refs: [{ name: branch, oid: commit, type: 'commit' }, ...tags], head: { symref: branch, oid: commit } };
}

function branchOf({ kind, asked, snapshot }: Point): string {
  const named = kind === 'branch' ? snapshot.refs.find((ref) => ref.name === `refs/heads/${asked}` || ref.name === asked) : undefined;
  return named?.name ?? snapshot.head.symref ?? 'refs/heads/restored';
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

/** The tags whose commit is an ancestor of `commit`, or `commit` itself. */
async function mergedTags({ refs }: Snapshot, gitDir: string, commit: string, signal?: AbortSignal): Promise<Ref[]> {
  const tags = refs.filter((ref) => unquotePath(ref.name).toString('latin1').startsWith('refs/tags/'));
  if (tags.length === 0) return [];
  const wanted = new Set(tags.map(commitOf));
  const merged = new Set<string>();
  const running = startGit(['rev-list', '--end-of-options', commit], { gitDir, signal });
  running.stdin.end();
  for await (const ancestor of createInterface({ input: running.stdout })) if (wanted.has(ancestor)) merged.add(ancestor);
  await running.done;
  return tags.filter((tag) => merged.has(commitOf(tag)));
}

const commitOf = (ref: Ref): string => ref.peeled ?? ref.oid;
