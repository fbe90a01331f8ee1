// Act: ends a fleet run where runs are kept, and says what it was altogether.
import type { FailureReport } from '../../contract/failures.ts';
import { countedOf, type FleetEnd, type FleetReport } from '../../contract/fleet.ts';
import type { ActivityDeps } from '../act.ts';
import { fleetPorts } from './ports.ts';

/** Repositories that a report names of each outcome that people look at. */
const NAMED = 20;

export type FleetEnding = Pick<FleetReport, 'fleetId' | 'source' | 'started' | 'discovery' | 'discoveryFailure' | 'total'> & { status: FleetEnd; failure: FailureReport | null };

/** Done again, the end is the first one's but for its time. Fails with Unavailable. */
export function reportFleet(deps: ActivityDeps, { failure, ...ending }: FleetEnding): Promise<FleetReport> {
  const { rows } = fleetPorts(deps);
  const { fleetId, status } = ending;
  const counts = rows.counts(fleetId);
  const total = Math.max(ending.total, countedOf(counts));
  const report: FleetReport = {
    ...ending,
    finished: new Date().toISOString(),
    total,
    notDone: total - countedOf(counts),
    counts,
    ...rows.sums(fleetId),
    failed: rows.items(fleetId, { outcome: 'failed', limit: NAMED }),
    held: rows.items(fleetId, { outcome: 'held', limit: NAMED }),
  };
  rows.end(fleetId, { status, finished: report.finished, report, failure });
  return Promise.resolve(report);
}
