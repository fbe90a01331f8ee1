// Backups that an agent asks for: which need a person, how they wait, and what a decision does.
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { callTool } from '../../agent/tools/index.ts';
import { listVisitNumbers, listRepositories } from '../../archive/visits.ts';
import type { ToolOutcome } from '../../contract/conversation.ts';
import type { IngestApproval, IngestResult } from '../../contract/ingest.ts';
import { TASK_QUEUE } from '../../contract/names.ts';
import { saveCredential } from '../../git/credentials.ts';
import { approvals } from '../../operations/approvals.ts';
import { approve } from '../../operations/approve.ts';
import { ingest, type IngestStarted } from '../../operations/ingest.ts';
import { jobs } from '../../operations/jobs.ts';
import type { Caller, OperationContext } from '../../operations/operation.ts';
import { reject } from '../../operations/reject.ts';
import { restore } from '../../operations/restore.ts';
import { fixture } from '../fixtures/generate.ts';
import { callOperation, operationContext } from '../harness/operations.ts';
import { startTemporal, startWorker, testDeps, unique, type TestTemporal, type TestWorker } from '../harness/temporal.ts';

let temporal: TestTemporal;
let worker: TestWorker;
let owner: OperationContext;
let origin: string;

beforeAll(async () => {
  temporal = await startTemporal();
  origin = join(temporal.folder, 'origins', 'project.git');
  await fixture('force-push').build(origin);
  worker = await startWorker(temporal, { taskQueue: TASK_QUEUE, deps: testDeps(temporal, 'home') });
  owner = operationContext(temporal, worker);
});

afterAll(async () => {
  await worker.stop();
  await worker.deps.events.close();
  await owner.library.close();
  await temporal.stop();
});

const as = (caller: Partial<Caller>, origins: readonly string[] = []): OperationContext => ({ ...owner, agent: { origins, targets: [] }, caller: { ...owner.caller, owner: false, ...caller } });
const agent = (origins?: readonly string[]): OperationContext => as({ via: 'agent' }, origins);
const signal = new AbortController().signal;

async function submit(context: OperationContext, url: string, name: string, request?: string): Promise<ToolOutcome> {
  return callTool(context, 'submit_ingest_job', { url, name }, { signal, ...(request === undefined ? {} : { request }) });
}

async function waitingOne(name: string): Promise<{ workflowId: string; planHash: string }> {
  const { approval } = await submit(agent(), origin, name);
  if (approval === undefined) throw new Error('it does not wait');
  return approval;
}

