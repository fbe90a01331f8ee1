// The agent's worker: the acts of conversations on a queue of their own, in the process of the server.
import { Client } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { AGENT_QUEUE } from '../contract/conversation.ts';
import { failPredecessorsAttempts } from '../stack/predecessor.ts';
import { dataConverter } from '../stack/temporal-data.ts';
import { temporalConnectionOptions, type TemporalAddress } from '../stack/temporal-profile.ts';
import { openConversations } from '../state/conversations.ts';
import { createAgentActs, type AgentDeps } from './acts.ts';

export interface AgentWorkerSettings extends Omit<AgentDeps, 'state'> {
  temporal: TemporalAddress;
  /** The same after a restart. */
  workerId: string;
}

export interface AgentWorkerRun {
  /** Ends the worker when it aborts: running acts are cancelled and tried again by the next worker. */
  signal: AbortSignal;
  /** Called when the queue is polled. */
  onReady(): void;
}

/** Steps and tools at once; each waits for others most of its time. */
const ACTS_AT_ONCE = 50;

/** Runs until the signal aborts. Fails when Temporal does not answer at the start (later it waits for it), and as `openConversations` does. */
export async function runAgentWorker({ temporal, workerId, ...deps }: AgentWorkerSettings, { signal, onReady }: AgentWorkerRun): Promise<void> {
  using state = openConversations(deps.context.paths.state);
  const connection = await NativeConnection.connect(temporalConnectionOptions(temporal));
  const identity = `pivo-agent@${workerId}`;
  const data = dataConverter(temporal.codec);
  try {
    const client = new Client({ connection, namespace: temporal.namespace, dataConverter: data });
    await failPredecessorsAttempts(client, identity, deps.log).catch((error: unknown) => deps.log.warn({ error }, 'could not look for attempts of the agent before this one'));
    const worker = await Worker.create({
      connection,
      namespace: temporal.namespace,
      identity,
      dataConverter: data,
      taskQueue: AGENT_QUEUE,
      activities: createAgentActs({ ...deps, state }),
      maxConcurrentActivityTaskExecutions: ACTS_AT_ONCE,
      maxConcurrentActivityTaskPolls: 4,
      maxHeartbeatThrottleInterval: '100 milliseconds', // people read along
      defaultHeartbeatThrottleInterval: '100 milliseconds',
      shutdownForceTime: '5 seconds',
    });
    const stopped = new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener('abort', () => resolve(), { once: true });
    });
    const running = worker.runUntil(stopped);
    onReady();
    await running;
  } finally {
    await connection.close();
  }
}
