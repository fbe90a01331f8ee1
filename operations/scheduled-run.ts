// What each start of a schedule starts: the workflow, its id and its input.
import { latestVisit } from '../archive/visits.ts';
import { PivoError } from '../contract/failures.ts';
import { FleetInput } from '../contract/fleet.ts';
import { IngestInput, type IngestRequest } from '../contract/ingest.ts';
import { WORKFLOW, drillWorkflowId, fleetWorkflowId, ingestWorkflowId, verifyWorkflowId } from '../contract/names.ts';
import { parseInput } from '../contract/validation.ts';
import { stateSources } from '../state/sources.ts';
import type { OperationContext } from './operation.ts';
import { nameOf, type ScheduleOf } from './schedule.ts';

export interface ScheduledRun {
  type: string;
  /** Temporal appends the time that it is due: a start is never taken for another. */
  workflowId: string;
  input: unknown;
  summary: string;
  /** What is backed up, for people. */
  origin: string;
}

interface RunOptions {
  parts: number;
  credential?: string | undefined;
  checkout?: IngestRequest['checkout'] | undefined;
}

/** Fails with NotFound for a repository that has no visit, and for a source that nobody added. */
export async function scheduledRun(context: OperationContext, of: ScheduleOf, options: RunOptions): Promise<ScheduledRun> {
  const { repository, source, what } = of;
  if (source !== null) return fleetRun(context, source, options);
  const name = repository ?? '';
  if (name === '*') return whole(of, null, options);
  const request = await requestOf(context, name, options);
  if (what !== 'ingest') return whole(of, name, options, request.url);
  return { type: WORKFLOW.ingest, workflowId: ingestWorkflowId(name), input: request, summary: `Back up ${name}, scheduled`, origin: request.url };
}

/** A drill or a verification, of one repository or of all. */
function whole(of: ScheduleOf, repository: string | null, { parts }: RunOptions, origin = ''): ScheduledRun {
  const named = repository === null ? {} : { repository };
  if (of.what === 'drill') return { type: WORKFLOW.drill, workflowId: drillWorkflowId(repository ?? undefined), input: named, summary: `Restore drill of ${nameOf(of)}, scheduled`, origin };
  return { type: WORKFLOW.verify, workflowId: verifyWorkflowId(repository ?? undefined, `next-${parts}`), input: { ...named, rotate: parts }, summary: `Verify ${nameOf(of)}, scheduled`, origin };
}

function fleetRun({ paths, workerId, caller }: OperationContext, source: string, { checkout }: RunOptions): ScheduledRun {
  const spec = stateSources(paths.state).source(source);
  if (spec === null) throw new PivoError('NotFound', `there is no source "${source}"`, { hint: 'Add it first: `pivo source add`; `pivo source list` shows those that are there.' });
  const input = parseInput(FleetInput, { source, worker: workerId, requestedBy: `schedule of ${caller.user}`, ...(checkout === undefined ? {} : { checkout }) }, 'scheduled fleet run');
  return { type: WORKFLOW.fleet, workflowId: fleetWorkflowId(source), input, summary: `Back up source ${source}, scheduled`, origin: `${spec.kind} ${spec.owner}` };
}

/** What each backup asks for: the origin of the last visit, under the repository's name. */
async function requestOf({ store }: OperationContext, repository: string, { credential, checkout = 'auto' }: RunOptions): Promise<IngestRequest> {
  const visit = await latestVisit(store, repository);
  if (visit === null) throw new PivoError('NotFound', `there is no repository "${repository}"`, { hint: 'Back it up once with `pivo ingest URL`, then schedule it by its name.' });
  return parseInput(IngestInput, { url: visit.origin, name: repository, checkout, ...(credential === undefined ? {} : { credential }) }, 'scheduled ingest');
}
