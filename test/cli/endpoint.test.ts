// The local endpoint and its client, with a few tiny operations: what goes in and out of them unchanged.
import { once } from 'node:events';
import type { Server } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { callOperation } from '../../apps/cli/call.ts';
import { createEndpoint } from '../../apps/server/endpoint.ts';
import { PivoError } from '../../contract/failures.ts';
import type { Progress } from '../../contract/ingest.ts';
import type { Log } from '../../contract/log.ts';
import { defineOperation, type Operation, type OperationContext } from '../../operations/operation.ts';

const silent: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, child: () => silent };
const base = { description: 'for tests', kind: 'reads' as const };
const MEGABYTE = new Uint8Array(2 ** 20).fill(7);

let whenAborted = Promise.withResolvers<void>();
const operations: Record<string, Operation> = {
  double: defineOperation({ ...base, name: 'double', input: z.strictObject({ value: z.number() }), run: async (_context, { value }, options) => {
    options.onProgress({ phase: 'first', done: 1, total: 2 });
    options.onProgress({ phase: 'second' });
    return { value: value * 2 };
  } }),
  whoami: defineOperation({ ...base, name: 'whoami', input: z.strictObject({}), run: async ({ caller }) => caller }),
  decide: defineOperation({ ...base, kind: 'decides', name: 'decide', input: z.strictObject({}), run: async () => 'decided' }),
  fail: defineOperation({ ...base, name: 'fail', input: z.strictObject({}), run: () => Promise.reject(new PivoError('Damaged', 'a pack is damaged', { hint: 'Repair it.', facts: { offset: 12 } })) }),
  bytes: defineOperation({ ...base, name: 'bytes', input: z.strictObject({ chunks: z.number(), broken: z.boolean().default(false) }), run: async (_context, { chunks, broken }) => ({ oid: 'é', content: produce(chunks, broken) }) }),
  forever: defineOperation({ ...base, name: 'forever', input: z.strictObject({}), run: (_context, _input, options) => new Promise((_resolve, reject) => {
    options.onProgress({ phase: 'waiting' });
    options.signal.addEventListener('abort', () => {
      whenAborted.resolve();
      reject(options.signal.reason as Error);
    });
  }) }),
};

async function* produce(chunks: number, broken: boolean): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < chunks; i++) yield MEGABYTE;
  if (broken) throw new PivoError('Damaged', 'the blob is damaged');
}

let folder = '';
let socket = '';
let server: Server;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pivo-endpoint-'));
  socket = join(folder, 's');
  const load = async (name: string): Promise<Operation> => {
    const found = operations[name];
    if (found === undefined) throw new PivoError('NotFound', `there is no operation "${name}"`);
    return found;
  };
  server = createEndpoint({ load, context: { caller: { user: 'ada', via: 'cli', owner: true } } as OperationContext, log: silent });
  await once(server.listen(socket), 'listening');
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true });
});

const notHere = (): Promise<never> => Promise.reject(new Error('ran in process'));
function ask<T>(name: string, input: object, onProgress: (progress: Progress) => void = () => {}, signal = new AbortController().signal): Promise<T> {
  return callOperation<T>(socket, name, input, { signal, onProgress }, notHere);
}

describe('the local endpoint', () => {
  it('gives progress as it comes and then the result', async () => {
    const seen: Progress[] = [];
    expect(await ask('double', { value: 21 }, (progress) => seen.push(progress))).toEqual({ value: 42 });
    expect(seen).toEqual([{ phase: 'first', done: 1, total: 2 }, { phase: 'second' }]);
  });

  it('carries a failure whole: kind, message, hint and facts', async () => {
    await expect(ask('fail', {})).rejects.toMatchObject({ kind: 'Damaged', message: 'a pack is damaged', hint: 'Repair it.', facts: { offset: 12 } });
  });

  it('refuses input that does not fit, naming the field, and operations that do not exist', async () => {
    await expect(ask('double', { value: 'x' })).rejects.toMatchObject({ kind: 'InvalidInput', message: expect.stringContaining('value') as string });
    await expect(ask('nothing', {})).rejects.toMatchObject({ kind: 'NotFound' });
  });

  it('streams bytes as they are, with the rest of the result beside them', async () => {
    const { oid, content } = await ask<{ oid: string; content: AsyncIterable<Uint8Array> }>('bytes', { chunks: 8 });
    let bytes = 0;
    for await (const chunk of content) bytes += chunk.length;
    expect({ oid, bytes }).toEqual({ oid: 'é', bytes: 8 * MEGABYTE.length });
  });

  it('lets a failure in the middle of bytes reach the reader', async () => {
    const { content } = await ask<{ content: AsyncIterable<Uint8Array> }>('bytes', { chunks: 1, broken: true });
    const read = async (): Promise<void> => {
      for await (const _chunk of content); // to its end
    };
    await expect(read()).rejects.toMatchObject({ kind: 'Damaged', message: 'the blob is damaged' });
  });

  it('aborts the operation when its client goes away', async () => {
    whenAborted = Promise.withResolvers();
    const person = new AbortController();
    const asked = ask('forever', {}, () => person.abort(), person.signal);
    await expect(asked).rejects.toMatchObject({ kind: 'Cancelled' });
    await whenAborted.promise;
  });

  it('takes a caller for a program where its door says so, and knows no word that gives more', async () => {
    const via = (word: string, name: string): Promise<unknown> => callOperation(socket, name, {}, { signal: new AbortController().signal, onProgress: () => {}, via: word as 'mcp' }, () => Promise.reject(new Error('nobody listens')));
    expect(await via('mcp', 'whoami')).toEqual({ user: 'ada', via: 'mcp', owner: false });
    expect(await ask('whoami', {})).toEqual({ user: 'ada', via: 'cli', owner: true });
    await expect(via('cli', 'whoami')).rejects.toMatchObject({ kind: 'InvalidInput' });
    await expect(via('mcp', 'decide')).rejects.toMatchObject({ kind: 'InvalidInput', message: expect.stringContaining('for people') as string });
    expect(await ask('decide', {})).toBe('decided');
  });

  it('is not needed: where nobody listens, the operation runs in the process that asked', async () => {
    const here = await callOperation(join(folder, 'none'), 'double', {}, { signal: new AbortController().signal, onProgress: () => {} }, async () => 'here');
    expect(here).toBe('here');
  });
});
