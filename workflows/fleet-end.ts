// How a fleet run ends: the report, its audit record, and who is told.
import { isCancellation, log, workflowInfo } from '@temporalio/workflow';
import type { AuditEvent } from '../contract/events.ts';
import type { FailureReport } from '../contract/failures.ts';
import type { FleetEnd, FleetReport } from '../contract/fleet.ts';
import { WORKFLOW } from '../contract/names.ts';
import { reportOf } from './failure.ts';
import { keptFailure } from './fleet-outcome.ts';
import { tellState, type Run } from './fleet-state.ts';
import { tell } from './tell.ts';
import { recordSurely } from './untold.ts';

/** Keeps the end, records it and tells of it. Fails when it cannot be kept; a record or a notification that cannot be written is logged. */
export async function endFleet(run: Run, status: FleetEnd, failure: FailureReport | null = null): Promise<FleetReport> {
  const { fleetId, started, discovery, discoveryFailure, total } = run.carried;
  const kept = failure === null ? null : keptFailure(failure);
  const report = await run.steps.reportFleet({ fleetId, source: run.request.source, started, discovery, discoveryFailure, total, status, failure: kept });
  tellState(run.status, { state: status, counts: report.counts, total: report.total, running: [] });
  await audit(run, status, { ...report, ...(kept === null ? {} : { failure: kept }) });
  await notify(run, report, kept);
  return report;
}

/** The end of a run that could not even begin, or whose end cannot be kept: nobody is to miss it. */
export async function endUnkept(run: Run, status: FleetEnd, failure: FailureReport): Promise<void> {
  const { fleetId, started, total } = run.carried;
  const finished = new Date().toISOString();
  tellState(run.status, { state: status, running: [] });
  await audit(run, status, { fleetId, source: run.request.source, failure: keptFailure(failure) });
  await notify(run, { fleetId, source: run.request.source, status, started, finished, total, notDone: total, counts: run.status.counts, newBytes: 0, withHoles: 0, discovery: null, discoveryFailure: null, forgeDataFailed: 0, failed: [], held: [] }, failure);
}

/** Repositories that the record names; all are in the state database. */
async function audit({ request }: Run, outcome: AuditEvent['outcome'], details: Record<string, unknown>): Promise<void> {
  const { workflowId, runId } = workflowInfo();
  const record: Omit<AuditEvent, 'type'> = { id: `audit:${WORKFLOW.fleet}:${runId}`, time: new Date().toISOString(), action: 'fleet', outcome, repository: null, actor: request.requestedBy, workflow: { id: workflowId, runId }, details };
  try {
    await recordSurely(`source.${request.source}`, record);
  } catch (error) {
    if (isCancellation(error)) throw error;
    log.error('the audit record was not written', { record, report: reportOf(error) });
  }
}

/** Failed repositories that a notification names. */
const NAMED = 10;

async function notify({ request }: Run, report: FleetReport, failure: FailureReport | null): Promise<void> {
  const { fleetId, source, status, started, finished, total, notDone, counts, newBytes, withHoles, forgeDataFailed, failed } = report;
  const firstFailed = failed.slice(0, NAMED).map(({ repository, failure: why }) => ({ repository, reason: why?.message ?? '' }));
  const facts = { fleet: fleetId, source, status, total, ...counts, notDone, withHoles, forgeDataFailed, newBytes, firstFailed, but: butOf(report, failure), started, finished };
  await tell({ event: 'fleet.done', key: `fleet.done:${fleetId}`, time: finished, repository: null, facts }, request.worker);
}

/** What a title says behind the counts; empty where the run went to its end, asked the forge and found something. */
function butOf({ status, total, notDone, discoveryFailure }: FleetReport, failure: FailureReport | null): string {
  if (failure !== null && status === 'failed') return `; the run failed: ${failure.message}`;
  if (status === 'cancelled') return `; cancelled, ${notDone} without a turn`;
  if (discoveryFailure !== null) return `; the forge could not be asked: ${discoveryFailure.message}`;
  return total === 0 ? '; there was nothing to back up' : '';
}
