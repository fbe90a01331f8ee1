// Ends the attempts that this worker's dead predecessor left behind, so that a crash costs a second, not a heartbeat timeout.
import { ApplicationFailure } from '@temporalio/common';
import type { Client } from '@temporalio/client';
import { PivoError } from '../contract/failures.ts';
import type { Log } from '../contract/log.ts';

/** PENDING_ACTIVITY_STATE_STARTED of Temporal's API: an attempt that a worker took and has not answered. */
const STARTED = 2;

/**
 * Fails every running attempt that `identity` took, with a failure that Temporal retries. To be called before
 * polling, by the only worker of that identity: then whoever took them is dead. What it cannot find (a run too
 * young to be listed) is found by its heartbeat timeout. Returns how many attempts were ended.
 */
export async function failPredecessorsAttempts(client: Client, identity: string, log: Log): Promise<number> {
  let ended = 0;
  for await (const { workflowId, runId } of client.workflow.list({ query: 'ExecutionStatus = "Running"' })) {
    for (const activityId of await attemptsOf(client, identity, workflowId, runId)) {
      ended++;
      await failAttempt(client, { workflowId, runId, activityId }, log);
    }
  }
  return ended;
}

async function attemptsOf(client: Client, identity: string, workflowId: string, runId: string): Promise<string[]> {
  const { raw } = await client.workflow.getHandle(workflowId, runId).describe();
  const pending = raw.pendingActivities ?? [];
  return pending.flatMap(({ state, lastWorkerIdentity, activityId }) => (state === STARTED && lastWorkerIdentity === identity && typeof activityId === 'string' ? [activityId] : []));
}

async function failAttempt(client: Client, attempt: { workflowId: string; runId: string; activityId: string }, log: Log): Promise<void> {
  try {
    await client.activity.fail(attempt, abandoned());
    log.info(attempt, 'ended the attempt of the worker before this one');
  } catch (error) {
    log.debug({ ...attempt, error }, 'the attempt was gone already');
  }
}

/** A type of its own, which no retry policy excludes; the report is for the case that it was the last attempt. */
function abandoned(): ApplicationFailure {
  const report = new PivoError('WorkerLost', 'the worker of this attempt ended', { hint: 'Start it again: what was archived is kept.' }).report();
  return ApplicationFailure.create({ message: report.message, type: 'AttemptAbandoned', nonRetryable: false, details: [report] });
}
