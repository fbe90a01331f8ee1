// Operations `fleet-status` and `fleet-list`: what became of every repository in one run of a source, and the runs.
import { z } from 'zod';
import { PivoError } from '../contract/failures.ts';
import { FleetOutcome, type FleetCounts, type FleetItem, type FleetRun, type FleetStatus } from '../contract/fleet.ts';
import { QUERY } from '../contract/names.ts';
import { SourceName } from '../contract/source.ts';
import { fleetCounts, fleetItems, findFleetRun, listFleetRuns } from '../state/fleet-runs.ts';
import { defineOperation, type OperationContext } from './operation.ts';

export interface FleetState {
  run: FleetRun;
  counts: FleetCounts;
  /** What a run that goes on says of itself; null when it has ended, or does not answer. */
  live: FleetStatus | null;
  items: FleetItem[];
  /** There are more behind this name: ask with `after`; null: these are all. */
  next: string | null;
}

export const fleetStatus = defineOperation({
  name: 'fleet-status',
  description: 'Tells what became of the repositories of a source in one of its runs, the latest where none is named: done, unchanged, held, failed with the reason, vanished.',
  kind: 'reads',
  input: z.strictObject({
    /** Id of a run, as `fleet-list` tells it. */
    fleet: z.string().min(1).max(200).optional(),
    /** The latest run of this source. */
    source: SourceName.optional(),
    outcome: FleetOutcome.optional(),
    /** Repositories behind this name. */
    after: z.string().max(200).optional(),
    limit: z.number().int().positive().max(10_000).default(200),
  }),
  async run(context, { fleet, source, outcome, after, limit }): Promise<FleetState> {
    const { state } = context.paths;
    const run = fleet === undefined ? (listFleetRuns(state, source, 1)[0] ?? null) : findFleetRun(state, fleet);
    if (run === null) throw new PivoError('NotFound', fleet === undefined ? `no fleet run${source === undefined ? '' : ` of "${source}"`} was kept yet` : `there is no fleet run "${fleet}"`, { hint: fleet === undefined ? 'Start one with `pivo fleet run SOURCE`.' : '`pivo fleet list` shows them.' });
    const items = fleetItems(state, run.fleetId, { outcome, after, limit: limit + 1 });
    const shown = items.slice(0, limit);
    return { run, counts: fleetCounts(state, run.fleetId), live: await live(context, run), items: shown, next: items.length > limit ? (shown.at(-1)?.repository ?? null) : null };
  },
});

async function live(context: OperationContext, { status, workflowId, fleetId }: FleetRun): Promise<FleetStatus | null> {
  if (status !== 'running') return null;
  try {
    const said = await (await context.temporal()).workflow.getHandle(workflowId).query<FleetStatus>(QUERY.status);
    return said.fleetId === fleetId ? said : null;
  } catch {
    return null; // Temporal is down, or the run was ended from outside: what was kept is told
  }
}

export interface FleetEntryOfList extends Omit<FleetRun, 'report'> {
  counts: FleetCounts;
}

export const fleetList = defineOperation({
  name: 'fleet-list',
  description: 'Lists the runs that backed up whole sources, the latest first, with how many repositories were done, unchanged, held or failed.',
  kind: 'reads',
  input: z.strictObject({ source: SourceName.optional(), limit: z.number().int().positive().max(1_000).default(50) }),
  run: ({ paths: { state } }, { source, limit }): Promise<FleetEntryOfList[]> => Promise.resolve(listFleetRuns(state, source, limit).map(({ report: _report, ...run }) => ({ ...run, counts: fleetCounts(state, run.fleetId) }))),
});
