// Gemini as a provider, against a server that speaks its protocol and refuses everything else.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ModelProvider } from '../../agent/model.ts';
import { openProvider } from '../../agent/open-provider.ts';
import { fromGemini, type Chunk } from '../../agent/providers/gemini/answer.ts';
import { toGemini } from '../../agent/providers/gemini/request.ts';
import { describeTools } from '../../agent/tools/index.ts';
import { geminiAnswer, geminiError, startGemini } from './fakes/gemini.ts';
import type { FakeProvider } from './fakes/server.ts';
import { answered, question, requestOf, result } from './model-requests.ts';

const KEY = 'sesame-4711';
const CALL = { functionCall: { id: 'fc-1', name: 'query_metadata', args: { sql: 'SELECT 1' } }, thoughtSignature: 'c2lnbmF0dXJl' };
const PATH = '/v1beta/models/gemini-test:streamGenerateContent?alt=sse';
const ASK = requestOf([question('Who?')]);

let gemini: FakeProvider;
let provider: ModelProvider;
let said: string[];

const open = (timeout = 5, key: string | undefined = KEY): Promise<ModelProvider> => openProvider({ provider: 'gemini', model: 'gemini-test', baseUrl: gemini.url, timeout, key: () => key });
const options = (signal = new AbortController().signal) => ({ signal, onText: (text: string) => void said.push(text) });

beforeEach(async () => {
  gemini = await startGemini();
  provider = await open();
  said = [];
});
afterEach(async () => {
  await gemini.close();
  expect(gemini.wrong).toEqual([]);
});

describe('a step', () => {
  it('streams the text of an answer and counts its tokens', async () => {
    gemini.play(geminiAnswer([[{ text: 'Let me see.', thought: true }], [{ text: 'Ada ' }], [{ text: 'did.' }]]));
    const step = await provider.step(ASK, options());
    expect(step).toMatchObject({ text: 'Ada did.', calls: [], end: 'stop', usage: { input: 100, output: 35 }, provider: 'gemini', model: 'gemini-test-001' });
    expect(said).toEqual(['Ada ', 'did.']);
    expect(gemini.received[0]).toMatchObject({ path: PATH, headers: { 'x-goog-api-key': KEY } });
  });

  it('hands calls on, and their parts back as they came, with signatures and ids', async () => {
    gemini.play(geminiAnswer([[{ text: 'I look.' }, CALL], [{ functionCall: { id: 'fc-2', name: 'list_files', args: {} } }]]), geminiAnswer([[{ text: 'Two.' }]]));
    const step = await provider.step(ASK, options());
    expect(step).toMatchObject({ end: 'tools', text: 'I look.', calls: [{ id: 'fc-1', name: 'query_metadata', arguments: { sql: 'SELECT 1' } }, { id: 'fc-2' }] });
    await provider.step(requestOf([question('Who?'), answered(step), result('fc-1', { rows: [[1]] }), result('fc-2', { message: 'no' }, { name: 'list_files', failed: true })]), options());
    expect(gemini.received[1]?.body).toMatchObject({
      contents: [
        { role: 'user' },
        { role: 'model', parts: [{ text: 'I look.' }, CALL, { functionCall: { id: 'fc-2' } }] },
        { role: 'user', parts: [{ functionResponse: { id: 'fc-1', name: 'query_metadata', response: { output: { rows: [[1]] } } } }, { functionResponse: { id: 'fc-2', response: { error: { message: 'no' } } } }] },
      ],
    });
  });

  it('answers a call that came without an id without one', async () => {
    gemini.play(geminiAnswer([[{ functionCall: { name: 'query_metadata', args: { sql: 'x' } } }]]), geminiAnswer([[{ text: 'Done.' }]]));
    const step = await provider.step(ASK, options());
    const id = step.calls[0]?.id ?? '';
    expect(id).not.toBe('');
    await provider.step(requestOf([question('Who?'), answered(step), result(id, '{"rows": [[', { cut: true })]), options());
    const parts = (gemini.received[1]?.body as { contents: { parts: Record<string, unknown>[] }[] } | undefined)?.contents.at(-1)?.parts;
    expect(parts).toEqual([{ functionResponse: { name: 'query_metadata', response: { output: '{"rows": [[' } } }]);
  });

  it('offers the real tools', async () => {
    gemini.play(geminiAnswer([[{ text: 'Well.' }]]));
    const tools = (await describeTools()).map(({ name, description, parameters }) => ({ name, description, parameters }));
    await provider.step(requestOf([question('Who?')], tools), options());
    expect(gemini.received[0]?.body).toMatchObject({ tools: [{ functionDeclarations: tools.map(({ name, description }) => ({ name, description, parametersJsonSchema: { type: 'object' } })) }] });
  });

  it('offers no tools when the model must answer', async () => {
    gemini.play(geminiAnswer([[{ text: 'Well.' }]]));
    await provider.step(requestOf([question('Who?')], []), options());
    expect(gemini.received[0]?.body).not.toHaveProperty('tools');
  });
});

