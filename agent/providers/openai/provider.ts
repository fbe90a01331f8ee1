// Any server of the chat completions protocol as a model provider: the transport between the two mappings.
import { randomUUID } from 'node:crypto';
import { PivoError } from '../../../contract/failures.ts';
import type { ModelProvider, StepOptions } from '../../model.ts';
import type { ModelSettings } from '../../settings.ts';
import { ask, refusingFetch, type Asked, type Asking } from '../asking.ts';
import { keyMissing, refusalFailure } from '../refusals.ts';
import { ChatChunk, fromChat, spokenText } from './answer.ts';
import { toChat, type ChatRequest } from './request.ts';
import { eventData } from './server-sent-events.ts';

/** Asks `{baseUrl}/chat/completions` once a step. A key is sent where there is one; OpenAI itself is not asked without. */
export function openaiProvider(settings: ModelSettings): ModelProvider {
  const { model, baseUrl, timeout } = settings;
  return {
    name: 'openai',
    model,
    async step(request, options) {
      const key = settings.key();
      if (key === undefined && new URL(baseUrl).hostname === 'api.openai.com') throw keyMissing('openai', 'OPENAI_API_KEY');
      const asked = { provider: 'openai', timeout, key };
      const chunks = await ask(asked, options.signal, (asking) => stream(`${baseUrl}/chat/completions`, toChat(request, model), { ...asked, ...asking, onText: options.onText }));
      return fromChat(chunks, { model, messages: request.messages, newId: randomUUID });
    },
  };
}

async function stream(url: string, request: ChatRequest, { signal, heard, onText, ...asked }: Asked & Asking & Pick<StepOptions, 'onText'>): Promise<ChatChunk[]> {
  const headers = { 'content-type': 'application/json', accept: 'text/event-stream', ...(asked.key === undefined ? {} : { authorization: `Bearer ${asked.key}` }) };
  const response = await refusingFetch(asked)(url, { method: 'POST', headers, body: JSON.stringify(request), signal });
  const chunks: ChatChunk[] = [];
  for await (const data of dataOf(response)) {
    heard();
    if (data.trim() === '[DONE]') break;
    const chunk = chunkOf(data, asked);
    chunks.push(chunk);
    const text = spokenText(chunk);
    if (text !== '') onText(text);
  }
  return chunks;
}

/** A server that does not stream answers with one JSON. */
async function* dataOf(response: Response): AsyncGenerator<string> {
  if (response.headers.get('content-type')?.startsWith('application/json') === true) yield await response.text();
  else if (response.body !== null) yield* eventData(response.body);
}

/** One piece. Fails with Unavailable when it is none, or when the server tells an error in the midst of its answer. */
function chunkOf(data: string, { provider, key }: Asked): ChatChunk {
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    throw new PivoError('Unavailable', `${provider} sent a piece that is no JSON`, { hint: 'Check that llm.baseUrl is the address of the chat completions protocol.' });
  }
  if (typeof value === 'object' && value !== null && 'error' in value) throw refusalFailure({ provider, status: 500, body: data, retryAfter: null, key });
  const chunk = ChatChunk.safeParse(value);
  if (chunk.success) return chunk.data;
  throw new PivoError('Unavailable', `${provider} sent a piece of another shape: ${chunk.error.issues[0]?.path.join('.') ?? ''}`, { hint: 'Check that llm.baseUrl is the address of the chat completions protocol.' });
}
