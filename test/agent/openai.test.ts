// Any server of the chat completions protocol as a provider, with the habits that such servers have.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ModelProvider } from '../../agent/model.ts';
import { openProvider } from '../../agent/open-provider.ts';
import { ChatChunk, fromChat } from '../../agent/providers/openai/answer.ts';
import { describeTools } from '../../agent/tools/index.ts';
import { callPiece, chatAnswer, startOpenai } from './fakes/openai.ts';
import type { FakeProvider } from './fakes/server.ts';
import { answered, question, requestOf, result } from './model-requests.ts';

const KEY = 'sk-sesame-4711';
const PATH = '/v1/chat/completions';
const ASK = requestOf([question('Who?')]);

let server: FakeProvider;
let provider: ModelProvider;
let said: string[];

const open = (timeout = 5, key?: string): Promise<ModelProvider> => openProvider({ provider: 'openai', model: 'qwen', baseUrl: `${server.url}/v1`, timeout, key: () => key });
const options = (signal = new AbortController().signal) => ({ signal, onText: (text: string) => void said.push(text) });

beforeEach(async () => {
  server = await startOpenai();
  provider = await open(5, KEY);
  said = [];
});
afterEach(async () => {
  await server.close();
  expect(server.wrong).toEqual([]);
});

describe('a step', () => {
  it('streams the text of an answer and counts its tokens', async () => {
    server.play(chatAnswer([{ role: 'assistant', content: '' }, { content: 'Ada ' }, { content: 'did.' }]));
    expect(await provider.step(ASK, options())).toEqual({ text: 'Ada did.', calls: [], end: 'stop', usage: { input: 50, output: 7 }, provider: 'openai', model: 'test-model-1' });
    expect(said).toEqual(['Ada ', 'did.']);
    expect(server.received[0]).toMatchObject({ headers: { authorization: `Bearer ${KEY}` }, body: { model: 'qwen', messages: [{ role: 'system', content: 'Be exact.' }, { role: 'user' }], tools: [{ function: { name: 'query_metadata' } }] } });
  });

  it('sends no key where there is none, and no tools when the model must answer', async () => {
    server.play(chatAnswer([{ content: 'Well.' }]));
    await (await open()).step(requestOf([question('Who?')], []), options());
    expect(server.received[0]?.headers).not.toHaveProperty('authorization');
    expect(server.received[0]?.body).not.toHaveProperty('tools');
  });

  it('offers the real tools', async () => {
    server.play(chatAnswer([{ content: 'Well.' }]));
    await provider.step(requestOf([question('Who?')], await describeTools()), options());
    expect(server.received[0]?.body).toMatchObject({ tools: (await describeTools()).map(({ name }) => ({ function: { name } })) });
  });

  it('puts calls together from their pieces and sends them back with their results', async () => {
    server.play(
      chatAnswer([{ content: null }, callPiece(0, { id: 'call_a', name: 'query_metadata', arguments: '' }), callPiece(0, { arguments: '{"sql":' }), callPiece(1, { id: 'call_b', name: 'list_files', arguments: '{}' }), callPiece(0, { arguments: '"SELECT 1"}' })], 'tool_calls'),
      chatAnswer([{ content: 'One.' }]),
    );
    const step = await provider.step(ASK, options());
    expect(step).toMatchObject({ end: 'tools', text: '', calls: [{ id: 'call_a', name: 'query_metadata', arguments: { sql: 'SELECT 1' } }, { id: 'call_b', name: 'list_files', arguments: {} }] });
    await provider.step(requestOf([question('Who?'), answered(step), result('call_a', { rows: [] }), result('call_b', 'no', { failed: true })]), options());
    expect((server.received[1]?.body as { messages: unknown[] } | undefined)?.messages.slice(2)).toEqual([
      { role: 'assistant', content: null, tool_calls: [{ id: 'call_a', type: 'function', function: { name: 'query_metadata', arguments: '{"sql":"SELECT 1"}' } }, { id: 'call_b', type: 'function', function: { name: 'list_files', arguments: '{}' } }] },
      { role: 'tool', tool_call_id: 'call_a', content: '{"rows":[]}' },
      { role: 'tool', tool_call_id: 'call_b', content: 'no' },
    ]);
  });

  it('hands malformed arguments on as the text they are, and back inside JSON', async () => {
    server.play(chatAnswer([callPiece(0, { id: 'c', name: 'query_metadata', arguments: '{"sql": SELECT' })], 'tool_calls'), chatAnswer([{ content: 'Again.' }]));
    const step = await provider.step(ASK, options());
    expect(step.calls).toEqual([{ id: 'c', name: 'query_metadata', arguments: '{"sql": SELECT' }]);
    await provider.step(requestOf([question('Who?'), answered(step), result('c', 'no', { failed: true })]), options());
  });

  it('reads the one JSON of a server that does not stream', async () => {
    server.play({ status: 200, body: { model: 'm', choices: [{ index: 0, message: { role: 'assistant', content: 'Whole.' }, finish_reason: 'stop' }], usage: { prompt_tokens: 1, completion_tokens: 2 } } });
    expect(await provider.step(ASK, options())).toMatchObject({ text: 'Whole.', end: 'stop', usage: { input: 1, output: 2 } });
    expect(said).toEqual(['Whole.']);
  });
});

