// Plans the restore of one repository of many: a row that says what will be done, or why nothing can be.
import { setTimeout as sleep } from 'node:timers/promises';
import { parseInstant } from '../../archive/reading/instants.ts';
import { openLibrary } from '../../archive/reading/library.ts';
import type { RepositoryReader } from '../../archive/reading/reader.ts';
import { readVisit } from '../../archive/visits.ts';
import type { Store } from '../../archive/store.ts';
import { isPivoError, PivoError, type FailureReport } from '../../contract/failures.ts';
import { countActions, planHash } from '../../contract/plan.ts';
import type { RestorePlan, RestoreRequest } from '../../contract/restore.ts';
import type { ChosenRestore, RestoreAllRow } from '../../contract/restore-all.ts';
import { blockedPlan } from '../blocked.ts';
import { makePlan } from '../make-plan.ts';
import { emptyRemote, type TargetAccess } from '../target.ts';

/** What the forge of the target says of a repository there; null: it is not a forge whose API we may ask. */
export type IsThere = (target: string, signal: AbortSignal) => Promise<boolean>;

export interface MemberPlanning {
  store: Store;
  cache: string;
  access: TargetAccess;
  isThere: IsThere | null;
  signal: AbortSignal;
  /** Called with a plan that can be carried out; gives the one that counts, for another attempt may have kept one already. */
  keep(request: RestoreRequest, plan: RestorePlan): Promise<RestorePlan>;
  /** A plan that is kept already. */
  kept(request: RestoreRequest): Promise<RestorePlan | null>;
}

const EMPTY: Pick<RestoreAllRow, 'planHash' | 'visit' | 'refs' | 'packs' | 'bytes' | 'makes' | 'warnings'> = { planHash: null, visit: null, refs: { create: 0, 'fast-forward': 0, unchanged: 0, refuse: 0 }, packs: 0, bytes: 0, makes: null, warnings: [] };

/**
 * The row of one repository. What is wrong with it alone is its row's reason; fails only with what concerns all of them:
 * the archive or the forge cannot be asked now (StorageUnavailable, Unavailable), or Cancelled.
 */
export async function planMember(chosen: ChosenRestore, request: RestoreRequest, planning: MemberPlanning): Promise<RestoreAllRow> {
  const { repository, target } = chosen;
  if (chosen.refused !== null) return { ...EMPTY, repository, target, state: 'refused', reason: chosen.refused };
  try {
    const plan = (await planning.kept(request)) ?? (await persistently(() => newPlan(chosen, request, planning), planning.signal));
    if ('kind' in plan) return { ...EMPTY, repository, target, state: 'nothing', reason: plan };
    const { time } = await readVisit(planning.store, repository, plan.point.visit);
    return rowOf(plan, time);
  } catch (error) {
    if (planning.signal.aborted || concernsAll(error)) throw error;
    const failure = isPivoError(error) ? error : new PivoError('Internal', `${repository} could not be planned: ${(error as Error).message}`, { hint: 'This is a fault of PIVO; the worker\'s log has more.' });
    return { ...EMPTY, repository, target, state: 'refused', reason: failure.report() };
  }
}

const concernsAll = (error: unknown): boolean => isPivoError(error, 'StorageUnavailable', 'Unavailable', 'Cancelled');

/** Attempts at what may pass, and milliseconds between two. */
const [ATTEMPTS, PAUSE] = [3, 1_000];

/** A target that was not reached once must not be missing from the plan. */
async function persistently<T>(plan: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await plan();
    } catch (error) {
      if (attempt === ATTEMPTS || !isPivoError(error) || error.permanent || concernsAll(error)) throw error;
      await sleep(PAUSE, undefined, { signal });
    }
  }
}

/** The plan, or why there was nothing then. */
async function newPlan({ repository, target }: ChosenRestore, request: RestoreRequest, planning: MemberPlanning): Promise<RestorePlan | FailureReport> {
  const { store, cache, access, signal } = planning;
  const library = openLibrary({ store, cache });
  try {
    const nothing = nothingAt(await library.reader(repository), request.point);
    if (nothing !== null) return nothing;
    const creates = planning.isThere !== null && !isWiki(target) && !(await planning.isThere(target, signal));
    const plan = await makePlan(request, { store, library, access, signal, ...(creates ? { creates: emptyRemote(target, access.protocols) } : {}) });
    const blocked = blockedPlan(plan);
    if (blocked !== null) throw blocked;
    return await planning.keep(request, plan);
  } finally {
    await library.close();
  }
}

/** A wiki's repository comes with its repository's wiki; no API makes one. */
const isWiki = (target: string): boolean => target.endsWith('.wiki.git');

function nothingAt({ repository, visits }: RepositoryReader, at: string): FailureReport | null {
  const instant = parseInstant(at)?.getTime();
  const [first] = visits;
  if (instant === undefined || first === undefined || Date.parse(first.time) <= instant) return null;
  return new PivoError('NotFound', `${repository} was not backed up yet at ${at}: its first visit was at ${first.time}`, { hint: 'It is left out. With a later --at it comes back.' }).report();
}

function rowOf(plan: RestorePlan, time: string): RestoreAllRow {
  return {
    repository: plan.repository,
    target: plan.target,
    state: 'ready',
    planHash: planHash(plan),
    visit: { seq: plan.point.visit, time },
    refs: countActions(plan.refs),
    packs: plan.packs.length,
    bytes: plan.packs.reduce((sum, { bytes }) => sum + bytes, 0),
    makes: plan.makesTarget ? 'folder' : plan.creates === true ? 'forge' : null,
    warnings: plan.warnings,
    reason: null,
  };
}
