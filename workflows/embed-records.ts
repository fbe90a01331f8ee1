// Workflow `embedRecords`: makes the vectors of a home's records until every text has one; one run at a time, which is told of texts that come meanwhile.
import { ActivityCancellationType, condition, continueAsNew, defineQuery, defineSignal, proxyActivities, setCurrentDetails, setHandler, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import type { Progress } from '../contract/ingest.ts';
import { QUERY, workerQueue } from '../contract/names.ts';
import { EmbedRecordsInput, TEXTS_SIGNAL, type EmbedRecordsSummary } from '../contract/record-search.ts';
import { endingOf, parseWorkflowInput } from './failure.ts';

/** Tried until database and service answer: an attempt that follows goes on with what nobody has claimed. */
const embeddingOn = (worker: string): Pick<Activities, 'embedRecords'> => proxyActivities<Pick<Activities, 'embedRecords'>>({
  taskQueue: workerQueue(worker),
  startToCloseTimeout: '7 days',
  heartbeatTimeout: '1 minute',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '5 minutes' },
});

const statusQuery = defineQuery<Progress>(QUERY.status);
const textsSignal = defineSignal(TEXTS_SIGNAL);

/** Fails with the report of the act where trying again cannot help: a key that is refused, a database without pgvector. */
export async function embedRecords(input: unknown): Promise<EmbedRecordsSummary> {
  const { worker } = parseWorkflowInput(EmbedRecordsInput, input, 'embedRecords input');
  let [came, vectors, free] = [true, 0, 0];
  setHandler(statusQuery, (): Progress => ({ phase: 'embedding', done: vectors }));
  setHandler(textsSignal, () => void (came = true));
  try {
    for (;;) {
      came = false;
      const began = Date.now();
      const pass = await embeddingOn(worker).embedRecords({});
      vectors += pass.vectors;
      setCurrentDetails(`${vectors} vectors of ${pass.embedder}`);
      if (pass.held > 0) free = Date.now() + pass.held; // texts that a killed attempt holds come back by then
      if (!came && began >= free) return { embedder: pass.embedder, vectors };
      if (!came) await condition(() => came, free - Date.now());
      if (workflowInfo().continueAsNewSuggested) break;
    }
  } catch (error) {
    throw endingOf(error);
  }
  return continueAsNew<typeof embedRecords>({ worker });
}
