// Starts the workflow `deliver` of what waits to be delivered: a bounded number for each target, the oldest first.
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Log } from '../contract/log.ts';
import { TASK_QUEUE, WORKFLOW, deliverWorkflowId } from '../contract/names.ts';
import { waitingDeliveries } from '../state/deliveries.ts';
import type { TemporalAddress } from '../stack/temporal-profile.ts';
import { backoffMs } from './backoff.ts';
import { lazyClient } from './lazy-client.ts';

/** Runs of one target at once; others wait as rows. A run that waits for its next try is one timer. */
const RUNS_PER_TARGET = 50;
/** Milliseconds between two looks: when nobody woke it, and at least. */
const LOOK_EVERY = 5_000;
const LOOK_AFTER = 200;
/** Milliseconds after which a run is started again, which joins it: it may have been terminated. */
const STARTED_FOR = 60_000;

export interface Delivering {
  temporal: TemporalAddress;
  /** Path of the state database. */
  state: string;
  /** Names of the targets. */
  targets: readonly string[];
  workerId: string;
  log: Log;
}

/** When the run of a delivery was started last, milliseconds of a clock that never goes back. */
type Started = Map<string, number>;

/** Goes on until `close`; `wake`: something was written down, or the delivery of that id ended. */
export function keepDelivering(delivering: Delivering): { wake(ended?: string): void; close(): Promise<void> } {
  const end = new AbortController();
  const bell = createBell();
  const started: Started = new Map();
  const running = look(delivering, started, bell, end.signal);
  return {
    wake(ended) {
      if (ended !== undefined) started.delete(ended);
      bell.ring();
    },
    async close() {
      end.abort();
      await running;
    },
  };
}

interface Bell {
  ring(): void;
  /** Returns when it rang since the last time, or after `milliseconds`. */
  heard(milliseconds: number, signal: AbortSignal): Promise<void>;
}

function createBell(): Bell {
  let rung = Promise.withResolvers<void>();
  return {
    ring: () => rung.resolve(),
    async heard(milliseconds, signal) {
      const over = new AbortController();
      await Promise.race([rung.promise, delay(milliseconds, undefined, { signal: AbortSignal.any([signal, over.signal]) }).catch(() => {})]);
      over.abort();
      rung = Promise.withResolvers<void>();
    },
  };
}

async function look(delivering: Delivering, started: Started, bell: Bell, signal: AbortSignal): Promise<void> {
  const client = lazyClient(delivering.temporal);
  let failures = 0;
  try {
    while (!signal.aborted) {
      try {
        await startWaiting(delivering, client.get, started, signal);
        failures = 0;
      } catch (error) {
        if (signal.aborted) break;
        if (++failures === 1) delivering.log.warn({ error }, 'notifications wait: their runs cannot be started now');
      }
      await delay(failures === 0 ? LOOK_AFTER : backoffMs(failures), undefined, { signal }).catch(() => {});
      if (failures === 0) await bell.heard(LOOK_EVERY, signal);
    }
  } finally {
    await client.close();
  }
}

/** One target after the other within itself, and no target after another. */
async function startWaiting(delivering: Delivering, client: () => Promise<Client>, started: Started, signal: AbortSignal): Promise<void> {
  const waiting = delivering.targets.map((target) => ({ target, deliveries: waitingDeliveries(delivering.state, target, RUNS_PER_TARGET) }));
  const ids = new Set(waiting.flatMap(({ deliveries }) => deliveries.map(({ id }) => id)));
  for (const id of started.keys()) if (!ids.has(id)) started.delete(id);
  const startOf = async ({ target, deliveries }: (typeof waiting)[number]): Promise<void> => {
    for (const { id, event } of deliveries) {
      if (signal.aborted) return;
      if (performance.now() - (started.get(id) ?? -Infinity) < STARTED_FOR) continue;
      started.set(id, performance.now());
      await startRun(await client(), delivering.workerId, { id, event, target }).catch((error: unknown) => {
        started.delete(id);
        throw error;
      });
    }
  };
  const ends = await Promise.allSettled(waiting.map(startOf));
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

/** Joins the run that goes on, where there is one. */
async function startRun(client: Client, worker: string, { id, event, target }: { id: string; event: string; target: string }): Promise<void> {
  await client.workflow.start(WORKFLOW.deliver, { workflowId: deliverWorkflowId(id), taskQueue: TASK_QUEUE, args: [{ delivery: id, worker }], workflowIdConflictPolicy: 'USE_EXISTING', staticSummary: `Tell ${target} of ${event}` });
}
