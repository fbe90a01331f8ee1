// Gemini as a model provider: the transport between the two mappings.
import { randomUUID } from 'node:crypto';
import { ApiError, GoogleGenAI } from '@google/genai';
import type { ModelProvider, StepOptions } from '../../model.ts';
import type { ModelSettings } from '../../settings.ts';
import { ask, refusingFetch, type Asking } from '../asking.ts';
import { keyMissing, refusalFailure } from '../refusals.ts';
import { fromGemini, spokenText, type Chunk } from './answer.ts';
import { toGemini } from './request.ts';

/** The SDK retries nothing: Temporal does. Everything that it would read from the environment is said here. */
export function geminiProvider(settings: ModelSettings): ModelProvider {
  const { model, baseUrl, timeout } = settings;
  return {
    name: 'gemini',
    model,
    async step(request, options) {
      const key = settings.key();
      if (key === undefined || key === '') throw keyMissing('gemini', 'GEMINI_API_KEY');
      const asked = { provider: 'gemini', timeout, key };
      const client = new GoogleGenAI({ apiKey: key, vertexai: false, httpOptions: { apiVersion: 'v1beta', baseUrl, fetch: refusingFetch(asked) } });
      const chunks = await ask(asked, options.signal, (asking) => stream(client, toGemini(request, model), { ...asking, onText: options.onText, key }));
      return fromGemini(chunks, { model, messages: request.messages, newId: randomUUID });
    },
  };
}

async function stream(client: GoogleGenAI, request: ReturnType<typeof toGemini>, { signal, heard, onText, key }: Asking & Pick<StepOptions, 'onText'> & { key: string }): Promise<Chunk[]> {
  const chunks: Chunk[] = [];
  try {
    for await (const chunk of await client.models.generateContentStream({ ...request, config: { ...request.config, abortSignal: signal } })) {
      heard();
      chunks.push(chunk);
      const text = spokenText(chunk);
      if (text !== '') onText(text);
    }
  } catch (error) {
    if (error instanceof ApiError) throw refusalFailure({ provider: 'gemini', status: error.status, body: error.message.replace(/^[^{]*/, ''), retryAfter: null, key });
    throw error;
  }
  return chunks;
}
