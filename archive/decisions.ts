// Decision records of the gate: how they are kept, and which visit is current by them.
import { PivoError, isPivoError } from '../contract/failures.ts';
import { Decision } from '../contract/gate.ts';
import type { Visit } from '../contract/visit.ts';
import { decisionPath, decisionsFolder } from './layout.ts';
import { readJson } from './read.ts';
import type { Store } from './store.ts';

/** All records of a repository, ascending; none when nothing was ever held, accepted or gone. Fails with Damaged. */
export async function listDecisions(store: Store, repository: string): Promise<Decision[]> {
  const files = await store.list(decisionsFolder(repository));
  const numbers = files.flatMap(({ name }) => (/^[1-9][0-9]*\.json$/.test(name) ? [Number.parseInt(name, 10)] : [])).sort((a, b) => a - b);
  const decisions: Decision[] = [];
  for (const number of numbers) {
    const path = decisionPath(repository, number);
    const decision = await readJson(store, path, Decision);
    if (decision.number !== number || decision.repository !== repository) throw new PivoError('Damaged', `${path} holds decision ${decision.number} of ${decision.repository}`, { hint: 'Run `pivo verify`.', facts: { path } });
    decisions.push(decision);
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
    const known = await listDecisions(store, decision.repository);
    const last = known.findLast((each) => each.visit === decision.visit && each.snapshot === decision.snapshot);
    if (last?.decision === decision.decision) return last;
    const record: Decision = { formatVersion: 1, ...decision, number: (known.at(-1)?.number ?? 0) + 1 };
    try {
      await store.create(decisionPath(decision.repository, record.number), Buffer.from(`${JSON.stringify(Decision.parse(record), null, 1)}\n`), signal);
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
