// Uploads through the operation, the workflow and a real Temporal server.
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TASK_QUEUE } from '../../contract/names.ts';
import { dropUploaded, uploadsOf } from '../../logs/uploads.ts';
import { logSources } from '../../operations/log-sources.ts';
import type { OperationContext } from '../../operations/operation.ts';
import { uploadLogs, type UploadEnded } from '../../operations/upload-logs.ts';
import { callOperation, operationContext } from '../harness/operations.ts';
import { startTemporal, startWorker, type TestTemporal, type TestWorker } from '../harness/temporal.ts';
import { hadoopLines } from './temporary.ts';

let temporal: TestTemporal;
let worker: TestWorker;
let context: OperationContext;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pivo-upload-'));
  temporal = await startTemporal();
  worker = await startWorker(temporal, { taskQueue: TASK_QUEUE });
  context = operationContext(temporal, worker);
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await worker.stop();
  await temporal.stop();
});

const waiting = (): Promise<string[]> => readdir(uploadsOf(context.paths.logIndex));

it('the owner has files read by a durable run, and the same content adds nothing', async () => {
  await mkdir(join(folder, 'logs'));
  await writeFile(join(folder, 'logs/a.log'), hadoopLines(500));
  await writeFile(join(folder, 'logs/b.log'), 'one\ntwo\n');
  expect(await callOperation(uploadLogs, context, { paths: [join(folder, 'logs')] })).toMatchObject({ files: 2, added: 2, entries: 502, joined: false });
  expect(await callOperation(uploadLogs, context, { paths: [join(folder, 'logs')] })).toMatchObject({ files: 2, added: 0, known: 2, entries: 0 });
  expect((await callOperation(logSources, context, {})).sources.map(({ name }) => name).sort()).toEqual(['logs/a.log', 'logs/b.log']);
});

it('a model and a browser upload lines, never a path', async () => {
  const machine: OperationContext = { ...context, caller: { user: 'ada', via: 'agent', owner: false } };
  await expect(callOperation(uploadLogs, machine, { paths: ['/etc/passwd'] })).rejects.toMatchObject({ kind: 'NotAllowed' });
  await expect(callOperation(uploadLogs, { ...context, caller: { user: 'ada', via: 'server', owner: true } }, { paths: ['/etc/passwd'] })).rejects.toMatchObject({ kind: 'NotAllowed' });
  expect(await callOperation(uploadLogs, machine, { text: 'ERROR no space left on device', system: 'hadoop', run: 'r1' })).toMatchObject({ added: 1, logs: [{ name: 'upload', system: 'hadoop' }] });
  expect(await waiting()).toEqual([]);
});

describe('a body', () => {
  it('is read from the spool, which is empty afterwards', async () => {
    const chunks = async function* (): AsyncGenerator<Uint8Array> {
      for (const from of [0, 100, 200]) yield Buffer.from(hadoopLines(100, 10_000 + from));
    };
    const ended = (await uploadLogs.run(context, { wait: true, name: 'sent.log' }, { signal: new AbortController().signal, onProgress: () => {}, body: chunks() })) as UploadEnded;
    expect(ended).toMatchObject({ entries: 300, logs: [{ name: 'sent.log' }] });
    expect(await waiting()).toEqual([]);
  });

  it.each([0, 1, 2])('that breaks off after %i chunks leaves nothing, however soon', async (chunks) => {
    const broken = async function* (): AsyncGenerator<Uint8Array> {
      for (let chunk = 0; chunk < chunks; chunk += 1) yield Buffer.from('half a line');
      throw new Error('the client went away');
    };
    const uploads = Array.from({ length: 20 }, () => uploadLogs.run(context, { wait: true }, { signal: new AbortController().signal, onProgress: () => {}, body: broken() }));
    await Promise.all(uploads.map((upload) => expect(upload).rejects.toThrow('went away')));
    expect(await waiting()).toEqual([]);
  });
});

describe('what is removed', () => {
  it('is a file of the spool only: nothing elsewhere, however its path is written, and no folder', async () => {
    const index = join(folder, 'home/logs.db');
    const spool = uploadsOf(index);
    await mkdir(join(spool, 'sub'), { recursive: true });
    for (const path of [join(spool, 'upload'), join(spool, 'sub/kept'), join(folder, 'home/kept')]) await writeFile(path, 'x');
    await dropUploaded(index, [join(spool, 'upload'), `${spool}/../kept`, `${spool}/sub/kept`, `${spool}/..`, spool, folder]);
    expect(await readdir(spool)).toEqual(['sub']);
    expect([join(spool, 'sub/kept'), join(folder, 'home/kept')].map((path) => existsSync(path))).toEqual([true, true]);
  });

  it('is not what a run started by hand calls spooled', async () => {
    const path = join(folder, 'mine.log');
    await writeFile(path, 'three\n');
    const handle = await temporal.client.workflow.start('ingestLogs', { taskQueue: TASK_QUEUE, workflowId: basename(folder), args: [{ paths: [path], spooled: true }] });
    expect(await handle.result()).toMatchObject({ added: 1 });
    expect(existsSync(path)).toBe(true);
  });
});

it('a path that is not there, and no path, fail with what to do', async () => {
  await expect(callOperation(uploadLogs, context, { paths: [join(folder, 'nothing')] })).rejects.toMatchObject({ kind: 'NotFound' });
  await expect(callOperation(uploadLogs, context, {})).rejects.toMatchObject({ kind: 'InvalidInput' });
});

it('cancelling ends the reading, and the file stays', async () => {
  const path = join(folder, 'large.log');
  await writeFile(path, hadoopLines(400_000));
  const cancel = new AbortController();
  const running = callOperation(uploadLogs, context, { paths: [path] }, { signal: cancel.signal, onProgress: ({ bytes = 0 }) => bytes > 0 && cancel.abort() });
  await expect(running).rejects.toMatchObject({ kind: 'Cancelled' });
  expect([existsSync(path), existsSync(dirname(path))]).toEqual([true, true]);
});