describe('a backup that an agent asks for', () => {
  it('of an origin that is not known waits for a person, and shows what it would do', async () => {
    const name = unique('new');
    const outcome = await submit(agent(), origin, name);
    expect(JSON.parse(outcome.content)).toMatchObject({ approval_required: true, repository: name, approve_with: `pivo approve ${outcome.approval?.workflowId} ${outcome.approval?.planHash}` });
    expect(await callOperation(approvals, owner, {})).toContainEqual(expect.objectContaining({ type: 'ingest', workflowId: outcome.approval?.workflowId, planHash: outcome.approval?.planHash, requestedBy: 'ada', plan: expect.objectContaining({ origin, repository: name }) as unknown }));
    expect(await callOperation(jobs, owner, { id: outcome.approval?.workflowId ?? '' })).toMatchObject([{ state: 'running', status: { phase: 'awaiting approval' } }]);
    const { stdout } = await temporal.run('workflow', 'metadata', '--workflow-id', outcome.approval?.workflowId ?? '');
    expect(stdout).toContain(outcome.approval?.planHash);
    expect(await listRepositories(worker.deps.store)).not.toContain(name);
  });

  it('is done when its plan is approved, as the one run of its repository', async () => {
    const name = unique('wanted');
    const { workflowId, planHash } = await waitingOne(name);
    await expect(callOperation(approve, agent(), { restore: workflowId, planHash })).rejects.toMatchObject({ kind: 'InvalidInput' });
    await expect(callOperation(approve, owner, { restore: workflowId, planHash: '0'.repeat(64) })).rejects.toMatchObject({ kind: 'PlanChanged' });
    expect((await callOperation(approve, owner, { restore: workflowId, planHash, wait: true })) as IngestResult).toMatchObject({ repository: name, origin, visit: 1 });
    expect((await temporal.client.workflow.getHandle(`ingest:${name}`).describe()).status.name).toBe('COMPLETED');
    expect(await callOperation(jobs, owner, { id: workflowId })).toMatchObject([{ state: 'completed', result: { visit: 1 } }]);
    await expect(callOperation(approve, owner, { restore: workflowId, planHash })).rejects.toMatchObject({ kind: 'InvalidInput' });
  });

  it('does not stand in the way of a person who backs the same up meanwhile', async () => {
    const name = unique('both');
    await waitingOne(name);
    expect(await callOperation(ingest, owner, { url: origin, name })).toMatchObject({ visit: 1, joined: false });
  });

  it('does nothing when it is rejected, or nobody decides in time', async () => {
    const [rejected, expired] = [unique('rejected'), unique('expired')];
    const { workflowId } = await waitingOne(rejected);
    expect((await callOperation(reject, owner, { restore: workflowId, reason: 'not ours' })) as IngestApproval).toMatchObject({ planHash: expect.any(String) as string });
    await temporal.client.workflow.getHandle(workflowId).result().catch(() => {});
    expect(await callOperation(jobs, owner, { id: workflowId })).toMatchObject([{ state: 'failed', failure: { kind: 'PlanRejected', message: expect.stringContaining('not ours') as string } }]);
    const started = (await callOperation(ingest, agent(), { url: origin, name: expired, expiresAfter: 1, wait: false })) as IngestStarted;
    await expect(temporal.client.workflow.getHandle(started.workflowId).result()).rejects.toMatchObject({ cause: { type: 'PlanExpired' } });
    expect((await listRepositories(worker.deps.store)).filter((name) => name === rejected || name === expired)).toEqual([]);
  });

  it('needs nobody when the archive knows the origin, or the configuration allows it', async () => {
    const [known, allowed] = [unique('known'), unique('allowed')];
    await callOperation(ingest, owner, { url: origin, name: known });
    expect((await submit(agent(), origin, known)).approval).toBeUndefined();
    expect((await submit(agent([`${temporal.folder}/origins/`]), origin, allowed)).approval).toBeUndefined();
    await expect.poll(() => listVisitNumbers(worker.deps.store, known)).toEqual([1, 2]);
    await expect.poll(() => listVisitNumbers(worker.deps.store, allowed)).toEqual([1]);
  });

  it.each([
    ['beside the prefix', (folder: string) => `${folder}/origins2/project.git`],
    ['through ..', (folder: string) => `${folder}/origins/../secret.git`],
    ['through an encoded ..', (folder: string) => `${folder}/origins/%2e%2e/secret.git`],
  ])('is not allowed %s', async (_how, url) => {
    const { approval } = await submit(agent([`${temporal.folder}/origins/`]), url(temporal.folder), unique('beside'));
    expect(approval?.planHash).toMatch(/^[0-9a-f]{64}$/);
  });

  it('is one run, however often the same request is sent', async () => {
    const name = unique('once');
    const [first, again] = [await submit(agent(), origin, name, 'chat/turn/1.0'), await submit(agent(), origin, name, 'chat/turn/1.0')];
    expect(again.approval).toEqual(first.approval);
    expect((await submit(agent(), origin, name, 'chat/turn/1.1')).approval?.workflowId).not.toBe(first.approval?.workflowId);
    const done = unique('done');
    const context = agent([`${temporal.folder}/origins/`]);
    const started = JSON.parse((await submit(context, origin, done, 'chat/turn/2.0')).content) as IngestStarted;
    await temporal.client.workflow.getHandle(started.workflowId).result();
    expect(JSON.parse((await submit(context, origin, done, 'chat/turn/2.0')).content)).toMatchObject({ workflowId: started.workflowId, runId: started.runId });
    expect(await listVisitNumbers(worker.deps.store, done)).toEqual([1]);
  });

  it('cannot be started by hand where it would block its repository', async () => {
    const name = unique('blocked');
    await expect(temporal.client.workflow.execute('ingest', { workflowId: `ingest:${name}`, taskQueue: TASK_QUEUE, args: [{ url: origin, name, approval: 'required' }] })).rejects.toMatchObject({ cause: { type: 'InvalidInput' } });
  });
});

it('a restore to a URL is planned for an agent only where a person allowed it: nobody else is even asked', async () => {
  let asked = 0;
  const stranger = createServer((socket) => {
    asked++;
    socket.destroy();
  });
  await once(stranger.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void stranger.close());
  const site = `https://127.0.0.1:${(stranger.address() as AddressInfo).port}`;
  const name = unique('planned');
  await callOperation(ingest, owner, { url: origin, name });
  const outcomeOf = async (target: string): Promise<unknown> => (await callTool({ ...agent(), agent: { origins: [`${site}/`], targets: [`${site}/ours/`] } }, 'submit_restore_job', { repository: name, target }, { signal })).failure?.kind;
  for (const target of [`${site}/what-was-read`, `${site}/ours/../what-was-read`]) expect(await outcomeOf(target)).toBe('UrlRefused');
  expect(asked).toBe(0);
  expect(await outcomeOf(`${site}/ours/project.git`)).not.toBe('UrlRefused');
  expect(asked).toBeGreaterThan(0);
  for (const target of [origin, join(temporal.folder, 'fresh.git')]) expect(await outcomeOf(target)).toBeUndefined();
});

it('MCP is as little trusted as the agent, and neither sends a token where a stranger may want it', async () => {
  const mcp = as({ via: 'mcp' });
  expect((await callOperation(ingest, mcp, { url: origin, name: unique('mcp'), wait: false })) as IngestStarted).toMatchObject({ approval: { state: 'awaiting approval' } });
  expect(ingest.input.safeParse({ url: origin, approval: 'waived' }).success).toBe(false);
  await saveCredential(worker.deps.credentials, 'deploy', { kind: 'token', username: 'pivo', token: 'secret-token' });
  const target = 'https://evil.invalid/x.git';
  for (const context of [mcp, agent()]) await expect(callOperation(restore, context, { repository: 'project', target, credential: 'deploy' })).rejects.toMatchObject({ kind: 'InvalidInput', message: expect.stringContaining('deploy') as string });
  await callOperation(ingest, owner, { url: origin, name: 'known-too' });
  const outcome = await callTool(agent(['https://evil.invalid/']), 'submit_ingest_job', { url: target, credential: 'deploy', name: unique('token') }, { signal });
  expect(outcome.approval?.planHash).toMatch(/^[0-9a-f]{64}$/);
});