describe('an answer that is none', () => {
  it.each([['length', 'length'], ['content_filter', 'blocked']] as const)('%s is %s, and nothing of it is called', async (finish, end) => {
    server.play(chatAnswer([{ content: 'It was' }, callPiece(0, { id: 'c', name: 'query_metadata', arguments: '{"sq' })], finish));
    expect(await provider.step(ASK, options())).toMatchObject({ end, text: 'It was', calls: [] });
  });

  it('a refusal is blocked and says why', async () => {
    server.play(chatAnswer([{ refusal: 'I will not.' }]));
    expect(await provider.step(ASK, options())).toMatchObject({ end: 'blocked', text: 'I will not.' });
  });

  it('one without words or calls is asked for again', async () => {
    server.play(chatAnswer([{ content: ' ' }]));
    await expect(provider.step(ASK, options())).rejects.toMatchObject({ kind: 'Unavailable', facts: { finishReason: 'stop' } });
  });

  it('one that breaks off is asked for again', async () => {
    server.play({ ...chatAnswer([{ content: 'It ' }], null), end: 'cut' }, chatAnswer([{ content: 'It ' }], null));
    await expect(provider.step(ASK, options())).rejects.toMatchObject({ kind: 'Unavailable' });
    await expect(provider.step(ASK, options())).rejects.toMatchObject({ kind: 'Unavailable', message: expect.stringContaining('broke') as string });
  });

  it.each([[{ error: { message: `out of memory, key ${KEY}`, code: 500 } }, 'out of memory'], [{ choices: 'none' }, 'another shape: choices'], ['"text"', 'another shape']])('a stream with %j in it is asked for again', async (event, words) => {
    server.play({ events: [event] });
    const error: unknown = await provider.step(ASK, options()).catch((error: unknown) => error);
    expect(error).toMatchObject({ kind: 'Unavailable', message: expect.stringContaining(words) as string });
    expect((error as Error).message).not.toContain(KEY);
  });
});

