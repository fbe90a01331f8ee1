// A question about a run of PIVO is answered from its history too: the kind that it failed with, step by step, with links.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PivoError } from '../../contract/failures.ts';
import { ingestWorkflowId } from '../../contract/names.ts';
import { debug } from '../../operations/debug.ts';
import type { OperationContext } from '../../operations/operation.ts';
import { ingestActs } from '../harness/ingest-acts.ts';
import { callOperation, operationContext } from '../harness/operations.ts';
import { startTemporal, startWorker, unique, type TestTemporal, type TestWorker } from '../harness/temporal.ts';

let temporal: TestTemporal;
let worker: TestWorker;
let context: OperationContext;
let folder: string;
let repository: string;

beforeAll(async () => {
  [temporal, folder] = await Promise.all([startTemporal(), mkdtemp(join(tmpdir(), 'pivo-debug-'))]);
  const taskQueue = unique('queue');
  const { standIns } = ingestActs({ fetchOrigin: async () => { throw new PivoError('StorageFull', 'no space left to write backups/maps/objects/pack/pack-1.pack'); } });
  worker = await startWorker(temporal, { taskQueue, standIns });
  const plain = operationContext(temporal, worker);
  context = { ...plain, paths: { ...plain.paths, index: join(folder, 'pivo.db'), logIndex: join(folder, 'logs.db') } };
  repository = unique('maps');
  const handle = await temporal.client.workflow.start('ingest', { taskQueue, workflowId: ingestWorkflowId(repository), args: [{ url: 'https://host.example/maps.git', name: repository }], memo: { requestedBy: 'ada' } });
  await handle.result().catch(() => {});
});
afterAll(async () => {
  await worker?.stop();
  await temporal?.stop();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

it('the run that the question names is found, and its last words are the evidence', async () => {
  await expect.poll(async () => (await callOperation(debug, context, { question: `why did the backup of ${repository} fail?` })).run).toBe(ingestWorkflowId(repository)); // a list of runs lags behind them
  const answer = await callOperation(debug, context, { question: `why did the backup of ${repository} fail?` });
  expect(answer).toMatchObject({ cause: { id: 'disk-full' }, confidence: 'proven', writtenBy: 'pivo' });
  expect(answer.evidence[0]).toMatchObject({ link: expect.stringMatching(new RegExp(`^temporal:${ingestWorkflowId(repository)}:\\d+$`)) as string, text: expect.stringContaining('StorageFull: no space left') as string, cause: 'disk-full' });
  expect(answer.text).toContain(answer.evidence[0]?.link);
});

it('a backup of another name is not mistaken for it: the evidence is missing, and the answer says how to get some', async () => {
  const answer = await callOperation(debug, context, { question: `why did the backup of ${repository}-archive fail?` });
  expect(answer).toMatchObject({ run: null, cause: null, confidence: 'none', evidence: [] });
  expect(answer.missing.join(' ')).toContain('pivo upload');
});

it('where Temporal does not answer, the answer says that the history is missing', async () => {
  const down = { ...context, temporal: () => Promise.reject(new PivoError('Unavailable', 'PIVO is not running')) };
  const answer = await callOperation(debug, down, { question: 'why did it fail?', run: ingestWorkflowId(repository) });
  expect(answer).toMatchObject({ cause: null, confidence: 'none' });
  expect(answer.missing.join(' ')).toContain('Temporal does not answer');
});

it('a model that asks gets the facts, never the text of another model', async () => {
  const asking = { ...context, caller: { user: 'ada', via: 'agent', owner: false } as const, writer: { name: 'x', write: () => Promise.reject(new Error('must not be asked')) } };
  expect(await callOperation(debug, asking, { question: 'why did it fail?', run: ingestWorkflowId(repository) })).toMatchObject({ writtenBy: 'pivo', cause: { id: 'disk-full' } });
});
