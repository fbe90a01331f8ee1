// What PIVO measures of itself, for those who watch it: repositories, runs, the index, queues, the spool and parts.
import { stat } from 'node:fs/promises';
import { AGENT_QUEUE } from '../contract/conversation.ts';
import { TASK_QUEUE, workerQueue } from '../contract/names.ts';
import { ingestionMeasures, type IngestionMeasures } from './ingestion-measures.ts';
import { indexHealth, type IndexHealth } from './index-status.ts';
import type { OperationContext } from './operation.ts';
import { overview, type Overview } from './overview.ts';
import { inTime } from './patience.ts';
import { queuesOf, type QueueMeasures } from './queue-measures.ts';
import { runTotals, type RunTotals } from './run-totals.ts';

export interface Measures extends IngestionMeasures {
  /** Null when the index cannot be read, as when there is none yet. */
  overview: Overview | null;
  /** Null as above. */
  totals: RunTotals | null;
  /** Null when no metadata service answers. */
  index: IndexHealth | null;
  indexBytes: number;
  /** Null when Temporal does not answer in time. */
  queues: QueueMeasures[] | null;
  parts: { name: string; up: boolean; restarts: number }[];
}

/** Milliseconds that each part may take to answer. */
const PATIENCE = 2_000;

/** Looks everywhere at once; what does not answer is null, never an error. */
export async function measures(context: OperationContext, workerId: string): Promise<Measures> {
  const signal = AbortSignal.timeout(PATIENCE);
  const patient = { signal: AbortSignal.timeout(5 * PATIENCE), onProgress: () => {} };
  const [found, totals, index, file, queues, status, store, ingestion] = await Promise.all([
    orNull(overview.run(context, {}, patient)),
    orNull(runTotals(context.paths.index, patient.signal)),
    orNull(indexHealth(context.paths.metadataSocket, signal)),
    orNull(stat(context.paths.index)),
    orNull(inTime(queuesOf(context, [TASK_QUEUE, workerQueue(workerId), AGENT_QUEUE]), signal)),
    orNull(context.status()),
    orNull(inTime(context.store.list('backups'), signal)),
    ingestionMeasures(context, 2 * PATIENCE),
  ]);
  const alone = status === null || status.state === 'down'; // nobody supervises: what answers is up
  const polled = (name: string): boolean => queues?.some(({ queue, pollers }) => queue === name && pollers > 0) ?? false;
  const part = (name: 'temporal' | 'worker' | 'metadata', answers: boolean): Measures['parts'][number] => ({ name, up: alone ? answers : status[name].state === 'ready', restarts: status?.[name].restarts ?? 0 });
  return {
    ...ingestion,
    overview: found,
    totals,
    index,
    indexBytes: file?.size ?? 0,
    queues,
    parts: [part('temporal', queues !== null), part('worker', polled(TASK_QUEUE)), part('metadata', index !== null), { name: 'server', up: true, restarts: status?.server.restarts ?? 0 }, { name: 'store', up: store !== null, restarts: 0 }],
  };
}

const orNull = <T>(asked: Promise<T>): Promise<T | null> => asked.catch(() => null);
