// Which model answers: table [llm] of config.toml and the variables that providers' own tools know.
import { z } from 'zod';
import { PivoError } from '../contract/failures.ts';

const ProviderName = z.enum(['scripted', 'gemini', 'openai']);
type ProviderName = z.infer<typeof ProviderName>;

/** Table `[llm]` of config.toml. Keys are never in it: they come from the environment. */
export const LlmTable = z.strictObject({
  /** `gemini`; `openai` for any server of that protocol (Ollama, NIM, vLLM); `scripted` needs no model. Default: `gemini` when there is a key for it, else `scripted`. */
  provider: ProviderName.optional(),
  /** The model, by the provider's name for it. */
  model: z.string().min(1).max(200).optional(),
  /** Where the provider is, without the path of a call: `http://127.0.0.1:11434/v1`. */
  baseUrl: z.string().min(1).optional(),
  /** Seconds without a word of the provider after which a step is given up. */
  timeout: z.number().positive().max(3600).default(120),
});
export type LlmTable = z.output<typeof LlmTable>;

export interface ModelSettings {
  provider: ProviderName;
  /** Empty where nothing is said and the provider has no default. */
  model: string;
  baseUrl: string;
  /** Seconds. */
  timeout: number;
  /** The secret is no property: it cannot be printed by accident. */
  key(): string | undefined;
}

const DEFAULTS: Record<ProviderName, { model: string; baseUrl: string }> = {
  scripted: { model: 'questions', baseUrl: '' },
  gemini: { model: 'gemini-flash-latest', baseUrl: 'https://generativelanguage.googleapis.com' },
  openai: { model: '', baseUrl: 'https://api.openai.com/v1' },
};

/**
 * The settings of the table and of PIVO_LLM, PIVO_LLM_MODEL, GEMINI_API_KEY or GOOGLE_API_KEY, GOOGLE_GEMINI_BASE_URL, OPENAI_API_KEY and OPENAI_BASE_URL;
 * the environment goes before the table. A model and an address in the table belong to the provider that the table names.
 * Fails with InvalidInput that names the wrong setting and never shows an address, which may hold a secret.
 */
export function modelSettings(table: LlmTable, env: Readonly<Record<string, string | undefined>>): ModelSettings {
  const keys: Record<ProviderName, string | undefined> = { scripted: undefined, gemini: env['GEMINI_API_KEY'] || env['GOOGLE_API_KEY'] || undefined, openai: env['OPENAI_API_KEY'] || undefined };
  const urls: Record<ProviderName, string | undefined> = { scripted: undefined, gemini: env['GOOGLE_GEMINI_BASE_URL'], openai: env['OPENAI_BASE_URL'] };
  const provider = providerOf(env['PIVO_LLM']) ?? table.provider ?? (keys.gemini === undefined ? 'scripted' : 'gemini');
  const own: Partial<LlmTable> = table.provider === undefined || table.provider === provider ? table : {};
  return {
    provider,
    model: (provider === 'scripted' ? undefined : env['PIVO_LLM_MODEL'] || own.model) ?? DEFAULTS[provider].model,
    baseUrl: provider === 'scripted' ? '' : checkedUrl(urls[provider] || (own.baseUrl ?? DEFAULTS[provider].baseUrl)),
    timeout: table.timeout,
    key: () => keys[provider],
  };
}

function providerOf(name: string | undefined): ProviderName | undefined {
  if (name === undefined || name === '') return undefined;
  const known = ProviderName.safeParse(name);
  if (known.success) return known.data;
  throw new PivoError('InvalidInput', `PIVO_LLM names no provider: "${name.slice(0, 40)}"`, { hint: `It is one of ${ProviderName.options.join(', ')}.` });
}

function checkedUrl(text: string): string {
  const url = URL.parse(text);
  const plain = url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '' && url.search === '' && url.hash === '';
  if (!plain) throw new PivoError('InvalidInput', 'the address of the model provider is no plain http or https URL', { hint: 'Write llm.baseUrl (or OPENAI_BASE_URL, GOOGLE_GEMINI_BASE_URL) without user, password or query; the key is a variable of its own.' });
  return text.replace(/\/+$/, '');
}
