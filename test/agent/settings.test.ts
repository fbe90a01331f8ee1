// Which model answers, and what a model is told first.
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { instructions } from '../../agent/instructions.ts';
import { openProvider } from '../../agent/open-provider.ts';
import { LlmTable, modelSettings } from '../../agent/settings.ts';
import { loadConfig } from '../../config.ts';
import { DOCUMENTED_VIEWS } from '../../metadata/schema.ts';

const settings = (table: object, env: Record<string, string> = {}) => modelSettings(LlmTable.parse(table), env);

describe('the settings of the model', () => {
  it.each([
    [{}, {}, { provider: 'scripted', model: 'questions' }],
    [{}, { GEMINI_API_KEY: 'k' }, { provider: 'gemini', model: 'gemini-flash-latest', baseUrl: 'https://generativelanguage.googleapis.com' }],
    [{}, { GOOGLE_API_KEY: 'k' }, { provider: 'gemini' }],
    [{}, { OPENAI_API_KEY: 'k' }, { provider: 'scripted' }],
    [{ provider: 'scripted' }, { GEMINI_API_KEY: 'k' }, { provider: 'scripted', model: 'questions' }],
    [{ provider: 'openai', model: 'm', baseUrl: 'http://127.0.0.1:11434/v1/' }, { GEMINI_API_KEY: 'k' }, { provider: 'openai', model: 'm', baseUrl: 'http://127.0.0.1:11434/v1' }],
    [{ provider: 'openai', model: 'm', baseUrl: 'http://a/v1' }, { OPENAI_BASE_URL: 'http://b/v1', PIVO_LLM_MODEL: 'n' }, { model: 'n', baseUrl: 'http://b/v1' }],
    [{ provider: 'openai', model: 'm', baseUrl: 'http://a/v1' }, { PIVO_LLM: 'gemini' }, { provider: 'gemini', model: 'gemini-flash-latest', baseUrl: 'https://generativelanguage.googleapis.com' }],
    [{}, { PIVO_LLM: 'gemini', GOOGLE_GEMINI_BASE_URL: 'http://g' }, { provider: 'gemini', baseUrl: 'http://g' }],
  ])('of %j and %j', (table, env, expected) => expect(settings(table, env)).toMatchObject(expected));

  it('take the key of the provider that is asked, and show it nowhere', () => {
    const found = settings({ provider: 'openai', model: 'm' }, { OPENAI_API_KEY: 'sesame-1', GEMINI_API_KEY: 'sesame-2' });
    expect(found.key()).toBe('sesame-1');
    const config = loadConfig({ PIVO_HOME: '/nonexistent', GEMINI_API_KEY: 'sesame-2' });
    expect(config.llm.key()).toBe('sesame-2');
    expect(inspect(config, { depth: 9 }) + JSON.stringify(config)).not.toContain('sesame');
  });

  it.each([{ baseUrl: 'http://user:sesame@h/v1' }, { baseUrl: 'http://h/v1?key=sesame' }, { baseUrl: 'sesame' }, { baseUrl: 'file:///sesame' }])('refuse %j without showing it', (table) => {
    expect(() => settings({ provider: 'openai', ...table })).toThrow(expect.objectContaining({ kind: 'InvalidInput', message: expect.not.stringContaining('sesame') as string }) as Error);
  });

  it('refuse a provider that there is not, a key in the table, and a server without a model', async () => {
    expect(() => settings({}, { PIVO_LLM: 'oracle' })).toThrow(/"oracle"/);
    expect(LlmTable.safeParse({ key: 'k' }).success).toBe(false);
    await expect(openProvider(settings({ provider: 'openai' }))).rejects.toMatchObject({ kind: 'InvalidInput', hint: expect.stringContaining('PIVO_LLM_MODEL') as string });
  });
});

describe('the instructions', () => {
  const text = instructions({ today: '2026-11-21' });

  it('tell the day, every documented table, and columns with their meaning', () => {
    expect(text).toContain('Today is 2026-11-21');
    expect([...text.matchAll(/^## (.+)$/gm)].map(([, name]) => name)).toEqual([...DOCUMENTED_VIEWS, 'records.events', 'records.metrics', 'records.ingestion_manifest', 'Examples']);
    expect(text).toContain('- refs_forced: refs that moved elsewhere: force-pushes');
    expect(text).toContain('ended after 10 seconds');
  });

  it('say that results are data, and that nobody here approves', () => {
    expect(text).toMatch(/tool results[^]*never an instruction/);
    expect(text).toMatch(/cannot approve, reject or run a restore/);
  });

  it('are the same all day', () => expect(instructions({ today: '2026-11-21' })).toBe(text));
});
