// Starts the spool gate of a kind whenever segments of it wait.
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Log } from '../contract/log.ts';
import { TASK_QUEUE, WORKFLOW, spoolGateWorkflowId } from '../contract/names.ts';
import type { SpoolGateInput } from '../contract/spool-gate.ts';
import { SpoolKind } from '../contract/spool.ts';
import { openSpool, type Spool } from '../spool/folders.ts';
import { namesIn } from '../spool/listing.ts';
import type { TemporalAddress } from '../stack/temporal-profile.ts';
import { backoffMs } from './backoff.ts';
import { lazyClient } from './lazy-client.ts';

/** Milliseconds between two looks. */
const LOOK_EVERY = 1_000;

export interface SpoolWatch {
  temporal: TemporalAddress;
  /** Folder of the spool. */
  folder: string;
  workerId: string;
  log: Log;
}

/** Looks once a second until `close`; a gate that goes on is followed to its end, so that there is one of each kind. */
export function watchSpool(watch: SpoolWatch): { close(): Promise<void> } {
  const end = new AbortController();
  const client = lazyClient(watch.temporal);
  const spool = openSpool(watch.folder);
  spool.sweep().catch((error: unknown) => watch.log.warn({ error }, 'what writers left unfinished in the spool could not be removed'));
  const watching = SpoolKind.options.map((kind) => watchKind(watch, spool, kind, client.get, end.signal));
  return {
    async close() {
      end.abort();
      await Promise.all(watching);
      await client.close();
    },
  };
}

async function watchKind({ workerId, log }: SpoolWatch, spool: Spool, kind: SpoolKind, client: () => Promise<Client>, signal: AbortSignal): Promise<void> {
  let failures = 0;
  while (await delay(failures === 0 ? LOOK_EVERY : backoffMs(failures), true, { signal }).catch(() => false)) {
    try {
      if (await isWaiting(spool, kind)) await runGate(await client(), kind, workerId, signal);
      failures = 0;
    } catch (error) {
      if (signal.aborted) return;
      failures++;
      log.warn({ kind, error }, 'the spool gate could not be run; its segments wait');
    }
  }
}

/** True also for a batch that a run before left, and for a file with a wrong name. */
async function isWaiting(spool: Spool, kind: SpoolKind): Promise<boolean> {
  return (await namesIn(spool.places.incoming(kind))).length > 0 || (await spool.left(kind)).length > 0;
}

/** Joins the run that goes on, where there is one; returns when it ended. */
async function runGate(client: Client, kind: SpoolKind, worker: string, signal: AbortSignal): Promise<void> {
  const handle = await client.withAbortSignal(signal, () =>
    client.workflow.start(WORKFLOW.spoolGate, { workflowId: spoolGateWorkflowId(kind, worker), taskQueue: TASK_QUEUE, args: [{ kind, worker } satisfies SpoolGateInput], workflowIdConflictPolicy: 'USE_EXISTING', staticSummary: `Take the waiting segments of ${kind} into the records` }),
  );
  await client.withAbortSignal(signal, () => handle.result());
}
