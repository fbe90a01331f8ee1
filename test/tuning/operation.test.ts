// The operation: who may name what, what a model's words must keep to, and a server that is no history server.
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { callTool } from '../../agent/tools/index.ts';
import type { TextWriter } from '../../contract/writer.ts';
import type { ExplainedReport } from '../../contract/tuning.ts';
import type { Caller, OperationContext } from '../../operations/operation.ts';
import { optimizeResources } from '../../operations/optimize-resources.ts';
import { callOperation } from '../harness/operations.ts';
import { silentLog } from '../harness/temporal.ts';
import { fixturePath, inPieces } from './reports.ts';

const OWNER: Caller = { user: 'ada', via: 'cli', owner: true };
const context = (more: Partial<OperationContext> = {}): OperationContext => ({ caller: OWNER, log: silentLog, ...more }) as OperationContext;
const path = fixturePath('gc_bound');

const saying = (text: string): TextWriter & { asked: number } => {
  const writer = { name: 'a model', asked: 0, write: async () => (writer.asked++, text) };
  return writer;
};
const signal = new AbortController().signal;
const sent = async (as: OperationContext): Promise<ExplainedReport> => optimizeResources.run(as, {}, { signal, onProgress: () => {}, body: inPieces(await readFile(path)) });

/** A server for as long as `act` runs. */
async function serving<T>(answer: RequestListener, act: (address: string) => Promise<T>): Promise<T> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    return await act(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

it('lets the owner name a path, and nobody else', async () => {
  expect(await callOperation(optimizeResources, context(), { path })).toMatchObject({ findings: [{ rule: 'gc' }], writtenBy: 'pivo', explanation: expect.stringContaining('collecting garbage') as string });
  for (const caller of [{ ...OWNER, owner: false }, { ...OWNER, via: 'server' }, { ...OWNER, via: 'agent' }, { ...OWNER, via: 'mcp' }] as Caller[]) {
    await expect(callOperation(optimizeResources, context({ caller }), { path })).rejects.toMatchObject({ kind: 'NotAllowed' });
  }
});

it('asks no server for others that the owner did not configure', async () => {
  let asked = 0;
  await serving((_, response) => (asked++, response.end('[]')), async (address) => {
    const caller: Caller = { ...OWNER, via: 'mcp' };
    await expect(callOperation(optimizeResources, context({ caller: { ...OWNER, via: 'server' } }), { historyServer: address })).rejects.toMatchObject({ kind: 'NotAllowed' });
    await expect(callOperation(optimizeResources, context({ caller }), { historyServer: address })).rejects.toMatchObject({ kind: 'NotAllowed' });
    await expect(callOperation(optimizeResources, context({ caller, spark: { historyServer: 'http://other.example:18080' } }), { historyServer: address })).rejects.toMatchObject({ kind: 'NotAllowed' });
    expect(asked).toBe(0);
    await expect(callOperation(optimizeResources, context({ caller, spark: { historyServer: address } }), {})).rejects.toMatchObject({ kind: 'NotFound' });
    expect(asked).toBe(1);
  });
});

it('offers no path to machines that call it as a tool', async () => {
  const answered = await callTool(context({ caller: { ...OWNER, via: 'agent' } }), 'optimize_resources', { path }, { signal });
  expect(answered.failure).toMatchObject({ kind: 'InvalidInput' });
});

it('reads the log that a request brings, whoever sends it', async () => {
  expect(await sent(context({ caller: { user: 'guest', via: 'server', owner: false } }))).toMatchObject({ findings: [{ rule: 'gc' }] });
});

it('says what to give where nothing is given', async () => {
  await expect(callOperation(optimizeResources, context(), {})).rejects.toMatchObject({ kind: 'InvalidInput', hint: expect.stringContaining('historyServer') as string });
});

it('takes a model\'s words that keep to the figures, and drops those that do not', async () => {
  const good = saying('Executors spent **30 %** of their time collecting garbage: set `spark.executor.memory` to 1280m.');
  expect(await sent(context({ writer: good }))).toMatchObject({ writtenBy: 'a model', explanation: expect.stringContaining('30 %') as string });
  for (const bad of ['Tasks spent 77 % of their time in garbage collection.', 'Set spark.executor.cores.per.day to 1.', 'Set spark.memory.offHeap.enabled.', '']) {
    const report = await sent(context({ writer: saying(bad) }));
    expect(report).toMatchObject({ writtenBy: 'pivo', explanation: expect.stringContaining('collecting garbage') as string });
    expect(report.notes.join(' ')).toContain('a model was not used');
  }
});

it('asks no model for a machine', async () => {
  const writer = saying('x');
  await sent(context({ writer, caller: { ...OWNER, via: 'mcp' } }));
  expect(writer.asked).toBe(0);
});

it('follows no redirect, believes no other server, and takes no password', async () => {
  const ask = (address: string): Promise<unknown> => callOperation(optimizeResources, context(), { historyServer: address, application: 'app-1' });
  await serving((_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(), (address) => expect(ask(address)).rejects.toMatchObject({ kind: 'Unavailable' }));
  await serving((_, response) => response.end('<html>'), (address) => expect(ask(address)).rejects.toMatchObject({ kind: 'Unavailable' }));
  await serving((_, response) => response.end('[1, 2]'), (address) => expect(ask(address)).rejects.toMatchObject({ kind: 'Unavailable' }));
  await serving((_, response) => response.writeHead(404).end(), (address) => expect(ask(address)).rejects.toMatchObject({ kind: 'NotFound' }));
  await expect(ask('http://127.0.0.1:1')).rejects.toMatchObject({ kind: 'Unavailable' });
  await expect(ask('http://ada:secret@127.0.0.1:1')).rejects.toMatchObject({ kind: 'UrlRefused' });
});
