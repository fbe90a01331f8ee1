// The operations around a restore of many, as every door calls them: who may do what, and what each answers.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { callTool } from '../../agent/tools/index.ts';
import { TASK_QUEUE } from '../../contract/names.ts';
import type { SourceRepository } from '../../contract/source.ts';
import type { RestoreAllReceipt, RestoreAllStatus } from '../../contract/restore-all.ts';
import { approvals } from '../../operations/approvals.ts';
import { approve } from '../../operations/approve.ts';
import { jobs } from '../../operations/jobs.ts';
import type { Caller, OperationContext } from '../../operations/operation.ts';
import { planAll } from '../../operations/plan-all.ts';
import { reject } from '../../operations/reject.ts';
import { restoreAll } from '../../operations/restore-all.ts';
import { namesListedBy } from '../../restore/many/listed.ts';
import { openIngest, type IngestHarness } from '../harness/ingest.ts';
import { callOperation, operationContext } from '../harness/operations.ts';
import { startTemporal, startWorker, unique, type TestTemporal, type TestWorker } from '../harness/temporal.ts';
import { backUpMany, numbered } from './many.ts';

let temporal: TestTemporal;
let pivo: IngestHarness;
let worker: TestWorker;
let owner: OperationContext;
let agent: OperationContext;
let target: string;

beforeAll(async () => {
  temporal = await startTemporal();
  pivo = await openIngest(join(temporal.folder, 'home'));
  await backUpMany(pivo, join(temporal.folder, 'origins'), numbered(4));
  worker = await startWorker(temporal, { taskQueue: TASK_QUEUE, deps: pivo.deps });
  owner = operationContext(temporal, worker);
  const caller: Caller = { user: 'gemini', via: 'agent', owner: false };
  agent = { ...owner, caller };
});

afterAll(async () => {
  await owner.library.close();
  await worker.stop();
  await pivo.close();
  await temporal.stop();
});

beforeEach(() => {
  target = join(temporal.folder, unique('target'));
});

const asked = async (context: OperationContext): Promise<RestoreAllStatus> => (await callOperation(restoreAll, context, { target, wait: false })) as RestoreAllStatus;

describe('the plan of many', () => {
  it('changes nothing, and a restore of the same has the same hash', async () => {
    const told: string[] = [];
    const answer = await callOperation(planAll, owner, { target }, { onProgress: ({ phase, done, total }) => told.push(`${phase} ${done} of ${total}`) });
    expect(answer).toMatchObject({ blocked: null, plan: { targetKind: 'folder', sums: { repositories: 4, ready: 4, makes: 4 } } });
    expect(told).toContain('planning 4 of 4');
    expect(await readdir(target).catch(() => null)).toBeNull();
    expect((await asked(owner)).planHash).toBe(answer.planHash);
  });

  it('says what nothing at all comes of', async () => {
    expect(await callOperation(planAll, owner, { target, at: '2001-01-01' })).toMatchObject({ blocked: { kind: 'NotFound', message: expect.stringContaining('none of 4') }, plan: { sums: { nothing: 4 } } });
  });
});

describe('an agent', () => {
  it('can ask for the plan, and neither waive nor give the approval', async () => {
    await expect(callOperation(restoreAll, agent, { target, yes: true })).rejects.toMatchObject({ kind: 'InvalidInput' });
    const { restoreId, planHash, state } = await asked(agent);
    expect(state).toBe('awaiting approval');
    await expect(callOperation(approve, agent, { restore: restoreId, planHash: planHash ?? '' })).rejects.toMatchObject({ kind: 'InvalidInput' });
    await expect(callOperation(reject, agent, { restore: restoreId })).rejects.toMatchObject({ kind: 'InvalidInput' });
    const [waiting] = (await callOperation(approvals, owner, {})).filter(({ workflowId }) => workflowId === `restore-all:${restoreId}`);
    expect(waiting).toMatchObject({ type: 'restore-all', requestedBy: 'gemini', planHash });
    const receipt = (await callOperation(approve, owner, { restore: restoreId, planHash: planHash ?? '', wait: true })) as RestoreAllReceipt;
    expect(receipt).toMatchObject({ outcome: 'done', requestedBy: 'gemini', approvedBy: 'ada', counts: { restored: 4 } });
    expect(await callOperation(jobs, owner, { id: restoreId })).toMatchObject([{ type: 'restoreAll', state: 'completed', result: { sha256: receipt.sha256 } }]);
  });

  it('has it as a tool whose answer names what a person must approve', async () => {
    const outcome = await callTool(agent, 'submit_restore_all_job', { target }, { signal: new AbortController().signal });
    expect(outcome.approval).toMatchObject({ workflowId: expect.stringMatching(/^restore-all:all-/), summary: expect.stringContaining('restore 4 of 4 repositories') });
    expect(await callTool(agent, 'submit_restore_all_job', { target, yes: true }, { signal: new AbortController().signal })).toMatchObject({ failure: { kind: 'InvalidInput' } });
  });

  it('cannot have a stranger\'s URL asked, nor choose where a token is sent', async () => {
    const context = { ...agent, git: { protocols: ['https', 'file'] } };
    await expect(callOperation(restoreAll, context, { target: 'https://evil.example/x', wait: false })).rejects.toMatchObject({ kind: 'UrlRefused' });
    await expect(callOperation(planAll, context, { target: 'https://evil.example/x' })).rejects.toMatchObject({ kind: 'UrlRefused' });
    await expect(callOperation(restoreAll, context, { target, credential: 'forge', wait: false })).rejects.toMatchObject({ kind: 'InvalidInput' });
  });
});

it('knows the repositories of a source, also those that its forge has no more', () => {
  const rows = ['acme.a', 'acme.b'].map((repository) => ({ repository }) as SourceRepository);
  const book = { source: (name: string) => (name === 'acme' ? ({} as never) : null), repositories: (_source: string, after: string | null) => rows.filter(({ repository }) => after === null || repository > after) };
  expect([...namesListedBy(book, 'acme')]).toEqual(['acme.a', 'acme.b']);
  expect(() => namesListedBy(book, 'beta')).toThrow('no source "beta"');
});