describe('a failure', () => {
  it.each([
    [429, { error: { message: 'slow down' } }, { 'retry-after': '3' }, { kind: 'Unavailable', facts: { status: 429, retryAfter: 3 } }],
    [500, { error: 'boom' }, {}, { kind: 'Unavailable' }],
    [404, { error: { message: 'model "qwen" not found' } }, {}, { kind: 'InvalidInput', message: 'openai answered 404: model "qwen" not found' }],
    [401, { error: { message: `Incorrect API key provided: ${KEY}` } }, {}, { kind: 'CredentialMissing' }],
  ])('%i is told by its kind and without the key, and is not retried here', async (status, body, headers, expected) => {
    server.play({ status, body, headers });
    const error: unknown = await provider.step(ASK, options()).catch((error: unknown) => error);
    expect(error).toMatchObject(expected);
    expect(JSON.stringify([(error as Error).message, (error as Error).stack, error])).not.toContain('sesame');
    expect(server.received).toHaveLength(1);
  });

  it('without a key does not ask OpenAI itself', async () => {
    const there = await openProvider({ provider: 'openai', model: 'm', baseUrl: 'https://api.openai.com/v1', timeout: 5, key: () => undefined });
    await expect(there.step(ASK, options())).rejects.toMatchObject({ kind: 'CredentialMissing', hint: expect.stringContaining('OPENAI_API_KEY') as string });
  });

  it('of being sent elsewhere takes the key nowhere', async () => {
    const elsewhere = await startOpenai();
    server.play({ status: 307, body: '', headers: { location: `${elsewhere.url}${PATH}` } });
    await expect(provider.step(ASK, options())).rejects.toMatchObject({ kind: 'Unavailable' });
    expect(elsewhere.received).toEqual([]);
    await elsewhere.close();
  });

  it('of patience: a server that says nothing more is given up', async () => {
    server.play({ ...chatAnswer([{ content: 'It' }], null), end: 'hang' });
    await expect((await open(0.2)).step(ASK, options())).rejects.toMatchObject({ kind: 'Unavailable', message: expect.stringContaining('said nothing') as string });
  });

  it("by the caller ends the step with the caller's reason", async () => {
    server.play({ ...chatAnswer([{ content: 'It' }], null), end: 'hang' });
    const stop = new AbortController();
    const reason = new Error('stopped');
    await expect(provider.step(ASK, { signal: stop.signal, onText: () => stop.abort(reason) })).rejects.toBe(reason);
  });
});

describe('habits of servers', () => {
  const step = (...deltas: object[]) => fromChat(deltas.map((delta) => ChatChunk.parse({ choices: [{ delta, finish_reason: 'tool_calls' }] })), { model: 'm', messages: [{ role: 'assistant', text: '', calls: [{ id: 'call_0', name: 'x', arguments: {} }] }], newId: () => 'made' });

  it('every call has the index 0', () => {
    expect(step(callPiece(0, { id: 'a', name: 'x', arguments: '{"n":1}' }), callPiece(0, { id: 'b', name: 'y', arguments: '{"n":2}' })).calls).toEqual([{ id: 'a', name: 'x', arguments: { n: 1 } }, { id: 'b', name: 'y', arguments: { n: 2 } }]);
  });

  it('no index and no id', () => {
    expect(step({ tool_calls: [{ function: { name: 'x', arguments: '{}' } }, { function: { name: 'y', arguments: '{}' } }] }).calls.map(({ name }) => name)).toEqual(['x', 'y']);
  });

  it('ids that an earlier answer had', () => {
    expect(step(callPiece(0, { id: 'call_0', name: 'x', arguments: '{}' })).calls[0]?.id).toBe('made');
  });

  it('the id again in every piece', () => {
    expect(step(callPiece(0, { id: 'a', name: 'x', arguments: '{"n"' }), callPiece(0, { id: 'a', arguments: ':1}' })).calls).toEqual([{ id: 'a', name: 'x', arguments: { n: 1 } }]);
  });

  it('arguments that are an object, or none', () => {
    expect(step(callPiece(0, { id: 'a', name: 'x', arguments: { n: 1 } }), callPiece(1, { id: 'b', name: 'y' })).calls.map((call) => call.arguments)).toEqual([{ n: 1 }, {}]);
  });

  it('a reason to end that nobody knows, or `stop` with calls', () => {
    const chunk = (finish_reason: string) => fromChat([ChatChunk.parse({ choices: [{ delta: callPiece(0, { id: 'a', name: 'x', arguments: '{}' }), finish_reason }] })], { model: 'm', messages: [], newId: () => 'made' });
    expect([chunk('stop').end, chunk('eos').end]).toEqual(['tools', 'tools']);
  });
});
