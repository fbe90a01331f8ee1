// Decides ref by ref what a restore does to its target: create, move forward, leave, or refuse and say why.
import { byName } from '../archive/snapshots.ts';
import type { PlannedRef } from '../contract/restore.ts';
import type { Ref } from '../contract/snapshot.ts';
import type { Verdict } from './fast-forwards.ts';
import type { TargetState } from './target.ts';

export interface Decision {
  chosen: readonly Ref[];
  target: TargetState;
  /** Refs that were asked for by name: a refusal of one of them stops the restore. */
  named: boolean;
  /** How each existing ref with another object was judged. */
  verdicts: ReadonlyMap<string, Verdict>;
  /** The chosen history ends at a shallow boundary. */
  shallow: boolean;
}

type Outcome = Pick<PlannedRef, 'action' | 'reason' | 'blocks'>;

const refuse = (reason: string, blocks: boolean): Outcome => ({ action: 'refuse', reason, ...(blocks ? { blocks } : {}) });

/** One row for each chosen ref, in the order of names. */
export function decideRefs(decision: Decision): PlannedRef[] {
  const occupied = occupiedNames(decision.target.refs);
  return [...decision.chosen].sort(byName).map((ref) => ({
    name: ref.name,
    old: decision.target.refs.get(ref.name) ?? null,
    new: ref.oid,
    ...decide(ref, decision, occupied),
    ...(ref.peeled === undefined ? {} : { peeled: ref.peeled }),
  }));
}

function decide(ref: Ref, { target, named, verdicts, shallow }: Decision, occupied: Occupied): Outcome {
  const old = target.refs.get(ref.name);
  if (old === ref.oid) return { action: 'unchanged' };
  if (target.absent) return { action: 'create' };
  const never = neverTaken(ref, target);
  if (never !== null) return refuse(never, named);
  if (shallow) return refuse('its history is incomplete, because the origin was shallow: restore to a path of its own instead', true);
  if (old !== undefined) return move(ref, verdicts.get(ref.name) ?? 'unknown');
  const inTheWay = occupied.inTheWay(ref.name);
  return inTheWay === null ? { action: 'create' } : refuse(`${inTheWay} is at the target, and git cannot hold both names`, true);
}

function move(ref: Ref, verdict: Verdict): Outcome {
  if (below(ref.name, 'refs/tags/')) return refuse('the tag is at the target with other content', true);
  if (verdict === 'fast-forward') return { action: 'fast-forward' };
  return refuse(verdict === 'unknown' ? 'the target has commits that the archive does not know' : 'not a fast-forward: the target has diverged', true);
}

/** What git's receive-pack or a forge takes from nobody; such refs are left out of a restore of everything. */
function neverTaken(ref: Ref, target: TargetState): string | null {
  if (/^refs\/[^/]+$/.test(ref.name)) return 'git takes no ref directly below refs/ by push';
  if (below(ref.name, 'refs/heads/') && ref.type !== 'commit') return `a branch must point to a commit, this is a ${ref.type}`;
  if (target.kind === 'working' && target.head.symref === ref.name) return 'the branch is checked out there';
  if (isHidden(ref.name, target.hidden)) return 'the target hides it from pushes (receive.hideRefs)';
  const pattern = forgeRefs(target.host).find((prefix) => below(ref.name, prefix));
  return pattern === undefined ? null : `${target.host} keeps ${pattern} for itself`;
}

/** As git reads `receive.hideRefs`: the last pattern that is the name or a folder of it decides, `!` shows again. */
function isHidden(name: string, patterns: readonly string[]): boolean {
  const matching = patterns.findLast((pattern) => {
    const prefix = pattern.replace(/^!?\^?/, '').replace(/\/+$/, '');
    return name === prefix || below(name, `${prefix}/`);
  });
  return matching !== undefined && !matching.startsWith('!');
}

/** True for names that start with the prefix, also in the quotes of a name that is no UTF-8. */
const below = (name: string, prefix: string): boolean => name.startsWith(prefix) || name.startsWith(`"${prefix}`);

/** Names that forges reserve. */
const FORGE_REFS = ['refs/pull/', 'refs/merge-requests/', 'refs/keep-around/', 'refs/pipelines/', 'refs/environments/'];

/** Refs that a remote host most likely writes itself: of any host but a path, the names that forges are known to reserve. */
const forgeRefs = (host: string | null): string[] => (host === null ? [] : FORGE_REFS);

interface Occupied {
  /** A ref of the target that makes a new name impossible, because one is a folder of the other. */
  inTheWay(name: string): string | null;
}

function occupiedNames(refs: ReadonlyMap<string, string>): Occupied {
  const below = new Map<string, string>();
  for (const name of refs.keys()) for (const folder of foldersOf(name)) below.set(folder, name);
  return { inTheWay: (name) => below.get(name) ?? foldersOf(name).find((folder) => refs.has(folder)) ?? null };
}

/** `refs/heads/a/b` gives `refs/heads/a` and `refs/heads`; the quotes of a name that is no UTF-8 are closed again. */
function foldersOf(name: string): string[] {
  const quoted = name.startsWith('"');
  const parts = name.split('/');
  return parts.slice(2).map((_, i) => `${parts.slice(0, i + 2).join('/')}${quoted ? '"' : ''}`);
}