describe('an answer that is none', () => {
  it.each(['SAFETY', 'RECITATION', 'PROHIBITED_CONTENT', 'BLOCKLIST', 'SPII'])('%s is blocked, and nothing of it is called', async (reason) => {
    gemini.play(geminiAnswer([[{ text: 'I ' }, CALL]], reason));
    const step = await provider.step(ASK, options());
    expect(step).toMatchObject({ end: 'blocked', text: 'I ', calls: [] });
    expect(step).not.toHaveProperty('native');
  });

  it('a question that is blocked is blocked', async () => {
    gemini.play({ events: [{ promptFeedback: { blockReason: 'PROHIBITED_CONTENT' }, usageMetadata: { promptTokenCount: 3, totalTokenCount: 3 } }] });
    expect(await provider.step(ASK, options())).toMatchObject({ end: 'blocked', text: '', usage: { input: 3, output: 0 } });
  });

  it('a cut one is told as such, and nothing of it is called', async () => {
    gemini.play(geminiAnswer([[{ text: 'It was' }, CALL]], 'MAX_TOKENS'));
    expect(await provider.step(ASK, options())).toMatchObject({ end: 'length', text: 'It was', calls: [] });
  });

  it.each([['STOP', []], ['OTHER', []], ['MALFORMED_FUNCTION_CALL', []], ['STOP', [{ text: '' }]]])('one without words or calls (%s) is asked for again', async (reason, parts) => {
    gemini.play(geminiAnswer([parts], reason));
    await expect(provider.step(ASK, options())).rejects.toMatchObject({ kind: 'Unavailable', facts: { finishReason: reason } });
  });

  it('a stream that breaks off is asked for again, with a reason to end or without', async () => {
    gemini.play({ ...geminiAnswer([[{ text: 'It ' }], [{ text: 'was' }]]), end: 'cut' }, { events: [{ candidates: [{ content: { role: 'model', parts: [{ text: 'It' }] } }] }] });
    await expect(provider.step(ASK, options())).rejects.toMatchObject({ kind: 'Unavailable' });
    await expect(provider.step(ASK, options())).rejects.toMatchObject({ kind: 'Unavailable', message: expect.stringContaining('broke') as string });
  });
});

