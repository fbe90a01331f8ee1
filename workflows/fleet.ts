// Workflow `fleet`: backs up every repository of a source, each in a run of its own, a few at once from each host.
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { CancellationScope, CancelledFailure, ContinueAsNew, ParentClosePolicy, continueAsNew, defineQuery, log, setHandler, startChild, workflowInfo } from '@temporalio/workflow';
import type { FailureReport } from '../contract/failures.ts';
import { FleetInput, NO_COUNTS, type FleetReport, type FleetRequest, type FleetStatus } from '../contract/fleet.ts';
import { QUERY, WORKFLOW, discoverWorkflowId, fleetWorkflowId } from '../contract/names.ts';
import type { DiscoverInput, Discovery } from '../contract/source.ts';
import { endingOf, parseWorkflowInput, reportOf, workflowFailure } from './failure.ts';
import { endFleet, endUnkept } from './fleet-end.ts';
import { keptFailure } from './fleet-outcome.ts';
import { slide, type Pass } from './fleet-pass.ts';
import { backups, forgeDataExports } from './fleet-passes.ts';
import { tellState, type CarriedFleet, type Run } from './fleet-state.ts';
import { fleetSteps, joining } from './fleet-steps.ts';
import { openWindow } from './fleet-window.ts';

/** Events after which a history is continued as new, so that replays stay short. */
const MOST_EVENTS = 4_000;

const statusQuery = defineQuery<FleetStatus>(QUERY.status);

/** What a history hands on to the next. */
export interface FleetOnward {
  carried?: CarriedFleet;
  mostEvents?: number;
}

/**
 * Backs up what the source holds. A repository that fails is in the report, and stops nobody. Under the workflow id of its source it does the
 * work; under any other id it starts that run, or joins the one that runs already. A cancel ends the backups that it started, and its report
 * says what was not done. Fails when the source is not known, and when the forge cannot be asked and nothing was ever found there.
 */
export async function fleet(input: unknown, { carried, mostEvents = MOST_EVENTS }: FleetOnward = {}): Promise<FleetReport> {
  const request = parseWorkflowInput(FleetInput, input, 'fleet input');
  try {
    if (workflowInfo().workflowId !== fleetWorkflowId(request.source)) return await throughOneRun(request);
    return await wholeRun(runOf(request, carried, mostEvents), carried === undefined);
  } catch (error) {
    throw endingOf(error);
  }
}

