// Opens the model provider that the settings name; the code of the others is not loaded.
import { PivoError } from '../contract/failures.ts';
import type { ModelProvider } from './model.ts';
import type { ModelSettings } from './settings.ts';

const LOADERS: Record<ModelSettings['provider'], (settings: ModelSettings) => Promise<ModelProvider>> = {
  gemini: async (settings) => (await import('./providers/gemini/provider.ts')).geminiProvider(settings),
  openai: async (settings) => (await import('./providers/openai/provider.ts')).openaiProvider(settings),
  scripted: async () => (await import('./providers/scripted/provider.ts')).scriptedProvider(),
};

/** Asks nobody yet: a missing key is a failure of the first step. Fails with InvalidInput when no model is named and the provider has no default. */
export async function openProvider(settings: ModelSettings): Promise<ModelProvider> {
  if (settings.model === '') throw new PivoError('InvalidInput', `no model is named for the provider ${settings.provider}`, { hint: 'Set llm.model in config.toml, or PIVO_LLM_MODEL.' });
  return LOADERS[settings.provider](settings);
}
