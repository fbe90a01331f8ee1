// Starts the workflow `embedLogs` whenever the log index has no vectors of the configured embedder, or too few.
import { setTimeout as delay } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import type { Log } from '../contract/log.ts';
import { EMBED_LOGS_WORKFLOW_ID, TASK_QUEUE, WORKFLOW } from '../contract/names.ts';
import { openLogsForReading } from '../logs/open.ts';
import { openEmbedder } from '../logs/vectors/open.ts';
import type { EmbeddingSettings } from '../logs/vectors/settings.ts';
import { embedderState } from '../logs/vectors/state.ts';
import { dataConverter } from '../stack/temporal-data.ts';
import { temporalConnectionOptions, type TemporalAddress } from '../stack/temporal-profile.ts';

/** Milliseconds between two looks, and after a run that failed: a key or a model has to be corrected first. */
const LOOK_EVERY = 30_000;
const AFTER_FAILURE = 600_000;

export interface EmbeddingRun {
  temporal: TemporalAddress;
  index: string;
  embeddings: EmbeddingSettings;
  log: Log;
}

/** Looks from time to time until `close`; hashed vectors of new entries are made by whoever reads them, so that there is mostly nothing to do. */
export function keepEmbedding(run: EmbeddingRun): { close(): Promise<void> } {
  const end = new AbortController();
  const running = look(run, end.signal);
  return {
    async close() {
      end.abort();
      await running;
    },
  };
}

async function look(run: EmbeddingRun, signal: AbortSignal): Promise<void> {
  let wait = LOOK_EVERY;
  while (await delay(wait, true, { signal }).catch(() => false)) {
    try {
      if (await isBehind(run)) await embed(run, signal);
      wait = LOOK_EVERY;
    } catch (error) {
      if (!signal.aborted) run.log.warn({ error }, 'the vectors of the logs could not be made; search goes on with those that are there');
      wait = AFTER_FAILURE;
    }
  }
}

async function isBehind({ index, embeddings }: EmbeddingRun): Promise<boolean> {
  const embedder = await openEmbedder(embeddings);
  const db = openLogsForReading(index);
  try {
    const { state, active, configured } = embedderState(db, embedder);
    return state === 'embedding' && (embeddings.provider !== 'hashed' || active !== configured);
  } finally {
    db?.close();
  }
}

/** Joins the run that goes on, where there is one. */
async function embed({ temporal, log }: EmbeddingRun, signal: AbortSignal): Promise<void> {
  const connection = await Connection.connect(temporalConnectionOptions(temporal));
  try {
    const client = new Client({ connection, namespace: temporal.namespace, dataConverter: dataConverter(temporal.codec) });
    const handle = await client.workflow.start(WORKFLOW.embedLogs, { workflowId: EMBED_LOGS_WORKFLOW_ID, taskQueue: TASK_QUEUE, args: [{}], workflowIdConflictPolicy: 'USE_EXISTING', staticSummary: 'Make the vectors of the logs' });
    log.info({ workflowId: handle.workflowId }, 'the vectors of the logs are being made');
    await client.withAbortSignal(signal, () => handle.result());
  } finally {
    await connection.close();
  }
}