/** Starts the run of this source or joins it; only a cancel of its starter is handed on. */
async function throughOneRun(request: FleetRequest): Promise<FleetReport> {
  const workflowId = fleetWorkflowId(request.source);
  try {
    const child = await startChild(WORKFLOW.fleet, { workflowId, args: [request], parentClosePolicy: ParentClosePolicy.ABANDON, staticSummary: `Back up source ${request.source}` });
    return (await child.result()) as FleetReport;
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
  return (await joining.joinRun({ workflowId })) as FleetReport;
}

/** Handlers are set before anything is awaited. */
function runOf(request: FleetRequest, handed: CarriedFleet | undefined, mostEvents: number): Run {
  const carried = handed ?? newCarried(request);
  const { fleetId, started, total, counts } = carried;
  const status: FleetStatus = { fleetId, source: request.source, state: 'discovering', total: handed === undefined ? null : total, counts, running: [], started };
  setHandler(statusQuery, () => status);
  return { request, steps: fleetSteps(request.worker), carried, window: openWindow(carried.window), status, cancelled: false, happened: 0, waits: new Map(), mostEvents };
}

function newCarried({ source, atOnce = 1 }: FleetRequest): CarriedFleet {
  const { startTime, firstExecutionRunId } = workflowInfo();
  const started = startTime.toISOString();
  const fleetId = `${source}-${started.slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-')}-${firstExecutionRunId.slice(-4)}`;
  return { fleetId, started, credential: null, apiCredential: null, forgeData: false, discovery: null, discoveryFailure: null, total: 0, counts: { ...NO_COUNTS }, pass: 'backup', window: { atOnce, cursor: null, running: [] } };
}

async function wholeRun(run: Run, isFirst: boolean): Promise<FleetReport> {
  CancellationScope.current().cancelRequested.catch(() => {
    run.cancelled = true;
    run.happened++;
  });
  let begun = !isFirst;
  try {
    if (isFirst) await beginRun(run).then(() => (begun = true));
    if (isFirst && run.request.discover) await discover(run);
    return await CancellationScope.nonCancellable(() => work(run));
  } catch (error) {
    if (error instanceof ContinueAsNew) throw error;
    await CancellationScope.nonCancellable(() => endBadly(run, begun, reportOf(error)));
    throw error;
  }
}

async function beginRun({ carried, request, window, steps }: Run): Promise<void> {
  const { fleetId, started } = carried;
  const { atOnce, ...settings } = await steps.beginFleet({ fleetId, source: request.source, workflowId: workflowInfo().workflowId, requestedBy: request.requestedBy, started });
  Object.assign(carried, settings);
  window.atOnce = request.atOnce ?? atOnce;
}

/** A forge that cannot be asked does not keep from being backed up what was found there before. */
async function discover({ carried, request: { source, worker, requestedBy } }: Run): Promise<void> {
  const workflowId = discoverWorkflowId(source);
  try {
    carried.discovery = await discovery(workflowId, { source, requestedBy, ...(worker === undefined ? {} : { worker }) });
  } catch (error) {
    if (CancellationScope.current().consideredCancelled) throw error;
    carried.discoveryFailure = keptFailure(reportOf(error));
    log.warn('the forge was not asked', { source, report: carried.discoveryFailure });
  }
}

/** One that goes on is joined; after one that keeps nothing, which somebody only wanted to see, comes its own. */
async function discovery(workflowId: string, input: DiscoverInput): Promise<Discovery> {
  for (;;) {
    try {
      const child = await startChild(WORKFLOW.discover, { workflowId, args: [input], parentClosePolicy: ParentClosePolicy.ABANDON, staticSummary: `Look what source ${input.source} holds` });
      return (await child.result()) as Discovery;
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
    const joined = (await joining.joinRun({ workflowId })) as Discovery;
    if (joined.dryRun !== true) return joined;
  }
}

/** The passes, from where the history before ended, and the report. */
async function work(run: Run): Promise<FleetReport> {
  const { carried, request, steps } = run;
  if (run.status.total === null) await count(run);
  if (carried.pass === 'backup') {
    tellState(run.status, { state: 'backing up' });
    await through(run, backups);
    if (!run.cancelled) await steps.recordVanished({ fleetId: carried.fleetId, source: request.source });
    Object.assign(carried, { pass: 'forge data' });
    run.window = openWindow({ atOnce: run.window.atOnce, cursor: null, running: [] });
  }
  if (carried.forgeData && !run.cancelled) {
    tellState(run.status, { state: 'exporting forge data' });
    await through(run, forgeDataExports);
  }
  if (run.cancelled) throw new CancelledFailure('the run was cancelled');
  tellState(run.status, { state: 'reporting', running: [] });
  return endFleet(run, 'done');
}

/** What the run is about. Fails as the discovery did where nothing was ever found. */
async function count({ carried, request, status, steps }: Run): Promise<void> {
  carried.total = await steps.countFleet({ source: request.source });
  tellState(status, { total: carried.total });
  if (carried.total === 0 && carried.discoveryFailure !== null) throw workflowFailure(carried.discoveryFailure);
}

/** The whole pass, or as much of it as one history holds. */
async function through<T>(run: Run, pass: Pass<T>): Promise<void> {
  const { end, left } = await slide(run, pass);
  if (end === 'long') await continueAsNew<typeof fleet>(run.request, { carried: { ...run.carried, ...left }, ...(run.mostEvents === MOST_EVENTS ? {} : { mostEvents: run.mostEvents }) });
}

/** Keeps and records how it ended; neither may hide why. What is backed up stays. */
async function endBadly(run: Run, begun: boolean, failure: FailureReport): Promise<void> {
  const status = failure.kind === 'Cancelled' ? 'cancelled' : 'failed';
  try {
    if (begun) await endFleet(run, status, status === 'failed' ? failure : null);
    else await endUnkept(run, status, failure);
  } catch (error) {
    log.error('how the run ended was not kept', { report: reportOf(error) });
    if (begun) await endUnkept(run, status, failure);
  }
}
