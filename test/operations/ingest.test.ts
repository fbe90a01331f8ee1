// The operation `ingest`, over a real worker, a real archive and real git.
import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listVisitNumbers } from '../../archive/visits.ts';
import { TASK_QUEUE, ingestWorkflowId } from '../../contract/names.ts';
import type { IngestResult, Progress } from '../../contract/ingest.ts';
import { ingest, type IngestStarted } from '../../operations/ingest.ts';
import type { OperationContext } from '../../operations/operation.ts';
import { gate, ingestActs } from '../harness/ingest-acts.ts';
import { callOperation, operationContext, type Call } from '../harness/operations.ts';
import { startTemporal, startWorker, unique, type TestTemporal, type TestWorker } from '../harness/temporal.ts';

let temporal: TestTemporal;
beforeAll(async () => {
  temporal = await startTemporal();
});
afterAll(() => temporal.stop());

type Done = IngestResult & { joined: boolean };
const backUp = (context: OperationContext, url: string, call: Call = {}): Promise<Done> => callOperation(ingest, context, { url }, call) as Promise<Done>;

/** A repository with one commit. */
async function repository(): Promise<string> {
  const folder = join(temporal.folder, unique('origin'));
  await mkdir(folder);
  const git = (...args: string[]): void => void execFileSync('git', ['-C', folder, '-c', 'user.name=Ada', '-c', 'user.email=ada@host.example', ...args]);
  git('init', '--quiet', '--initial-branch=main');
  await writeFile(join(folder, 'file'), 'content\n');
  git('add', '.');
  git('commit', '--quiet', '--message=first');
  return folder;
}

describe('with the real acts', () => {
  let worker: TestWorker;
  let context: OperationContext;
  beforeAll(async () => {
    worker = await startWorker(temporal, { taskQueue: TASK_QUEUE });
    context = operationContext(temporal, worker);
  });
  afterAll(() => worker.stop());

  it('backs a repository up, and says that it is unchanged the second time', async () => {
    const url = await repository();
    const first = await backUp(context, url);
    expect(first).toMatchObject({ origin: url, visit: 1, unchanged: false, refs: 1, newPacks: 1, events: 2, joined: false });
    expect(await backUp(context, url)).toMatchObject({ visit: 2, snapshot: first.snapshot, unchanged: true, newPacks: 0, events: 1 });
  });

  it('fails as the step failed: kind, message and hint', async () => {
    await expect(backUp(context, join(temporal.folder, unique('nothing')))).rejects.toMatchObject({ name: 'PivoError', kind: 'OriginRefused', hint: expect.any(String) as string });
  });

  it('refuses a URL with a password before anything is started', async () => {
    await expect(backUp(context, 'https://ada:hunter2@host.example/x.git')).rejects.toMatchObject({ kind: 'UrlRefused' });
    expect((await temporal.run('workflow', 'list', '--output', 'json')).stdout).not.toContain('hunter2');
  });

  it('with `wait: false` answers with the ids of the run, which goes on', async () => {
    const url = await repository();
    const started = (await callOperation(ingest, context, { url, wait: false })) as IngestStarted;
    expect(started).toMatchObject({ workflowId: ingestWorkflowId(started.repository), joined: false });
    expect(await temporal.client.workflow.getHandle(started.workflowId, started.runId).result()).toMatchObject({ visit: 1 });
  });

  it('writes one visit for two calls at once', async () => {
    const url = await repository();
    const results = await Promise.all([backUp(context, url), backUp(context, url)]);
    const visits = new Set(results.map(({ visit }) => visit));
    expect(results.filter(({ joined }) => joined)).toHaveLength(2 - visits.size);
    expect(await listVisitNumbers(worker.deps.store, results[0].repository)).toHaveLength(visits.size);
  });
});

describe('while the origin is being fetched', () => {
  let fetch: ReturnType<typeof gate>;
  let worker: TestWorker;
  let context: OperationContext;
  let name: string;

  async function start(): Promise<void> {
    fetch = gate();
    name = unique('repo');
    const acts = ingestActs({
      fetchOrigin: async (_deps, _job, run) => {
        run.onProgress({ phase: 'receiving objects', done: 7, total: 9 });
        await fetch.pass(run.signal);
        return { unchanged: false, refs: 1 };
      },
    });
    worker = await startWorker(temporal, { taskQueue: TASK_QUEUE, standIns: acts.standIns });
    context = operationContext(temporal, worker);
  }
  const url = (): string => `https://host.example/${name}.git`;

  it('the progress of the act is told', async () => {
    await start();
    const told = Promise.withResolvers<Progress>();
    const result = backUp(context, url(), { onProgress: told.resolve });
    expect(await told.promise).toEqual({ phase: 'receiving objects', done: 7, total: 9 });
    fetch.open();
    await result;
    await worker.stop();
  });

  it('a second caller joins; giving up detaches it, and cancels the run of the first', async () => {
    await start();
    const [starter, joiner] = [new AbortController(), new AbortController()];
    const first = backUp(context, url(), { signal: starter.signal });
    await fetch.began;
    const joined = Promise.withResolvers<Progress>();
    const second = backUp(context, url(), { signal: joiner.signal, onProgress: joined.resolve });
    await joined.promise;
    joiner.abort();
    await expect(second).rejects.toMatchObject({ kind: 'Cancelled', message: expect.stringContaining('goes on') as string });
    expect((await temporal.client.workflow.getHandle(ingestWorkflowId(name)).describe()).status.name).toBe('RUNNING');
    await expect(backUp(context, url(), { signal: AbortSignal.abort() })).rejects.toMatchObject({ kind: 'Cancelled' });
    starter.abort();
    await expect(first).rejects.toMatchObject({ kind: 'Cancelled' });
    expect((await temporal.client.workflow.getHandle(ingestWorkflowId(name)).describe()).status.name).toBe('CANCELLED');
    await worker.stop();
  });
});
