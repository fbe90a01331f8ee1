// The gate's policy at work: holds a visit that found branches or tags destroyed, and lets go when they are back.
import { addDecision, gateOf, listDecisions, type Gate } from '../archive/decisions.ts';
import { readSnapshot } from '../archive/snapshots.ts';
import type { Store } from '../archive/store.ts';
import { listVisitNumbers, readVisit } from '../archive/visits.ts';
import type { Decision, Destroyed } from '../contract/gate.ts';
import type { Log } from '../contract/log.ts';
import type { Snapshot } from '../contract/snapshot.ts';
import type { RefChanges, Visit } from '../contract/visit.ts';
import type { ActRun, ActivityDeps } from './act.ts';
import type { Known, Observation, OriginCache } from './origin-cache.ts';
import { changesSince } from './ref-changes.ts';

/** A visit that is about to be written. */
interface ComingVisit {
  repository: string;
  seq: number;
  snapshot: Snapshot;
  changes: RefChanges;
  observation: Observation;
  cache: OriginCache;
}

/**
 * Records what the policy says of a visit, before the visit: a crash between the two leaves a record that does not
 * count. With `accept`, and for a visit that destroyed nothing while nothing is held, nothing is written.
 */
export async function decideByPolicy({ store, gate }: Pick<ActivityDeps, 'store' | 'gate'>, coming: ComingVisit, { signal, log }: Pick<ActRun, 'signal' | 'log'>): Promise<void> {
  if (gate !== 'hold') return;
  const { repository, seq, snapshot, changes } = coming;
  const record = async (decision: Decision['decision'], reason: string): Promise<unknown> =>
    addDecision(store, { repository, decision, visit: seq, snapshot: snapshot.id, by: 'policy', reason, time: new Date().toISOString() }, signal);
  if (changes.destroyed?.holds === true) {
    const back = await backAt(store, coming, log, signal);
    if (back === null) await record('hold', inWords(changes.destroyed));
    else await record('accept', back);
    return;
  }
  const back = await backAt(store, coming, log, signal);
  if (back !== null) await record('accept', back);
}

/** Why a held repository may go on: everything that the current visit had is there again. Null where nothing is held, or something is still missing. */
async function backAt(store: Store, { repository, observation, cache }: ComingVisit, log: Log, signal: AbortSignal): Promise<string | null> {
  const { held, current } = await gateNow(store, repository, log);
  if (held.length === 0) return null;
  const snapshot = await readSnapshot(store, repository, await readVisit(store, repository, current));
  const known: Pick<Known, 'snapshot'> = { snapshot };
  const { destroyed } = await changesSince(known, observation, cache, signal);
  return destroyed?.holds === true ? null : `what visit ${current} had is there again`;
}

/** The gate of a repository, from the visits that its records name and the last one. A damaged record is told and left out: backups go on, though nobody can say what is current. */
async function gateNow(store: Store, repository: string, log: Log): Promise<Gate> {
  const decisions = await listDecisions(store, repository, { onDamage: (damage) => log.error({ repository, ...damage.facts }, damage.message) });
  const numbers = await listVisitNumbers(store, repository);
  const named = new Set(decisions.map(({ visit }) => visit));
  const visits = await Promise.all(numbers.filter((seq, i) => named.has(seq) || i === numbers.length - 1).map((seq) => readVisit(store, repository, seq)));
  return gateOf(visits, decisions);
}

/** True when `current` is an earlier visit than this, the last one. */
export async function isHeld(store: Store, { repository, seq }: Visit, log: Log): Promise<boolean> {
  return (await gateNow(store, repository, log)).current < seq;
}

const WORDS: Record<Destroyed['refs'][number]['kind'], string> = { forced: 'force-pushed', truncated: 'cut short', 'branch-deleted': 'deleted', 'tag-deleted': 'deleted', 'tag-moved': 'moved' };

function inWords({ emptied, total, refs }: Destroyed): string {
  const named = refs.slice(0, 5).map(({ kind, name }) => `${name.slice(0, 200)} was ${WORDS[kind]}`);
  return [...(emptied ? ['the origin has no refs any more'] : []), ...named, ...(total > named.length ? [`and ${total - named.length} more`] : [])].join(', ');
}

/** Notes that the origin is not there any more, once for the state that was archived last. */
export async function noteGone(store: Store, { visit }: Pick<Known, 'visit'>, reason: string, signal: AbortSignal): Promise<void> {
  await addDecision(store, { repository: visit.repository, decision: 'gone', visit: visit.seq, snapshot: visit.snapshot, by: 'policy', reason: reason.slice(0, 2_000), time: new Date().toISOString() }, signal);
}
