// Server-sent events: progress as it comes, the end, and clients that go away.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';
import { PivoError } from '../../contract/failures.ts';
import { defineOperation, type RunOptions } from '../../operations/operation.ts';
import { send, serve, type Served } from './served.ts';

/** What the last call of `follow` was given, and how it is to end. */
let call: { options: RunOptions; end: PromiseWithResolvers<unknown> };
let called = Promise.withResolvers<void>();
const follow = defineOperation({ name: 'follow', kind: 'reads', description: 'follows', input: z.strictObject({ id: z.string() }), run: (_context, _input, options) => {
  call = { options, end: Promise.withResolvers() };
  called.resolve();
  return call.end.promise;
} });
const overview = defineOperation({ name: 'overview', kind: 'reads', description: 'at once', input: z.strictObject({}), run: async (_context, _input, { onProgress }) => {
  onProgress({ phase: 'half', done: 1, total: 2 });
  return { answer: 42 };
} });

let server: Served;
beforeEach(async () => void (server = await serve({ operations: [follow, overview], limits: { requests: 2 } })));
afterEach(() => server.close());

async function open(): Promise<{ next(): Promise<string>; leave(): Promise<void> }> {
  called = Promise.withResolvers();
  const left = new AbortController();
  const response = await fetch(`${server.url}/api/v1/jobs/ingest:execa/events`, { signal: left.signal });
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  const reader = (response.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader();
  expect((await reader.read()).value).toBe('retry: 1000\n\n');
  await called.promise;
  return { next: async () => (await reader.read()).value ?? '', leave: async () => left.abort() };
}

it('progress comes while the work goes on, then the result', async () => {
  const stream = await open();
  call.options.onProgress({ phase: 'fetch', done: 1 });
  expect(await stream.next()).toBe('id: 1\nevent: progress\ndata: {"phase":"fetch","done":1}\n\n');
  call.options.onProgress({ phase: 'a\nb' });
  expect(await stream.next()).toBe('id: 2\nevent: progress\ndata: {"phase":"a\\nb"}\n\n');
  call.end.resolve({ state: 'completed' });
  expect(await stream.next()).toBe('id: 3\nevent: end\ndata: {"result":{"state":"completed"}}\n\n');
  expect(await stream.next()).toBe('');
});

it('a failure ends the stream with its kind and hint', async () => {
  const stream = await open();
  call.end.reject(new PivoError('NotFound', 'there is no run', { hint: 'Look again.' }));
  expect(await stream.next()).toBe('id: 1\nevent: end\ndata: {"failure":{"kind":"NotFound","message":"there is no run","hint":"Look again."}}\n\n');
});

it('what went wrong inside is not told to the client', async () => {
  const stream = await open();
  call.end.reject(new TypeError('secret is undefined'));
  expect(await stream.next()).not.toContain('secret');
});

it('a client that goes away ends the following, and its seat is free again', async () => {
  for (let round = 0; round < 5; round++) {
    const stream = await open();
    const aborted = new Promise((resolve) => call.options.signal.addEventListener('abort', resolve, { once: true }));
    await stream.leave();
    await aborted;
    call.end.reject(call.options.signal.reason as Error);
  }
  expect((await send(`${server.url}/api/v1/overview`)).status).toBe(200);
});

it('every address answers as events where they are asked for', async () => {
  const answer = await send(`${server.url}/api/v1/overview`, { headers: { accept: 'text/event-stream' } });
  expect(answer.text).toBe('retry: 1000\n\nid: 1\nevent: progress\ndata: {"phase":"half","done":1,"total":2}\n\nid: 2\nevent: end\ndata: {"result":{"answer":42}}\n\n');
});