describe('a failure', () => {
  it('that is too many requests says when to come back, and is not retried here', async () => {
    gemini.play(geminiError(429, 'RESOURCE_EXHAUSTED', 'Quota', [], { 'retry-after': '12' }), geminiError(429, 'RESOURCE_EXHAUSTED', 'Quota', [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34s' }]));
    await expect(provider.step(ASK, options())).rejects.toMatchObject({ kind: 'Unavailable', facts: { status: 429, retryAfter: 12 } });
    await expect(provider.step(ASK, options())).rejects.toMatchObject({ kind: 'Unavailable', facts: { status: 429, retryAfter: 34 } });
    expect(gemini.received).toHaveLength(2);
  });

  it.each([
    [geminiError(503, 'UNAVAILABLE', 'Overloaded'), 'Unavailable'],
    [geminiError(404, 'NOT_FOUND', 'no such model'), 'InvalidInput'],
    [geminiError(400, 'INVALID_ARGUMENT', `API key ${KEY} not valid`, [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID' }]), 'CredentialMissing'],
    [geminiError(403, 'PERMISSION_DENIED', `key ${KEY} is denied`), 'CredentialMissing'],
  ] as const)('%j is %s, and tells no key', async (reply, kind) => {
    gemini.play(reply);
    const error: unknown = await provider.step(ASK, options()).catch((error: unknown) => error);
    expect(error).toMatchObject({ kind });
    expect(JSON.stringify([(error as Error).message, error, (error as Error).stack, String((error as Error).cause)])).not.toContain(KEY);
  });

  it('in the midst of an answer is told by its code', async () => {
    const details = [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '8s' }];
    gemini.play({ events: [{ error: { code: 429, status: 'RESOURCE_EXHAUSTED', message: `Quota of ${KEY}`, details } }] });
    await expect(provider.step(ASK, options())).rejects.toMatchObject({ kind: 'Unavailable', message: 'gemini answered 429: Quota of [key]', facts: { status: 429, retryAfter: 8 } });
  });

  it('of the network is Unavailable and names the address\'s trouble', async () => {
    const gone = await startGemini();
    await gone.close();
    const there = await openProvider({ provider: 'gemini', model: 'm', baseUrl: gone.url, timeout: 5, key: () => KEY });
    await expect(there.step(ASK, options())).rejects.toMatchObject({ kind: 'Unavailable', message: expect.stringContaining('ECONNREFUSED') as string });
  });

  it('without a key asks nobody', async () => {
    await expect((await open(5, '')).step(ASK, options())).rejects.toMatchObject({ kind: 'CredentialMissing', hint: expect.stringContaining('GEMINI_API_KEY') as string });
    expect(gemini.received).toEqual([]);
  });

  it('of being sent elsewhere takes the key nowhere', async () => {
    const elsewhere = await startGemini();
    gemini.play({ status: 307, body: '', headers: { location: `${elsewhere.url}${PATH}` } });
    await expect(provider.step(ASK, options())).rejects.toMatchObject({ kind: 'Unavailable' });
    expect(elsewhere.received).toEqual([]);
    await elsewhere.close();
  });

  it('of patience: a provider that says nothing more is given up', async () => {
    gemini.play({ events: [], end: 'hang' });
    await expect((await open(0.2)).step(ASK, options())).rejects.toMatchObject({ kind: 'Unavailable', message: expect.stringContaining('said nothing for 0.2 s') as string });
  });

  it('by the caller ends the step with the caller\'s reason', async () => {
    gemini.play({ ...geminiAnswer([[{ text: 'Ada' }]]), end: 'hang' });
    const stop = new AbortController();
    const reason = new Error('stopped');
    const step = provider.step(ASK, { signal: stop.signal, onText: () => stop.abort(reason) });
    await expect(step).rejects.toBe(reason);
  });
});

describe('the mappings alone', () => {
  const context = { model: 'm', messages: [], newId: () => 'made' };
  const chunk = (parts: object[], finishReason?: string): Chunk => ({ candidates: [{ content: { parts }, ...(finishReason === undefined ? {} : { finishReason }) }] }) as Chunk;

  it('keep every part as it came, but join the pieces of one text', () => {
    const { native } = fromGemini([chunk([{ text: 'a' }]), chunk([{ text: 'b' }]), chunk([{ text: 'c', thoughtSignature: 'cw==' }]), chunk([{ text: '' }, { text: '', thoughtSignature: 'dA==' }, CALL], 'STOP')], context);
    expect(native).toEqual({ provider: 'gemini', parts: [{ text: 'ab' }, { text: 'c', thoughtSignature: 'cw==' }, { text: '', thoughtSignature: 'dA==' }, CALL] });
  });

  it('take a reason to end that is not known yet for an ordinary one, if something was said', () => {
    expect(fromGemini([chunk([{ text: 'a' }], 'SOMETHING_NEW')], context).end).toBe('stop');
    expect(() => fromGemini([chunk([], 'SOMETHING_NEW')], context)).toThrow(/SOMETHING_NEW/);
  });

  it("tell another provider's answers in Gemini's words, and leave out an empty one", () => {
    const calls = [{ id: 'c', name: 'query_metadata', arguments: 'SELECT' }];
    const { contents } = toGemini(requestOf([question('a'), { role: 'assistant', text: '', calls: [] }, question('b'), { role: 'assistant', text: 'x', calls, native: { provider: 'other', parts: [1] } }, result('c', 'no JSON')]), 'm');
    expect(contents).toEqual([
      { role: 'user', parts: [{ text: 'a' }, { text: 'b' }] },
      { role: 'model', parts: [{ text: 'x' }, { functionCall: { id: 'c', name: 'query_metadata', args: { malformed: 'SELECT' } } }] },
      { role: 'user', parts: [{ functionResponse: { id: 'c', name: 'query_metadata', response: { output: 'no JSON' } } }] },
    ]);
  });

  it('describe tools by the keywords that Gemini documents', () => {
    expect(toGemini(ASK, 'm').config?.tools).toEqual([
      { functionDeclarations: [{ name: 'query_metadata', description: 'Asks the index.', parametersJsonSchema: { type: 'object', properties: { sql: { type: 'string', description: 'A statement' }, limit: { type: 'integer', maximum: 100_000 }, kind: { enum: ['a'] } }, required: ['sql'], additionalProperties: false } }] },
    ]);
  });
});
