// Operation `fleet-run`: backs up every repository of a source, or joins the run that does it already.
import { z } from 'zod';
import { FleetInput, countedOf, isWhole, type FleetReport, type FleetStatus } from '../contract/fleet.ts';
import { PivoError, isPivoError } from '../contract/failures.ts';
import type { Progress } from '../contract/ingest.ts';
import { QUERY, WORKFLOW, discoverWorkflowId, fleetWorkflowId } from '../contract/names.ts';
import { listFleetRuns } from '../state/fleet-runs.ts';
import { stateSources, unknownSource } from '../state/sources.ts';
import { defineOperation, type OperationContext, type RunOptions } from './operation.ts';
import { followStarted, startOrJoin, type StartedRun } from './started-run.ts';

export interface FleetEnded extends FleetReport {
  joined: boolean;
  /** Nobody needs to look. */
  whole: boolean;
}

export const fleetRun = defineOperation({
  name: 'fleet-run',
  description: 'Backs up every repository of a source, a few at once from each host, or joins the run that does it already; a repository that fails stops no other. Returns what became of them, or at once with `wait: false`.',
  kind: 'starts',
  input: FleetInput.omit({ worker: true, requestedBy: true }).extend({ wait: z.boolean().default(true) }),
  async run(context, { wait, ...asked }, options): Promise<FleetEnded | StartedRun> {
    const { source } = asked;
    if (stateSources(context.paths.state).source(source) === null) throw unknownSource(source);
    const input: FleetInput = { ...asked, worker: context.workerId, requestedBy: context.caller.user };
    const started = await startOrJoin(context, { type: WORKFLOW.fleet, workflowId: fleetWorkflowId(source), input, summary: `Back up source ${source}` });
    if (!wait) return started;
    const report = await follow(context, started, source, options);
    return { ...report, joined: started.joined, whole: isWhole(report) };
  },
});

/** A run that is cancelled says what was not done. */
async function follow(context: OperationContext, started: StartedRun, source: string, options: RunOptions): Promise<FleetReport> {
  try {
    return await followStarted<FleetReport>(context, started, options, () => progressOf(context, source));
  } catch (error) {
    const [latest] = listFleetRuns(context.paths.state, source, 1);
    if (!isPivoError(error, 'Cancelled') || latest?.status !== 'cancelled' || latest.report === null) throw error;
    const { fleetId, total, notDone } = latest.report;
    throw new PivoError('Cancelled', `the run was cancelled: ${notDone} of ${total} repositories were not backed up`, { hint: `See what was with: pivo fleet status ${fleetId}`, facts: { fleetId, total, notDone }, cause: error });
  }
}

/** What the run says of itself; while it looks what there is, what that says. */
async function progressOf(context: OperationContext, source: string): Promise<Progress> {
  const client = await context.temporal();
  const status = await client.workflow.getHandle(fleetWorkflowId(source)).query<FleetStatus>(QUERY.status);
  if (status.state !== 'discovering') return { phase: phaseOf(status), done: countedOf(status.counts), ...(status.total === null ? {} : { total: status.total }) };
  const discovering = await client.workflow.getHandle(discoverWorkflowId(source)).query<Progress>(QUERY.status).catch(() => null);
  return { phase: `discovering${discovering === null ? '' : `: ${discovering.phase}`}` };
}

/** `backing up: 12 done, 3 unchanged, 1 failed, 4 running`. */
function phaseOf({ state, counts, running }: FleetStatus): string {
  const said = Object.entries(counts).filter(([outcome, count]) => count > 0 || outcome === 'done').map(([outcome, count]) => `${count} ${outcome}`);
  return `${state}: ${[...said, `${running.length} running`].join(', ')}`;
}
