// Records histories of backups, conversations and fleets that replay.test.ts replays: `node test/workflows/record-histories.ts`.
import type { WorkflowHandle } from '@temporalio/client';
import { PivoError } from '../../contract/failures.ts';
import { conversationWorkflowId, type ConversationStart, type TurnInput } from '../../contract/conversation.ts';
import { NO_COUNTS, type FleetEntry } from '../../contract/fleet.ts';
import { TASK_QUEUE, fleetWorkflowId, ingestRequestWorkflowId, ingestWorkflowId } from '../../contract/names.ts';
import type { IngestApproval, Progress } from '../../contract/ingest.ts';
import { lastQuestion, resultsSoFar, startAgent, withState } from '../harness/agent.ts';
import { gate, ingestActs, visitOf } from '../harness/ingest-acts.ts';
import { operationContext } from '../harness/operations.ts';
import { saveContinued, saveHistory } from '../harness/recorder.ts';
import { startTemporal, startWorker, unique, type StandIns, type TestTemporal } from '../harness/temporal.ts';

/** One run with these stand-ins; `during` may disturb it. */
async function record(temporal: TestTemporal, file: string, standIns: StandIns, workflowId?: string, during?: (handle: WorkflowHandle, taskQueue: string) => Promise<unknown>): Promise<void> {
  const taskQueue = unique('queue');
  const worker = await startWorker(temporal, { taskQueue, standIns: ingestActs(standIns).standIns });
  const handle = await temporal.client.workflow.start('ingest', { taskQueue, workflowId: workflowId ?? ingestWorkflowId('recorded'), args: [{ url: 'https://host.example/recorded.git' }], memo: { requestedBy: 'recorder' } });
  await during?.(handle, taskQueue);
  await handle.result().catch(() => {}); // failed runs are recorded too
  await saveHistory(temporal, file, handle.workflowId);
  await worker.stop();
}

function heldFetch(): { held: ReturnType<typeof gate>; standIns: StandIns } {
  const held = gate();
  return { held, standIns: { fetchOrigin: async (_deps, _job, run) => held.pass(run.signal).then(() => ({ unchanged: false, refs: 1 })) } };
}

/** A backup that waits for a person, and what they decide. */
async function recordDecision(temporal: TestTemporal, file: string, decide: (handle: WorkflowHandle, approval: IngestApproval) => Promise<unknown>, expiresAfter = 3600): Promise<void> {
  const taskQueue = unique('queue');
  const worker = await startWorker(temporal, { taskQueue, standIns: ingestActs({}).standIns });
  const input = { url: 'https://host.example/recorded.git', approval: 'required', expiresAfter };
  const handle = await temporal.client.workflow.start('ingest', { taskQueue, workflowId: ingestRequestWorkflowId(`recorded-${file}`), args: [input], memo: { requestedBy: 'recorder' } });
  let approval: IngestApproval | undefined;
  while (approval === undefined) ({ approval } = await handle.query<Progress>('status'));
  await decide(handle, approval);
  await handle.result().catch(() => {}); // rejected runs are recorded too
  await saveHistory(temporal, file, handle.workflowId);
  await worker.stop();
}

/** Turns with tools, a stopped one and a failed one; then the run that continues it, which ends for want of turns. */
async function recordConversation(temporal: TestTemporal): Promise<void> {
  const worker = await startWorker(temporal, { taskQueue: TASK_QUEUE });
  const context = withState(operationContext(temporal, worker), temporal.folder);
  const held = gate();
  const agent = await startAgent(temporal, { context, script: async (request, { signal }) => {
    const question = lastQuestion(request);
    if (question === 'stop') await held.pass(signal);
    if (question === 'fail') throw new PivoError('CredentialMissing', 'the key was refused');
    return resultsSoFar(request).length > 0 ? 'done' : { calls: [{ name: 'list_files', arguments: { repository: 'nobody' } }, { name: 'unknown', arguments: {} }] };
  } });
  const start: ConversationStart = { mostEvents: 100, idleSeconds: 1 };
  const first = await temporal.client.workflow.start('conversation', { workflowId: conversationWorkflowId('recorded'), taskQueue: TASK_QUEUE, args: [start] });
  const handle = temporal.client.workflow.getHandle(first.workflowId);
  const say = (text: string): Promise<unknown> => handle.executeUpdate('turn', { args: [{ turn: unique('turn'), text, speaker: { user: 'ada', via: 'cli' } } satisfies TurnInput] });
  await say('look');
  const stopped = say('stop');
  await held.began;
  await handle.executeUpdate('stop', { args: [{}] });
  await stopped;
  await say('fail');
  let turns = 0;
  while ((await handle.describe()).runId === first.firstExecutionRunId) await say(`again ${++turns}`);
  await say('last');
  await handle.result();
  await saveContinued(temporal, ['conversation.continued', 'conversation.idle'], first);
  await agent.stop();
  await worker.stop();
}

