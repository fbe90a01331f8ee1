// Starts the workflow `embedRecords` when a worker starts: the embedder may be another one than before, and then all texts wait for its vectors.
import { existsSync } from 'node:fs';
import type { Log } from '../contract/log.ts';
import { TASK_QUEUE, WORKFLOW, embedRecordsWorkflowId } from '../contract/names.ts';
import type { EmbedRecordsInput } from '../contract/record-search.ts';
import { recordEngine, type RecordSettings } from '../records/settings.ts';
import type { TemporalAddress } from '../stack/temporal-profile.ts';
import { lazyClient } from './lazy-client.ts';

export interface RecordEmbedding {
  temporal: TemporalAddress;
  records: RecordSettings;
  workerId: string;
  log: Log;
}

/** Joins a run that goes on. Never fails: the next batch of events starts it as well. */
export async function beginRecordEmbedding({ temporal, records, workerId, log }: RecordEmbedding): Promise<void> {
  const engine = recordEngine(records.url);
  if (engine.engine === 'sqlite' && !existsSync(engine.path)) return; // nothing was stored yet
  const client = lazyClient(temporal);
  try {
    await (await client.get()).workflow.start(WORKFLOW.embedRecords, { workflowId: embedRecordsWorkflowId(workerId), taskQueue: TASK_QUEUE, args: [{ worker: workerId } satisfies EmbedRecordsInput], workflowIdConflictPolicy: 'USE_EXISTING', staticSummary: 'Make the vectors of the records' });
  } catch (error) {
    log.warn({ error }, 'the embedding of records could not be started; the next batch of events starts it');
  } finally {
    await client.close();
  }
}
