// Opens the embedder that the settings name; the code of the others is not loaded.
import type { Embedder } from './embedder.ts';
import { hashedEmbedder } from './hashed/embedder.ts';
import type { EmbeddingSettings } from './settings.ts';

const LOADERS: Record<EmbeddingSettings['provider'], (settings: EmbeddingSettings) => Promise<Embedder>> = {
  hashed: () => Promise.resolve(hashedEmbedder),
  gemini: async (settings) => (await import('./gemini/embedder.ts')).geminiEmbedder(settings),
  openai: async (settings) => (await import('./openai/embedder.ts')).openaiEmbedder(settings),
};

/** Asks nobody yet: a missing key is a failure of the first text. */
export const openEmbedder = (settings: EmbeddingSettings): Promise<Embedder> => LOADERS[settings.provider](settings);
