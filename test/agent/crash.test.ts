// Processes that are killed in the middle of a turn: the chat goes on, nothing is started twice, the answer is the same.
import { fork, spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadConfig } from '../../config.ts';
import type { Transcript, TurnResult } from '../../contract/conversation.ts';
import type { RestoreReceipt } from '../../contract/restore.ts';
import { approve } from '../../operations/approve.ts';
import { ask } from '../../operations/ask.ts';
import { openContext, type OpenContext } from '../../operations/context.ts';
import { conversation } from '../../operations/conversations.ts';
import { idOf } from '../../operations/request-id.ts';
import { compareRepositories, describeDifference } from '../harness/compare.ts';
import { homeWithBackup } from '../harness/ingest.ts';
import { callOperation } from '../harness/operations.ts';
import { silentLog, startTemporal, unique, type TestTemporal } from '../harness/temporal.ts';

const WORKER = fileURLToPath(new URL('../../workers/worker.ts', import.meta.url));
const AGENT = fileURLToPath(new URL('../harness/dying-agent.ts', import.meta.url));

let temporal: TestTemporal;
let home: string;
let origin: string;
let context: OpenContext;
const children = new Set<ChildProcess>();

beforeAll(async () => {
  temporal = await startTemporal();
  ({ home, origin } = await homeWithBackup(temporal.folder));
  context = openContext(loadConfig({ PIVO_HOME: home, TEMPORAL_ADDRESS: temporal.server.address }), silentLog, { user: 'ada', via: 'cli', owner: true });
});

afterAll(async () => {
  await Promise.all([...children].map(kill));
  await context.close();
  await temporal.stop();
});

async function kill(child: ChildProcess): Promise<void> {
  children.delete(child);
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

async function ready(child: ChildProcess): Promise<ChildProcess> {
  children.add(child);
  await once(child, 'message');
  return child;
}

const startWorker = (): Promise<ChildProcess> =>
  ready(spawn(process.execPath, [WORKER], { env: { PATH: process.env['PATH'], PIVO_HOME: home, TEMPORAL_ADDRESS: temporal.server.address, PIVO_LOG_LEVEL: 'error' }, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }));
const startAgent = (dieAt = ''): Promise<ChildProcess> => ready(fork(AGENT, [home, temporal.server.address, dieAt], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }));

interface Turn {
  conversation: string;
  turn: string;
  target: string;
  result: Promise<TurnResult>;
}

function begin(): Turn {
  const [id, turn] = [unique('chat'), randomUUID()];
  const target = join(temporal.folder, `${unique('target')}.git`);
  return { conversation: id, turn, target, result: callOperation(ask, context, { question: target, conversation: id, turn }) as Promise<TurnResult> };
}

/** Runs of restores that were ever started for a target. */
async function restoresTo(target: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { workflowId, runId } of temporal.client.workflow.list({ query: "WorkflowType = 'restore'" })) {
    const { events } = await temporal.client.workflow.getHandle(workflowId, runId).fetchHistory();
    const input = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0]?.data;
    if (Buffer.from(input ?? []).toString().includes(target)) found.push(workflowId);
  }
  return found;
}

/** The one restore of a turn waits for approval, and the answer tells its plan. */
async function expectOneRestore({ conversation: id, turn, target, result }: Turn): Promise<{ workflowId: string; planHash: string }> {
  const workflowId = `restore:project-${idOf(`${id}/${turn}/1.0`)}`;
  const { answer, end, tools } = await result;
  expect(tools).toMatchObject([{ name: 'submit_restore_job', state: 'done', approval: { workflowId } }]);
  const planHash = tools[0]?.approval?.planHash ?? '';
  expect({ answer, end }).toEqual({ answer: `${workflowId.slice('restore:'.length)} waits with ${planHash}`, end: 'stop' });
  await expect.poll(() => restoresTo(target)).toEqual([workflowId]);
  return { workflowId, planHash };
}

it.each(['in the first step', 'between model step and tool', 'in the tool, after its start', 'in the last step'])('of the agent, killed %s', { timeout: 60_000 }, async (dieAt) => {
  const worker = await startWorker();
  const dying = await startAgent(dieAt);
  const turn = begin();
  expect(await once(dying, 'exit')).toEqual([null, 'SIGKILL']);
  const successor = await startAgent();
  await expectOneRestore(turn);
  expect((await callOperation<typeof conversation.input, Transcript>(conversation, context, { conversation: turn.conversation })).turns).toHaveLength(1);
  await Promise.all([kill(successor), kill(worker)]);
});

it('of the worker of workflows, killed while a turn runs and started again', { timeout: 60_000 }, async () => {
  const worker = await startWorker();
  const dying = await startAgent('between model step and tool');
  const turn = begin();
  await once(dying, 'exit');
  await kill(worker);
  const [agent, again] = [await startAgent(), await startWorker()];
  await expectOneRestore(turn);
  await Promise.all([kill(agent), kill(again)]);
});

it('of all of them, while a plan waits for approval: it can be approved afterwards, and the chat goes on', { timeout: 60_000 }, async () => {
  const [worker, agent] = [await startWorker(), await startAgent()];
  const turn = begin();
  const { workflowId, planHash } = await expectOneRestore(turn);
  await Promise.all([kill(worker), kill(agent)]);
  const [workerAgain, agentAgain] = [await startWorker(), await startAgent()];
  const receipt = (await callOperation(approve, context, { restore: workflowId, planHash, wait: true })) as RestoreReceipt;
  expect(receipt).toMatchObject({ outcome: 'done', requestedBy: 'ada', approvedBy: 'ada' });
  expect(describeDifference(await compareRepositories(origin, turn.target))).toBe('');
  const next = (await callOperation(ask, context, { question: join(temporal.folder, 'next.git'), conversation: turn.conversation })) as TurnResult;
  expect(next).toMatchObject({ end: 'stop', tools: [{ state: 'done' }] });
  expect((await callOperation<typeof conversation.input, Transcript>(conversation, context, { conversation: turn.conversation })).turns).toHaveLength(2);
  await Promise.all([kill(workerAgain), kill(agentAgain)]);
});
