// Workflow `replaySpool`: stores archived segments again, batch by batch in the order in which they were taken.
import { continueAsNew, defineQuery, setCurrentDetails, setHandler, workflowInfo } from '@temporalio/workflow';
import type { Progress } from '../contract/ingest.ts';
import { QUERY } from '../contract/names.ts';
import { ReplayInput, type ArchivedBatch, type ReplayTotals } from '../contract/spool-gate.ts';
import type { SpoolBatch } from '../contract/spool.ts';
import { endingOf, parseWorkflowInput } from './failure.ts';
import { newTag, stepsOn } from './spool-gate-steps.ts';

/** Events after which a history is continued as new. */
const MOST_EVENTS = 2_000;

const statusQuery = defineQuery<Progress & { totals: ReplayTotals }>(QUERY.status);

/** Segments stay in archive/, also one that can no more be read; the manifest tells it. Fails with NotFound for a batch that is not archived. */
export async function replaySpool(input: unknown): Promise<ReplayTotals> {
  const { worker, kind, batch, after, totals } = parseWorkflowInput(ReplayInput, input, 'replaySpool input');
  let last: ArchivedBatch | null = after;
  setHandler(statusQuery, () => ({ phase: 'replaying', done: totals.batches, totals }));
  const { nextArchivedBatches, replayArchived } = stepsOn(worker);
  try {
    while (workflowInfo().historyLength < MOST_EVENTS && !workflowInfo().continueAsNewSuggested) {
      const found: ArchivedBatch[] = await nextArchivedBatches({ kind, batch, after: last });
      if (found.length === 0) return totals;
      for (const archived of found) {
        const opened = new Date();
        add(totals, await replayArchived({ archived, fresh: newTag(archived.kind, opened), opened: opened.toISOString() }));
        last = archived;
      }
      if (batch !== undefined) return totals;
    }
  } catch (error) {
    throw endingOf(error);
  }
  return continueAsNew<typeof replaySpool>({ worker, kind, batch, after: last, totals });
}

function add(totals: ReplayTotals, { segments, failed, records, duplicates }: SpoolBatch): void {
  totals.batches++;
  totals.segments += segments;
  totals.failed += failed;
  totals.records += records;
  totals.duplicates += duplicates;
  setCurrentDetails(`${totals.batches} batches of archive/ stored again: ${totals.records} records, ${totals.duplicates} were there already; ${totals.failed} of ${totals.segments} segments failed`);
}