/** A fleet run whose history is continued as new while a backup goes on. */
async function recordFleet(temporal: TestTemporal): Promise<void> {
  const taskQueue = unique('queue');
  const source = 'recorded';
  const held = gate();
  const entries: FleetEntry[] = Array.from({ length: 12 }, (_, n) => ({ repository: `fleet-${n + 10}`, path: `fleet/${n + 10}`, url: `https://host.example/fleet/${n + 10}.git`, formerUrl: null, host: 'host.example', wiki: false, after: n === 0 ? null : `fleet-${n + 9}` }));
  const standIns: StandIns = {
    ...ingestActs({ fetchOrigin: async (_deps, { repository }, run) => (repository === 'fleet-10' ? held.pass(run.signal) : Promise.resolve()).then(() => ({ unchanged: false, refs: 1 })) }).standIns,
    beginFleet: async () => ({ atOnce: 2, forgeData: false, credential: null, apiCredential: null }),
    countFleet: async () => entries.length,
    nextFleetPage: async (_deps, { after }) => ({ entries: entries.filter(({ repository }) => repository > (after ?? '')), cursor: null }),
    recordFleetItems: async () => {},
    recordVanished: async () => 0,
    reportFleet: async (_deps, ending) => ({ ...ending, finished: ending.started, notDone: 0, counts: { ...NO_COUNTS, done: entries.length }, newBytes: 0, withHoles: 0, forgeDataFailed: 0, failed: [], held: [] }),
  };
  const worker = await startWorker(temporal, { taskQueue, standIns });
  const first = await temporal.client.workflow.start('fleet', { taskQueue, workflowId: fleetWorkflowId(source), args: [{ source, discover: false, requestedBy: 'recorder' }, { mostEvents: 60 }] });
  const handle = temporal.client.workflow.getHandle(first.workflowId);
  while ((await handle.describe()).runId === first.firstExecutionRunId);
  held.open();
  await handle.result();
  await saveContinued(temporal, ['fleet.continued', 'fleet.done'], first);
  await worker.stop();
}

async function recordAll(temporal: TestTemporal): Promise<void> {
  await recordFleet(temporal);
  await recordConversation(temporal);
  await recordDecision(temporal, 'ingest.approved', (handle, { planHash }) => handle.executeUpdate('approve', { args: [{ planHash, approver: 'ada' }] }));
  await recordDecision(temporal, 'ingest.rejected', (handle) => handle.executeUpdate('reject', { args: [{ approver: 'ada', reason: 'not ours' }] }));
  await recordDecision(temporal, 'ingest.expired', () => Promise.resolve(), 1);
  await record(temporal, 'ingest.first', {});
  await record(temporal, 'ingest.unchanged', { fetchOrigin: async () => ({ unchanged: true, refs: 1 }) });
  await record(temporal, 'ingest.failed', {
    fetchOrigin: async () => {
      throw new PivoError('OriginRefused', 'there is no repository');
    },
  });
  let conflicts = 0;
  await record(temporal, 'ingest.started-over', {
    putVisit: async (_deps, job) => {
      if (conflicts++ === 0) throw new PivoError('VisitConflict', 'another run was first');
      return visitOf(job);
    },
  });
  await record(temporal, 'ingest.through-child', {}, 'typed');
  const cancelled = heldFetch();
  await record(temporal, 'ingest.cancelled', cancelled.standIns, undefined, async (handle) => {
    await cancelled.held.began;
    await handle.cancel();
  });
  const shared = heldFetch();
  await record(temporal, 'ingest.shared', shared.standIns, undefined, async (_handle, taskQueue) => {
    await shared.held.began;
    const joiner = await temporal.client.workflow.start('ingest', { taskQueue, workflowId: 'joiner', args: [{ url: 'https://host.example/recorded.git' }] });
    while (!((await joiner.describe()).raw.pendingActivities ?? []).some(({ activityType }) => activityType?.name === 'joinIngest'));
    shared.held.open();
    await joiner.result();
    await saveHistory(temporal, 'ingest.joiner', joiner.workflowId);
  });
}

const temporal = await startTemporal();
try {
  await recordAll(temporal);
} finally {
  await temporal.stop();
}
