// What a fleet run does with each repository: its backup, and afterwards the export of what its forge knows about it.
import type { FailureReport } from '../contract/failures.ts';
import type { FleetItem } from '../contract/fleet.ts';
import type { ForgeDataInput } from '../contract/forge-data.ts';
import { IngestInput, type IngestRequest, type IngestResult } from '../contract/ingest.ts';
import { WORKFLOW, forgeDataWorkflowId, ingestWorkflowId } from '../contract/names.ts';
import { childReport, resultOf } from './fleet-child.ts';
import { addTo, failedItem, itemOf, keptFailure, nothingItem } from './fleet-outcome.ts';
import type { Pass } from './fleet-pass.ts';
import { tellState, type Run } from './fleet-state.ts';
import { joining, looking } from './fleet-steps.ts';
import type { RunningEntry } from './fleet-window.ts';

const requestOf = ({ request: { checkout }, carried: { credential } }: Run, { url, repository, formerUrl }: RunningEntry): IngestRequest => IngestInput.parse({ url, name: repository, checkout, ...(formerUrl === null ? {} : { formerUrl }), ...(credential === null ? {} : { credential }) });

export const backups: Pass<FleetItem> = {
  name: 'backup',
  workflowIdOf: ingestWorkflowId,
  act: backUp,
  count: ({ status }, item) => tellState(status, { counts: addTo(status.counts, item) }),
  write: ({ steps, carried: { fleetId } }, items) => steps.recordFleetItems({ fleetId, items }),
};

async function backUp(run: Run, entry: RunningEntry, again: boolean): Promise<FleetItem | null> {
  const times = (): Pick<FleetItem, 'started' | 'finished'> => ({ started: entry.started, finished: new Date().toISOString() });
  const workflowId = ingestWorkflowId(entry.repository);
  try {
    if (!again && entry.wiki && !(await isThere(run, entry))) return nothingItem(entry, times());
    const request = requestOf(run, entry);
    const child = { type: WORKFLOW.ingest, workflowId, input: request, summary: `Back up ${entry.repository}`, join: () => joining.joinIngest({ request, workflowId }) };
    return itemOf(entry, await resultOf<IngestResult>(run, entry, child, again), times());
  } catch (error) {
    const failure = childReport(error, workflowId);
    return run.cancelled && failure.kind === 'Cancelled' ? null : failedItem(entry, failure, times());
  }
}

const isThere = ({ request: { source }, carried: { credential } }: Run, { repository, url, path }: RunningEntry): Promise<boolean> => looking.wikiIsThere({ repository, url, credential, source, path });

interface Exported {
  repository: string;
  failure: FailureReport | null;
}

export const forgeDataExports: Pass<Exported> = {
  name: 'forge data',
  workflowIdOf: forgeDataWorkflowId,
  act: exportForgeData,
  count: () => {},
  write: ({ steps, carried: { fleetId } }, ended) => steps.recordFleetForgeData({ fleetId, ended }),
};

async function exportForgeData(run: Run, entry: RunningEntry, again: boolean): Promise<Exported | null> {
  const { repository, url } = entry;
  const { apiCredential: credential } = run.carried;
  const workflowId = forgeDataWorkflowId(repository);
  const input: ForgeDataInput = { repository, url, ...(credential === null ? {} : { credential }) };
  try {
    await resultOf(run, entry, { type: WORKFLOW.forgeData, workflowId, input, summary: `Export what the forge knows about ${repository}`, join: () => joining.joinRun({ workflowId }) }, again);
    return { repository, failure: null };
  } catch (error) {
    const failure = childReport(error, workflowId);
    return run.cancelled && failure.kind === 'Cancelled' ? null : { repository, failure: keptFailure(failure) };
  }
}
