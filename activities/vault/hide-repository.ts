// Act: mints the people of one repository's archive, and puts its events of now in the place of those that the embedded log has.
import { localObjects } from '../../archive/local-packs.ts';
import { asRepaired, repairsOf } from '../../archive/repairs.ts';
import { eventsOfVisit } from '../../archive/visit-events.ts';
import { listRepositories, listVisitNumbers, readVisit } from '../../archive/visits.ts';
import { isPivoError } from '../../contract/failures.ts';
import type { Visit } from '../../contract/visit.ts';
import { openRewrite } from '../../events/embedded/rewrite.ts';
import { minting } from '../../vault/people.ts';
import type { ActRun, ActivityDeps } from '../act.ts';
import { originCache } from '../origin-cache.ts';
import { vaultIn } from './vault-in.ts';

const EVENTS_A_BATCH = 500;

export interface HiddenRepository {
  commits: number;
  /** Messages that differed. */
  messages: number;
}

/** Names of all repositories, in order. */
export async function listForVault({ store }: ActivityDeps): Promise<string[]> {
  return (await listRepositories(store)).toSorted();
}

/** Doing it twice changes nothing more. A visit that is damaged is passed over: its messages are hidden as they stand, later. Fails as store, event log and vault do. */
export async function hideRepository(deps: ActivityDeps, { repository }: { repository: string }, run: ActRun): Promise<HiddenRepository> {
  const people = minting(vaultIn(deps).vault, repository);
  using log = openRewrite(deps.events.url);
  const told: HiddenRepository = { commits: 0, messages: 0 };
  let batch: { id: string; value: string }[] = [];
  const flush = (): void => {
    people.flush();
    told.messages += log?.replace(batch) ?? 0;
    batch = [];
    run.onProgress({ phase: `hiding the people of ${repository}`, done: told.commits });
  };
  for await (const { type, id, value } of commitsOf(deps, repository, people.commit, run)) {
    if (type === 'COMMIT') told.commits++;
    batch.push({ id, value });
    if (batch.length >= EVENTS_A_BATCH) flush();
  }
  flush();
  return told;
}

async function* commitsOf(deps: ActivityDeps, repository: string, hide: ReturnType<typeof minting>['commit'], run: ActRun): AsyncGenerator<{ type: string; id: string; value: string }> {
  const { store } = deps;
  const repairs = await repairsOf(store, repository);
  let previous: Visit | null = null;
  for (const seq of await listVisitNumbers(store, repository)) {
    run.signal.throwIfAborted();
    try {
      const visit: Visit = asRepaired(await readVisit(store, repository, seq), repairs);
      const objectDirectory = await localObjects(store, repository, [...visit.packs, ...(previous?.packs ?? [])], originCache(deps.cache, repository).folder, run.signal);
      for await (const event of eventsOfVisit({ store, repository, visit, previous, objectDirectory, signal: run.signal, hide })) {
        if (event.type === 'COMMIT') yield { type: event.type, id: event.id, value: JSON.stringify(event) };
      }
      previous = visit;
    } catch (error) {
      if (!isPivoError(error, 'Damaged', 'NotFound', 'GitFailed')) throw error;
      run.log.warn({ repository, visit: seq, error }, 'the people of a visit that cannot be read are not minted');
    }
  }
}
