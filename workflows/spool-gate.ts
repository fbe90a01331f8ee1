// Workflow `spoolGate`: takes the waiting segments of one kind batch by batch into the records, until none waits.
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { ParentClosePolicy, continueAsNew, defineQuery, getExternalWorkflowHandle, isCancellation, log, setCurrentDetails, setHandler, startChild, workflowInfo } from '@temporalio/workflow';
import { QUERY, WORKFLOW, embedRecordsWorkflowId } from '../contract/names.ts';
import { TEXTS_SIGNAL, type EmbedRecordsInput } from '../contract/record-search.ts';
import { SpoolGateInput, type OpenBatch, type Opening, type SpoolGateStatus } from '../contract/spool-gate.ts';
import type { SpoolBatch } from '../contract/spool.ts';
import { endingOf, parseWorkflowInput } from './failure.ts';
import { newTag, stepsOn } from './spool-gate-steps.ts';
import { tell } from './tell.ts';

/** Events after which a history is continued as new, so that replays stay short: about forty batches. */
const MOST_EVENTS = 2_000;

const statusQuery = defineQuery<SpoolGateStatus>(QUERY.status);

/** Started whenever segments wait. Returns the last batch that it took, null when it found nothing; whatever stops an act is waited for. */
export async function spoolGate(input: unknown): Promise<SpoolBatch | null> {
  const { worker, ...begun } = parseWorkflowInput(SpoolGateInput, input, 'spoolGate input');
  const status: SpoolGateStatus = { ...begun, phase: 'filling', open: null };
  setHandler(statusQuery, () => status);
  try {
    while (workflowInfo().historyLength < MOST_EVENTS && !workflowInfo().continueAsNewSuggested) {
      show(status);
      const opening = await stepsOn(worker).awaitSpoolOpening({ kind: status.kind });
      if (opening === null) return status.last;
      const opened = new Date();
      status.open = { tag: opening.tag ?? newTag(status.kind, opened), kind: status.kind, reason: opening.reason, opened: opened.toISOString() };
      status.last = await takeBatch(worker, status, status.open, opening);
      status.batches++;
    }
  } catch (error) {
    throw endingOf(error);
  }
  return continueAsNew<typeof spoolGate>({ kind: status.kind, worker, batches: status.batches, last: status.last });
}

/**
 * Each step may be done again under the same tag, by this run or, where this one was lost, by the next. Pushes are handed over before
 * the batch is settled: what is settled is forgotten here.
 */
async function takeBatch(worker: string, status: SpoolGateStatus, open: OpenBatch, opening: Opening): Promise<SpoolBatch> {
  const { tag, kind, reason, opened } = open;
  const { claimSegments, storeSegments, requestPushBackups, settleSegments } = stepsOn(worker);
  await tell({ event: 'gate.open', key: `gate.open:${tag}`, time: opened, repository: null, facts: { kind, tag, reason } }, worker);
  if (opening.tag === null) {
    show(status, 'claiming');
    await claimSegments({ tag, kind, segments: opening.segments });
  }
  show(status, 'storing');
  await storeSegments(open);
  if (kind === 'push') {
    show(status, 'handing over');
    await requestPushBackups({ tag });
  }
  show(status, 'settling');
  const batch = await settleSegments(open);
  status.open = null;
  await tell(doneNotification(batch), worker);
  if (kind === 'event' && batch.records > 0) await embed(worker, batch);
  return batch;
}

const doneNotification = ({ opened: _opened, ...batch }: SpoolBatch): Parameters<typeof tell>[0] => ({ event: 'gate.done', key: `gate.done:${batch.tag}`, time: batch.finished ?? '', repository: null, facts: batch });

/** Begins the embedding of what was stored. One that goes on is told: it may just have looked for the last time. */
async function embed(worker: string, { tag, kind, records }: SpoolBatch): Promise<void> {
  await tell({ event: 'embed.start', key: `embed.start:${tag}`, time: new Date().toISOString(), repository: null, facts: { tag, kind, records } }, worker);
  try {
    await startEmbedding(worker).catch((error: unknown) => {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      return getExternalWorkflowHandle(embedRecordsWorkflowId(worker)).signal(TEXTS_SIGNAL).catch(() => startEmbedding(worker)); // it ended meanwhile
    });
  } catch (error) {
    if (isCancellation(error)) throw error;
    log.warn('the embedding of records could not be started', { tag, error });
  }
}

async function startEmbedding(worker: string): Promise<void> {
  await startChild(WORKFLOW.embedRecords, { workflowId: embedRecordsWorkflowId(worker), args: [{ worker } satisfies EmbedRecordsInput], parentClosePolicy: ParentClosePolicy.ABANDON, staticSummary: 'Make the vectors of the records' });
}

function show(status: SpoolGateStatus, phase: SpoolGateStatus['phase'] = 'filling'): void {
  status.phase = phase;
  const { open, last, batches } = status;
  const lines = [open === null ? `The gate of ${status.kind} is ${phase}.` : `${phase}: ${open.tag} (${open.reason})`, `${batches} batches`, ...(last === null ? [] : [`last: ${last.tag}, ${last.status}, ${last.records} records, ${last.duplicates} duplicates, ${last.failed} of ${last.segments} segments failed`])];
  setCurrentDetails(lines.join('\n\n'));
}
