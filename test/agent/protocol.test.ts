// The referee of the Gemini tests refuses what Google does not have; the parts that providers share keep their promises.
import { describe, expect, it } from 'vitest';
import { callIds } from '../../agent/providers/call-ids.ts';
import { refusalFailure } from '../../agent/providers/refusals.ts';
import { eventData } from '../../agent/providers/openai/server-sent-events.ts';
import { allOf } from '../reading/backed-up.ts';
import { violations } from './fakes/proto.ts';

const request = (rest: object): object => ({ model: 'models/x', contents: [{ role: 'user', parts: [{ text: 'Who?' }] }], ...rest });
const answer = (candidate: object): object => ({ candidates: [{ content: { role: 'model', parts: [{ text: 'Ada' }] }, finishReason: 'STOP', ...candidate }] });

describe("the walker over Google's protos", () => {
  it('takes a request and an answer of the API', () => {
    const call = { functionCall: { id: 'c1', name: 'query_metadata', args: { sql: 'SELECT 1', limit: null } }, thoughtSignature: 'c2lnbg==' };
    expect(violations('GenerateContentRequest', request({ tools: [{ functionDeclarations: [{ name: 'a', description: 'b', parametersJsonSchema: { type: 'object' } }] }], generationConfig: { temperature: 0.5, stopSequences: ['x'] } }))).toEqual([]);
    expect(violations('GenerateContentResponse', answer({ content: { role: 'model', parts: [call] }, safetyRatings: [{ category: 'HARM_CATEGORY_HARASSMENT', probability: 'LOW' }] }))).toEqual([]);
  });

  it.each([
    ['an unknown field', request({ instructions: 'x' }), 'unknown field instructions'],
    ['an unknown field deep inside', request({ contents: [{ parts: [{ functionCall: { name: 'a', arguments: {} } }] }] }), 'contents[0].parts[0].functionCall: unknown field arguments'],
    ['a number for a text', request({ contents: [{ role: 1, parts: [] }] }), 'contents[0].role: no string'],
    ['one value for a list', request({ contents: { parts: [] } }), 'contents: no list'],
    ['a text for a message', request({ systemInstruction: 'be kind' }), 'systemInstruction: no message Content'],
    ['an unknown value of an enum', request({ toolConfig: { functionCallingConfig: { mode: 'MAYBE' } } }), 'mode: no Mode'],
    ['two of which only one may be', request({ contents: [{ parts: [{ text: 'a', functionCall: { name: 'b' } }] }] }), 'more than one of data'],
    ['a required field that is missing', request({ tools: [{ functionDeclarations: [{ name: 'a' }] }] }), 'required field description'],
    ['a list for a Struct', request({ contents: [{ parts: [{ functionCall: { name: 'b', args: [] } }] }] }), 'args: no google.protobuf.Struct'],
    ['text that is no base64 for bytes', request({ contents: [{ parts: [{ text: 'a', thoughtSignature: 'ä' }] }] }), 'thoughtSignature: no bytes'],
    ['a fraction for a whole number', request({ generationConfig: { maxOutputTokens: 1.5 } }), 'maxOutputTokens: no int32'],
  ])('refuses %s', (_, value, complaint) => expect(violations('GenerateContentRequest', value).join('\n')).toContain(complaint));

  it('refuses an answer whose reason to end Google does not have', () => {
    expect(violations('GenerateContentResponse', answer({ finishReason: 'FUNCTION_CALL' }))).toEqual(['GenerateContentResponse.candidates[0].finishReason: no FinishReason: "FUNCTION_CALL"']);
  });
});

describe('what a refusal means', () => {
  const refusal = (status: number, body: unknown = '', retryAfter: string | null = null) => refusalFailure({ provider: 'p', status, body: typeof body === 'string' ? body : JSON.stringify(body), retryAfter, key: 'sesame-123' });

  it.each([
    [401, {}, 'CredentialMissing'],
    [403, {}, 'CredentialMissing'],
    [400, { error: { message: 'API key not valid', details: [{ reason: 'API_KEY_INVALID' }] } }, 'CredentialMissing'],
    [400, { error: { message: 'too long' } }, 'InvalidInput'],
    [404, { error: 'model not found' }, 'InvalidInput'],
    [408, '', 'Unavailable'],
    [429, '', 'Unavailable'],
    [503, '<html>', 'Unavailable'],
  ])('%i with %j is %s', (status, body, kind) => expect(refusal(status, body)).toMatchObject({ kind, facts: { status } }));

  it.each([
    [{ error: { message: 'the words' } }],
    [{ error: 'the words' }],
    [{ object: 'error', message: 'the words' }],
    [{ detail: 'the words' }],
    ['the words'],
  ])('tells the words of %j', (body) => expect(refusal(400, body).message).toBe('p answered 400: the words'));

  it('tells when to come back: from the header in seconds or as a date, or from the details', () => {
    expect(refusal(429, '', '7').facts['retryAfter']).toBe(7);
    expect(refusal(429, '', new Date(Date.now() + 60_000).toUTCString()).facts['retryAfter']).toBeOneOf([59, 60, 61]);
    expect(refusal(429, { error: { details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34.2s' }] } }).facts['retryAfter']).toBe(35);
    expect(refusal(429, '', 'soon').facts).not.toHaveProperty('retryAfter');
  });

  it('never tells the key, also where the provider repeats it', () => {
    for (const status of [400, 401, 429, 500]) expect(JSON.stringify(refusal(status, { error: { message: `wrong key sesame-123, yes sesame-123` } }).report())).not.toContain('sesame');
  });
});

describe('server-sent events', () => {
  const events = (...pieces: string[]): Promise<string[]> => allOf(eventData((async function* () { yield* pieces.map((piece) => Buffer.from(piece, 'latin1')); })()));

  it('come whole, however the bytes are cut', async () => {
    expect(await events('da', 'ta: {"a"', ':1}\r', '\n\r\nda', 'ta:two\n', '\n')).toEqual(['{"a":1}', 'two']);
    expect(await events('data: \xc3', '\xa9\n\n')).toEqual(['é']);
  });

  it('may have several lines, comments, other fields and no end', async () => {
    expect(await events(': ping\n\nevent: x\ndata: a\ndata: b\n\ndata: c')).toEqual(['a\nb', 'c']);
    expect(await events('data: a\r\rdata: b\r\r')).toEqual(['a', 'b']);
  });
});

describe('ids of calls', () => {
  it('are the provider\'s where they are new, and made where they are not', () => {
    let made = 0;
    const idFor = callIds([{ role: 'assistant', text: '', calls: [{ id: 'call_0', name: 'a', arguments: {} }] }], () => `made-${++made}`);
    expect([idFor('call_0'), idFor('call_1'), idFor('call_1'), idFor(undefined), idFor('')]).toEqual(['made-1', 'call_1', 'made-2', 'made-3', 'made-4']);
  });
});
