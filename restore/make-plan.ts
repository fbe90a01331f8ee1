// Makes the plan of a restore: what will happen to each ref of the target, decided before anything is touched.
import { join } from 'node:path';
import { checkPacks } from '../archive/packs.ts';
import { packsNow, repairsOf } from '../archive/repairs.ts';
import type { Library } from '../archive/reading/library.ts';
import { resolvePoint } from '../archive/reading/points.ts';
import type { Store } from '../archive/store.ts';
import { readVisit } from '../archive/visits.ts';
import { PivoError } from '../contract/failures.ts';
import type { PlannedRef, RestorePlan, RestoreRequest } from '../contract/restore.ts';
import type { Ref, Snapshot } from '../contract/snapshot.ts';
import type { Visit } from '../contract/visit.ts';
import { chooseRefs, type ChosenRefs } from './choose-refs.ts';
import { decideRefs } from './decide-refs.ts';
import { judgeMoves, type Verdict } from './fast-forwards.ts';
import { planLfs } from './plan-lfs.ts';
import { inspectTarget, type TargetAccess, type TargetState } from './target.ts';

export interface Planning {
  store: Store;
  library: Pick<Library, 'reader'>;
  access: TargetAccess;
  /** What the target will be once it is made; missing: it is asked. */
  creates?: TargetState;
  signal?: AbortSignal;
}

/**
 * The plan of a request as archive and target are now; the same state gives the same plan. A plan with refs that
 * block is returned as well: `blockedPlan` says whether it can be carried out. Fails as its parts do, with Damaged when
 * a pack is missing or cut, and with TargetRefused when the target cannot hold the repository at all.
 */
export async function makePlan(request: RestoreRequest, planning: Planning): Promise<RestorePlan> {
  const reader = await planning.library.reader(request.repository);
  const point = await resolvePoint(reader, request.point);
  const { visit, snapshot } = point;
  const chosen = await chooseRefs(request.refs, point, reader.gitDir, planning.signal);
  const [target] = await Promise.all([planning.creates ?? inspectTarget(request.target, planning.access, planning.signal), checkPacks(planning.store, request.repository, visit.packs)]);
  checkFormat(target, snapshot);
  const verdicts = await judge(chosen.refs, target, join(reader.gitDir, 'objects'), snapshot, planning.signal);
  const refs = decideRefs({ chosen: chosen.refs, target, named: Array.isArray(request.refs), verdicts, shallow: snapshot.shallow.length > 0 });
  const lfs = await planLfs({ repository: request.repository, gitDir: reader.gitDir, visit, refs, head: chosen.head, target, asks: planning.creates === undefined, wanted: request.lfs !== 'none' }, planning);
  return {
    formatVersion: 1,
    repository: request.repository,
    origin: visit.origin,
    target: target.url,
    targetKind: target.kind,
    point: { asked: point.asked, kind: point.kind, visit: visit.seq, snapshot: visit.snapshot, commit: point.commit },
    objectFormat: snapshot.objectFormat,
    refs,
    head: chosen.head,
    packs: await packsOf(planning.store, request.repository, visit.seq),
    shallow: snapshot.shallow,
    ...(lfs === null ? {} : { lfs: lfs.planned }),
    makesTarget: target.absent,
    ...(planning.creates === undefined ? {} : { creates: true as const }),
    warnings: [...warningsOf(visit, chosen, target, refs), ...(lfs?.warnings ?? [])],
  };
}

/** The packs that hold the visit's objects now, and which visit proves each. */
async function packsOf(store: Store, repository: string, seq: number): Promise<RestorePlan['packs']> {
  const packs = packsNow(await readVisit(store, repository, seq), await repairsOf(store, repository));
  return packs.map(({ proof, visit }) => ({ name: proof.name, bytes: proof.pack.bytes, ...(visit === seq ? {} : { visit }) }));
}

function checkFormat(target: TargetState, snapshot: Snapshot): void {
  if (target.objectFormat === null || target.objectFormat === snapshot.objectFormat) return;
  throw new PivoError('TargetRefused', `${target.url} is a ${target.objectFormat} repository, the archived one is ${snapshot.objectFormat}`, { hint: 'Restore to a path that is not there yet.' });
}

/** Judges the refs that are at the target with another object. */
async function judge(chosen: readonly Ref[], target: TargetState, objects: string, snapshot: Snapshot, signal?: AbortSignal): Promise<Map<string, Verdict>> {
  const moves = chosen.flatMap((ref) => {
    const old = target.refs.get(ref.name);
    return old === undefined || old === ref.oid ? [] : [{ name: ref.name, old, new: ref.oid }];
  });
  const verdicts = await judgeMoves(objects, snapshot.objectFormat, moves, signal);
  return new Map(moves.map((move, i) => [move.name, verdicts[i] ?? 'unknown']));
}

function warningsOf(visit: Visit, chosen: ChosenRefs, target: TargetState, refs: readonly PlannedRef[]): string[] {
  const left = refs.filter((ref) => ref.action === 'refuse' && ref.blocks !== true);
  const { symref, oid } = chosen.head;
  const holes = visit.holes.filter(({ lfs }) => lfs === undefined); // objects of Git LFS may have come since
  return [
    ...(holes.length === 0 ? [] : [`visit ${visit.seq} has ${holes.length} ${holes.length === 1 ? 'hole' : 'holes'}: what the origin itself lacked cannot come back`]),
    ...(visit.fsck.length === 0 || target.absent ? [] : [`git fsck finds fault with archived objects (${visit.fsck.map(({ id, count }) => `${count} ${id}`).join(', ')}): a target that checks may refuse them`]),
    ...(left.length === 0 ? [] : [`${left.length} ${left.length === 1 ? 'ref is' : 'refs are'} left out: ${left[0]?.name} (${left[0]?.reason})${left.length > 1 ? ' and others' : ''}`]),
    ...(target.absent || (symref === null && oid === null) || sameHead(target, chosen) ? [] : [`HEAD cannot be pushed: it stays ${target.head.symref ?? target.head.oid ?? 'as it is'} at the target, and was ${symref ?? `detached at ${oid}`}`]),
    ...(symref === null || symref === target.head.symref || refs.length === 0 || refs.some((ref) => ref.name === symref && ref.action !== 'refuse') ? [] : [`HEAD names ${symref}, which is not among the restored refs`]),
  ];
}

const sameHead = (target: TargetState, { head }: ChosenRefs): boolean => (head.symref === null ? target.head.symref === null && target.head.oid === head.oid : target.head.symref === head.symref);
