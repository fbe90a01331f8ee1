// A home with a worker and a notifier on a test's Temporal.
import { join } from 'node:path';
import type { ActivityDeps } from '../../activities/act.ts';
import type { Log } from '../../contract/log.ts';
import { deliverWorkflowId, TASK_QUEUE } from '../../contract/names.ts';
import type { Notification } from '../../contract/notification.ts';
import { queueNotification } from '../../activities/notify/queue-notification.ts';
import { listDeliveries, type DeliveryFilter } from '../../state/deliveries.ts';
import { keepNotifying } from '../../workers/notifier.ts';
import { NAMESPACE, silentLog, startWorker, testDeps, unique, type TestTemporal } from '../harness/temporal.ts';
import { targetsOf } from './targets.ts';

export interface NotifyHome {
  workerId: string;
  state: string;
  deps: ActivityDeps;
  /** As a workflow's `tell` does it. */
  tell(...notifications: Notification[]): Promise<number>;
  deliveries(filter?: DeliveryFilter): ReturnType<typeof listDeliveries>;
  /** Ends worker and notifier as SIGTERM does. */
  stop(): Promise<void>;
}

export interface HomeOptions {
  workerId?: string;
  env?: Record<string, string>;
  /** Milliseconds after the first failure. */
  first?: number;
  log?: Log;
  maxAge?: number;
  pipelines?: ActivityDeps['pipelines'];
}

export async function openHome(temporal: TestTemporal, tables: object[], { workerId = unique('worker'), env = {}, first = 20, log = silentLog, maxAge = 30, pipelines }: HomeOptions = {}): Promise<NotifyHome> {
  const ports = { ...testDeps(temporal, workerId), log };
  const state = join(temporal.folder, workerId, 'state.db');
  const notifying = keepNotifying({ temporal: { address: temporal.server.address, namespace: NAMESPACE }, state, targets: targetsOf(tables, { home: temporal.folder, env }), workerId, events: ports.events, store: ports.store, maxAge, log, backoff: { first } });
  const deps: ActivityDeps = { ...ports, notify: notifying.ports, ...(pipelines === undefined ? {} : { pipelines }) };
  const worker = await startWorker(temporal, { taskQueue: TASK_QUEUE, workerId, deps });
  return {
    workerId,
    state,
    deps,
    async tell(...notifications) {
      let added = 0;
      for (const notification of notifications) added += await queueNotification(deps, notification);
      return added;
    },
    deliveries: (filter = {}) => listDeliveries(state, filter, 10_000),
    async stop() {
      await Promise.all([notifying.close(), worker.stop()]);
      await deps.events.close();
    },
  };
}

let told = 0;

/** News that nobody had before. */
export const news = (facts: Notification['facts'] = {}): Notification => ({ event: 'visit.done', key: `visit.done:execa:${++told}`, time: new Date().toISOString(), repository: 'execa', facts: { visit: told, ...facts } });

/** What Temporal keeps of a delivery's run. */
export const historyOf = async (temporal: TestTemporal, delivery: string): Promise<string> => (await temporal.run('workflow', 'show', '--workflow-id', deliverWorkflowId(delivery), '--output', 'json')).stdout;
