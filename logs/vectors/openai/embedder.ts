// Any server of OpenAI's embeddings protocol as an embedder.
import { z } from 'zod';
import { PivoError } from '../../../contract/failures.ts';
import { askForVectors, checkedVectors, keyMissing } from '../asking.ts';
import type { Embedder } from '../embedder.ts';
import type { EmbeddingSettings } from '../settings.ts';

const Answer = z.object({ data: z.array(z.object({ index: z.number().int().nonnegative(), embedding: z.array(z.number()) })) });

/** Asks `{baseUrl}/embeddings`. A key is sent where there is one; OpenAI itself is not asked without. */
export function openaiEmbedder(settings: EmbeddingSettings): Embedder {
  const { model, baseUrl, dimensions, dimensionsChosen } = settings;
  return {
    name: `openai ${model} ${dimensions}`,
    dimensions,
    async embed(texts, signal) {
      const key = settings.key();
      if (key === undefined && new URL(baseUrl).hostname === 'api.openai.com') throw keyMissing('openai', 'OPENAI_API_KEY');
      const body = { model, input: texts, encoding_format: 'float', ...(dimensionsChosen ? { dimensions } : {}) };
      const answer = Answer.safeParse(await askForVectors(settings, { url: `${baseUrl}/embeddings`, headers: key === undefined ? {} : { authorization: `Bearer ${key}` }, body }, signal));
      if (!answer.success) throw new PivoError('Unavailable', 'the embeddings provider openai answered no embeddings', { hint: 'Check that embeddings.baseUrl is the address of the embeddings protocol.' });
      const vectors = answer.data.data.toSorted((a, b) => a.index - b.index).map(({ embedding }) => embedding);
      return checkedVectors(settings, vectors, texts.length);
    },
  };
}
