// Decision records of the gate: how they are kept, and which visit is current by them.
import { createHash } from 'node:crypto';
import { PivoError, isPivoError } from '../contract/failures.ts';
import { Decision } from '../contract/gate.ts';
import { Sha256, type Visit } from '../contract/visit.ts';
import { decisionPath, decisionsFolder } from './layout.ts';
import { readJson } from './read.ts';
import type { Store } from './store.ts';

/** A record as it is stored: with the SHA-256 of the record itself as JSON, so that no changed byte can move `current`. Those of before have none. */
const StoredDecision = Decision.extend({ sha256: Sha256.optional() });

const sealOf = (decision: Decision): string => createHash('sha256').update(JSON.stringify(decision)).digest('hex');

/** Numbers of a repository's records, ascending. */
export async function listDecisionNumbers(store: Store, repository: string): Promise<number[]> {
  const files = await store.list(decisionsFolder(repository));
  return files.flatMap(({ name }) => (/^[1-9][0-9]*\.json$/.test(name) ? [Number.parseInt(name, 10)] : [])).sort((a, b) => a - b);
}

/** One record. Fails with NotFound, or Damaged that names the file. */
export async function readDecision(store: Store, repository: string, number: number): Promise<Decision> {
  const path = decisionPath(repository, number);
  const damaged = (what: string): PivoError => new PivoError('Damaged', `${path} ${what}`, { hint: 'Run `pivo verify`.', facts: { path } });
  const { sha256, ...decision } = await readJson(store, path, StoredDecision);
  if (sha256 !== undefined && sealOf(Decision.parse(decision)) !== sha256) throw damaged('was changed: its SHA-256 is another');
  if (decision.number !== number || decision.repository !== repository) throw damaged(`holds decision ${decision.number} of ${decision.repository}`);
  return decision;
}

export interface ListDecisions {
  /** So many there were at least: what the last visit says. */
  known?: number | undefined;
  /** Is told of a record that is lost or cannot be read, which is then left out; missing: it is a failure. */
  onDamage?: (damage: PivoError) => void;
}

/** All records of a repository, ascending; none when nothing was ever held, accepted or gone. Fails with Damaged that names the file. */
export async function listDecisions(store: Store, repository: string, { known = 0, onDamage }: ListDecisions = {}): Promise<Decision[]> {
  const decisions: Decision[] = [];
  const last = Math.max(known, (await listDecisionNumbers(store, repository)).at(-1) ?? 0);
  for (let number = 1; number <= last; number++) {
    try {
      decisions.push(await readDecision(store, repository, number));
    } catch (error) {
      if (!isPivoError(error, 'Damaged', 'NotFound')) throw error;
      const path = decisionPath(repository, number);
      const damage = error.kind === 'Damaged' ? error : new PivoError('Damaged', `${path} is not there, and it was`, { hint: 'Bring it back from a copy of the archive: `current` may be another visit without it.', facts: { path }, cause: error });
      if (onDamage === undefined) throw damage;
      onDamage(damage);
    }
  }
  return decisions;
}

/** How often a number may be taken by another writer before somebody should look. */
const MOST_TRIES = 100;

/**
 * Adds a record under the next free number. Where the last record about that visit says the same of the same snapshot,
 * it is that one: an act that is repeated leaves one record.
 */
export async function addDecision(store: Store, decision: Omit<Decision, 'formatVersion' | 'number'>, signal?: AbortSignal): Promise<Decision> {
  for (let tries = 0; ; tries++) {
    const known = await listDecisions(store, decision.repository, { onDamage: () => {} }); // a damaged one keeps its number, and stops nobody
    const last = known.findLast((each) => each.visit === decision.visit && each.snapshot === decision.snapshot);
    if (last?.decision === decision.decision) return last;
    const number = ((await listDecisionNumbers(store, decision.repository)).at(-1) ?? 0) + 1;
    const record = Decision.parse({ formatVersion: 1, ...decision, number });
    try {
      await store.create(decisionPath(decision.repository, number), Buffer.from(`${JSON.stringify({ ...record, sha256: sealOf(record) }, null, 1)}\n`), signal);
      return record;
    } catch (error) {
      if (!isPivoError(error, 'Exists') || tries === MOST_TRIES) throw error;
    }
  }
}

export interface Gate {
  /** Number of the last visit. */
  latest: number;
  /** Number of the visit that `current` means. */
  current: number;
  /** Holds that nobody accepted, by visit. */
  held: Decision[];
  /** The record of the origin that was not there after the last visit, or null. */
  gone: Decision | null;
}

/** What the records say of a repository's visits: current is the visit before the first that is held, or the last. */
export function gateOf(visits: readonly Pick<Visit, 'seq' | 'snapshot'>[], decisions: readonly Decision[]): Gate {
  const latest = visits.at(-1)?.seq ?? 0;
  const snapshots = new Map(visits.map(({ seq, snapshot }) => [seq, snapshot]));
  const valid = decisions.filter(({ visit, snapshot }) => snapshots.get(visit) === snapshot);
  const accepts = valid.filter(({ decision }) => decision === 'accept');
  const open = valid.filter(({ decision, visit, number }) => decision === 'hold' && visit > 1 && !accepts.some((accept) => accept.number > number && accept.visit >= visit));
  const held = [...new Map(open.map((hold) => [hold.visit, hold])).values()].sort((a, b) => a.visit - b.visit);
  const first = held[0]?.visit;
  return { latest, current: first === undefined ? latest : first - 1, held, gone: valid.findLast(({ decision, visit }) => decision === 'gone' && visit === latest) ?? null };
}
