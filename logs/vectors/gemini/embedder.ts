// Google's Gemini as an embedder: `models.batchEmbedContents` of its REST interface.
import { z } from 'zod';
import { PivoError } from '../../../contract/failures.ts';
import { askForVectors, checkedVectors, keyMissing } from '../asking.ts';
import type { Embedder } from '../embedder.ts';
import type { EmbeddingSettings } from '../settings.ts';

const Answer = z.object({ embeddings: z.array(z.object({ values: z.array(z.number()) })) });

/** Texts of one call; the service takes no more. */
const MOST_TEXTS = 100;

/** Asks `{baseUrl}/v1beta/models/{model}:batchEmbedContents`. */
export function geminiEmbedder(settings: EmbeddingSettings): Embedder {
  const { model, baseUrl, dimensions } = settings;
  const embed = async (texts: readonly string[], signal: AbortSignal): Promise<Float32Array[]> => {
    const key = settings.key();
    if (key === undefined) throw keyMissing('gemini', 'GEMINI_API_KEY');
    const requests = texts.map((text) => ({ model: `models/${model}`, content: { parts: [{ text }] }, taskType: 'SEMANTIC_SIMILARITY', outputDimensionality: dimensions }));
    const answer = Answer.safeParse(await askForVectors(settings, { url: `${baseUrl}/v1beta/models/${encodeURIComponent(model)}:batchEmbedContents`, headers: { 'x-goog-api-key': key }, body: { requests } }, signal));
    if (!answer.success) throw new PivoError('Unavailable', 'the embeddings provider gemini answered no embeddings');
    return checkedVectors(settings, answer.data.embeddings.map(({ values }) => values), texts.length);
  };
  return {
    name: `gemini ${model} ${dimensions}`,
    dimensions,
    async embed(texts, signal) {
      const vectors: Float32Array[] = [];
      for (let at = 0; at < texts.length; at += MOST_TEXTS) vectors.push(...(await embed(texts.slice(at, at + MOST_TEXTS), signal)));
      return vectors;
    },
  };
}
