// Acts: what a fleet run is about: its source's settings, kept with the run, and how many repositories that makes.
import type { FleetRun } from '../../contract/fleet.ts';
import type { SourceSpec } from '../../contract/source.ts';
import { apiCredentialOf } from '../../forges/open-listing.ts';
import type { ActivityDeps } from '../act.ts';
import { bookPages } from './book.ts';
import { fleetPorts, sourceSpec } from './ports.ts';

export type FleetSettings = Pick<SourceSpec, 'atOnce' | 'forgeData'> & { credential: string | null; apiCredential: string | null };

/** Keeps that the run began. Fails with NotFound for an unknown source, and with Unavailable. */
export function beginFleet(deps: ActivityDeps, run: Pick<FleetRun, 'fleetId' | 'source' | 'workflowId' | 'requestedBy' | 'started'>): Promise<FleetSettings> {
  const spec = sourceSpec(deps, run.source);
  const { atOnce, forgeData, credential = null } = spec;
  fleetPorts(deps).rows.begin(run);
  return Promise.resolve({ atOnce, forgeData, credential, apiCredential: apiCredentialOf(spec) ?? null });
}

/** Repositories that the run is about: those that the source has, and those that it has no more. Fails with Unavailable. */
export function countFleet(deps: ActivityDeps, { source }: { source: string }): Promise<number> {
  const { book } = fleetPorts(deps);
  let count = 0;
  for (const state of ['present', 'vanished'] as const) for (const page of bookPages(book, source, state)) count += page.length;
  return Promise.resolve(count);
}
