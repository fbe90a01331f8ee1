// Tells of repositories that no drill proved restorable for too long.
import { listRepositories, listVisitNumbers, readVisit } from '../archive/visits.ts';
import type { Store } from '../archive/store.ts';
import type { Notification } from '../contract/notification.ts';
import { drillStates } from '../state/drills.ts';

const DAY = 86_400_000;

export interface ProofCheck {
  store: Store;
  /** Path of the state database. */
  state: string;
  /** Days without a proven drill after which a repository is overdue. */
  maxAge: number;
}

/**
 * What is overdue now, each once for the day on which it became so. A repository that was never proven has `maxAge` days from
 * its first visit on. `firstVisits`: times that were read before; they never change. Fails as Store does.
 */
export async function overdueProofs({ store, state, maxAge }: ProofCheck, firstVisits: Map<string, string>, now = Date.now()): Promise<Notification[]> {
  const drills = drillStates(state);
  const found: Notification[] = [];
  for (const repository of await listRepositories(store)) {
    const proven = drills.get(repository)?.proven?.finished ?? null;
    const since = proven ?? firstVisits.get(repository) ?? (await firstVisitOf(store, repository));
    if (since === null) continue;
    if (proven === null) firstVisits.set(repository, since);
    const overdue = Date.parse(since) + maxAge * DAY;
    if (overdue >= now) continue;
    found.push({ event: 'proof.overdue', key: `proof.overdue:${repository}:${new Date(overdue).toISOString().slice(0, 10)}`, time: new Date(overdue).toISOString(), repository, facts: { since, proven, maxAge } });
  }
  return found;
}

/** Null when it cannot be read now. */
async function firstVisitOf(store: Store, repository: string): Promise<string | null> {
  const [first] = await listVisitNumbers(store, repository);
  const visit = first === undefined ? null : await readVisit(store, repository, first).catch(() => null);
  return visit?.time ?? null;
}
