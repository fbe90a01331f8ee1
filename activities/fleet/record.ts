// Acts: keep what became of repositories in a fleet run; done twice, they change nothing.
import type { FailureReport } from '../../contract/failures.ts';
import type { FleetItem } from '../../contract/fleet.ts';
import type { SourceRepository } from '../../contract/source.ts';
import type { ActivityDeps } from '../act.ts';
import { bookPages } from './book.ts';
import { fleetPorts } from './ports.ts';

/** Fails with Unavailable. */
export function recordFleetItems(deps: ActivityDeps, { fleetId, items }: { fleetId: string; items: FleetItem[] }): Promise<void> {
  fleetPorts(deps).rows.record(fleetId, items);
  return Promise.resolve();
}

/** Fails with Unavailable. */
export function recordFleetForgeData(deps: ActivityDeps, { fleetId, ended }: { fleetId: string; ended: { repository: string; failure: FailureReport | null }[] }): Promise<void> {
  fleetPorts(deps).rows.recordForgeData(fleetId, ended);
  return Promise.resolve();
}

/** Keeps which repositories the source has no more; how many. Fails with Unavailable. */
export function recordVanished(deps: ActivityDeps, { fleetId, source }: { fleetId: string; source: string }): Promise<number> {
  const { book, rows } = fleetPorts(deps);
  let count = 0;
  for (const page of bookPages(book, source, 'vanished')) {
    rows.record(fleetId, page.map(vanishedItem));
    count += page.length;
  }
  return Promise.resolve(count);
}

const vanishedItem = ({ repository, path }: SourceRepository): FleetItem => ({ repository, path, outcome: 'vanished', visit: null, newBytes: 0, holes: 0, failure: null, forgeData: null, started: null, finished: new Date().toISOString() });
