// Which embedder makes the vectors: table [embeddings] of config.toml and the variables that providers' own tools know.
import { z } from 'zod';
import { PivoError } from '../../contract/failures.ts';

const EmbedderName = z.enum(['hashed', 'gemini', 'openai']);
type EmbedderName = z.infer<typeof EmbedderName>;

/** Table `[embeddings]` of config.toml. Keys are never in it: they come from the environment. */
export const EmbeddingsTable = z.strictObject({
  /** `hashed` needs no service; `gemini`; `openai` for any server of that protocol. A service is sent what is embedded: texts of logs and questions, without the secrets that PIVO knows. */
  provider: EmbedderName.optional(),
  /** The model, by the provider's name for it. */
  model: z.string().min(1).max(200).optional(),
  /** Where the provider is, without the path of a call: `http://127.0.0.1:11434/v1`. */
  baseUrl: z.string().min(1).optional(),
  /** Numbers of one vector, where the model offers a choice or is not the default one. */
  dimensions: z.number().int().min(8).max(4_096).optional(),
  /** Seconds after which a call is given up. */
  timeout: z.number().positive().max(600).default(30),
});
export type EmbeddingsTable = z.output<typeof EmbeddingsTable>;

export interface EmbeddingSettings {
  provider: EmbedderName;
  /** Empty for `hashed`. */
  model: string;
  baseUrl: string;
  dimensions: number;
  /** Somebody named the dimensions, so that the provider is told them. */
  dimensionsChosen: boolean;
  /** Seconds. */
  timeout: number;
  /** The secret is no property: it cannot be printed by accident. */
  key(): string | undefined;
}

const DEFAULTS: Record<EmbedderName, { model: string; baseUrl: string; dimensions: number }> = {
  hashed: { model: '', baseUrl: '', dimensions: 384 },
  gemini: { model: 'gemini-embedding-001', baseUrl: 'https://generativelanguage.googleapis.com', dimensions: 768 },
  openai: { model: 'text-embedding-3-small', baseUrl: 'https://api.openai.com/v1', dimensions: 1536 },
};

/** What is active where nothing is configured. */
export const HASHED_SETTINGS: EmbeddingSettings = { provider: 'hashed', ...DEFAULTS.hashed, dimensionsChosen: false, timeout: 30, key: () => undefined };

/**
 * The settings of the table and of PIVO_EMBEDDINGS, PIVO_EMBEDDINGS_MODEL, GEMINI_API_KEY or GOOGLE_API_KEY, GOOGLE_GEMINI_BASE_URL, OPENAI_API_KEY
 * and OPENAI_BASE_URL; the environment goes before the table. A key alone never makes a service the embedder: it would be sent logs unasked.
 * Fails with InvalidInput that names the wrong setting and never shows an address, which may hold a secret.
 */
export function embeddingSettings(table: EmbeddingsTable, env: Readonly<Record<string, string | undefined>>): EmbeddingSettings {
  const provider = providerOf(env['PIVO_EMBEDDINGS']) ?? table.provider ?? 'hashed';
  if (provider === 'hashed') return HASHED_SETTINGS;
  const own: Partial<EmbeddingsTable> = table.provider === undefined || table.provider === provider ? table : {};
  const key = (provider === 'gemini' ? env['GEMINI_API_KEY'] || env['GOOGLE_API_KEY'] : env['OPENAI_API_KEY']) || undefined;
  const url = provider === 'gemini' ? env['GOOGLE_GEMINI_BASE_URL'] : env['OPENAI_BASE_URL'];
  return {
    provider,
    model: env['PIVO_EMBEDDINGS_MODEL'] || (own.model ?? DEFAULTS[provider].model),
    baseUrl: checkedUrl(url || (own.baseUrl ?? DEFAULTS[provider].baseUrl)),
    dimensions: own.dimensions ?? DEFAULTS[provider].dimensions,
    dimensionsChosen: own.dimensions !== undefined,
    timeout: table.timeout,
    key: () => key,
  };
}

function providerOf(name: string | undefined): EmbedderName | undefined {
  if (name === undefined || name === '') return undefined;
  const known = EmbedderName.safeParse(name);
  if (known.success) return known.data;
  throw new PivoError('InvalidInput', `PIVO_EMBEDDINGS names no embedder: "${name.slice(0, 40)}"`, { hint: `It is one of ${EmbedderName.options.join(', ')}.` });
}

function checkedUrl(text: string): string {
  const url = URL.parse(text);
  const plain = url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '' && url.search === '' && url.hash === '';
  if (!plain) throw new PivoError('InvalidInput', 'the address of the embeddings provider is no plain http or https URL', { hint: 'Write embeddings.baseUrl (or OPENAI_BASE_URL, GOOGLE_GEMINI_BASE_URL) without user, password or query; the key is a variable of its own.' });
  return text.replace(/\/+$/, '');
}
