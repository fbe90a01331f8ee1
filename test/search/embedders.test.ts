// Embedders: the settings that choose one, the default one, and the services against their protocols.
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../config.ts';
import type { Embedder } from '../../logs/vectors/embedder.ts';
import { hashedVector } from '../../logs/vectors/hashed/embedder.ts';
import { openEmbedder } from '../../logs/vectors/open.ts';
import { EmbeddingsTable, embeddingSettings } from '../../logs/vectors/settings.ts';
import { startEmbeddings, type EmbeddingServer } from './embedding-server.ts';

/** Of the first numbers that are not 0. */
const PLACES = [14, 23, 44, 47, 50, 52, 63, 73];

const signal = new AbortController().signal;
const settings = (table: object, env: Record<string, string> = {}) => embeddingSettings(EmbeddingsTable.parse(table), env);
const similarity = (a: string, b: string): number => hashedVector(a).reduce((sum, each, at) => sum + each * (hashedVector(b)[at] ?? 0), 0);

describe('the settings of embeddings', () => {
  it.each([
    [{}, {}, { provider: 'hashed', dimensions: 384 }],
    [{}, { GEMINI_API_KEY: 'k', OPENAI_API_KEY: 'k' }, { provider: 'hashed' }],
    [{ provider: 'gemini' }, {}, { provider: 'gemini', model: 'gemini-embedding-001', dimensions: 768, baseUrl: 'https://generativelanguage.googleapis.com' }],
    [{ provider: 'openai', model: 'm', baseUrl: 'http://127.0.0.1:11434/v1/', dimensions: 768 }, {}, { provider: 'openai', model: 'm', baseUrl: 'http://127.0.0.1:11434/v1', dimensions: 768, dimensionsChosen: true }],
    [{ provider: 'openai', model: 'm' }, { PIVO_EMBEDDINGS: 'gemini' }, { provider: 'gemini', model: 'gemini-embedding-001' }],
    [{ provider: 'openai' }, { OPENAI_BASE_URL: 'http://b/v1', PIVO_EMBEDDINGS_MODEL: 'n' }, { baseUrl: 'http://b/v1', model: 'n' }],
  ])('of %j and %j', (table, env, expected) => expect(settings(table, env)).toMatchObject(expected));

  it('take the key from the environment, and show it nowhere', () => {
    const config = loadConfig({ PIVO_HOME: '/nonexistent', PIVO_EMBEDDINGS: 'openai', OPENAI_API_KEY: 'sesame' });
    expect(config.embeddings.key()).toBe('sesame');
    expect(inspect(config, { depth: 9 }) + JSON.stringify(config)).not.toContain('sesame');
    expect(EmbeddingsTable.safeParse({ key: 'k' }).success).toBe(false);
  });

  it('refuse an embedder that there is not, and an address that holds a secret, without showing it', () => {
    expect(() => settings({}, { PIVO_EMBEDDINGS: 'oracle' })).toThrow(/"oracle"/);
    expect(() => settings({ provider: 'openai', baseUrl: 'http://u:sesame@h/v1' })).toThrow(expect.objectContaining({ kind: 'InvalidInput', message: expect.not.stringContaining('sesame') as string }) as Error);
  });
});

describe('hashed vectors', () => {
  it('have length 1, and are the same for the same text wherever they are made', () => {
    const vector = hashedVector('Lost executor 3 on host-7: Container killed by YARN');
    expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
    expect([...vector].flatMap((each, at) => (each === 0 ? [] : [at])).slice(0, 8)).toEqual(PLACES); // another hashing needs another name: stored vectors are compared with new ones
    expect(hashedVector('42 ... 17')).toEqual(new Float32Array(384));
  });

  it('lie nearer for forms of the same words and names than for others, whatever the numbers are', () => {
    const text = 'Failed to connect to datanode 10.0.0.7:9866';
    expect(similarity(text, 'Failed to connect to datanode 10.0.0.9:1234')).toBeCloseTo(1, 5);
    expect(similarity(text, 'connection to the DataNode failed')).toBeGreaterThan(similarity(text, 'Starting job: count at job.py') + 0.2);
  });
});

describe('an embeddings service', () => {
  let server: EmbeddingServer;
  beforeAll(async () => {
    server = await startEmbeddings(64);
  });
  afterEach(() => {
    expect(server.wrong).toEqual([]);
    server.status = 200;
  });
  afterAll(() => server.close());

  const open = (provider: 'gemini' | 'openai', dimensions = 64, key: string | undefined = 'sesame'): Promise<Embedder> =>
    openEmbedder({ ...settings({ provider, model: 'm', dimensions, baseUrl: provider === 'openai' ? `${server.url}/v1` : server.url }), key: () => key });

  it.each(['gemini', 'openai'] as const)('of the protocol of %s makes a vector of length 1 for each text, in order, with the key in its header', async (provider) => {
    const embedder = await open(provider);
    const vectors = await embedder.embed(['disk full', 'no space left'], signal);
    expect(vectors.map((vector) => vector.length)).toEqual([64, 64]);
    expect(vectors.every((vector) => Math.abs(Math.hypot(...vector) - 1) < 1e-5)).toBe(true);
    const [expected] = [hashedVector('disk full').slice(0, 64)];
    const scale = Math.hypot(...expected);
    expect(vectors[0]?.[5]).toBeCloseTo((expected[5] ?? 0) / scale, 5);
    expect(server.keys.at(-1)).toBe('sesame');
    expect(embedder.name).toBe(`${provider} m 64`);
  });

  it('of Gemini is asked in pieces that it takes', async () => {
    server.calls.length = 0;
    expect(await (await open('gemini')).embed(Array.from({ length: 230 }, (_, at) => `word${at}`), signal)).toHaveLength(230);
    expect(server.calls.map(({ length }) => length)).toEqual([100, 100, 30]);
  });

  it.each(['gemini', 'openai'] as const)('of %s that refuses, is down or answers other vectors is told as that, without the key', async (provider) => {
    for (const [status, kind] of [[401, 'CredentialMissing'], [429, 'Unavailable'], [503, 'Unavailable'], [404, 'InvalidInput']] as const) {
      server.status = status;
      await expect((await open(provider)).embed(['a'], signal)).rejects.toMatchObject({ kind, message: expect.not.stringContaining('sesame') as string });
    }
    server.status = 200;
    await expect((await open(provider, 32)).embed(['a'], signal)).rejects.toMatchObject({ kind: 'InvalidInput', hint: 'Set embeddings.dimensions to 64.' });
  });

  it('without a key is not asked where it needs one', async () => {
    await expect((await open('gemini', 64, '')).embed(['a'], AbortSignal.abort())).rejects.toBeDefined();
    const missing = await openEmbedder({ ...settings({ provider: 'gemini' }), key: () => undefined });
    await expect(missing.embed(['a'], signal)).rejects.toMatchObject({ kind: 'CredentialMissing', hint: expect.stringContaining('GEMINI_API_KEY') as string });
    const openai = await openEmbedder(settings({ provider: 'openai' }));
    await expect(openai.embed(['a'], signal)).rejects.toMatchObject({ kind: 'CredentialMissing' });
  });
});
