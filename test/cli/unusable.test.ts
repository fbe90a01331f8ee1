// `status`, `down` and `doctor` with settings that nothing else works with: who looks or ends is told what is wrong, and gets an answer.
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Check } from '../../stack/doctor.ts';
import { makeHome, pivo } from './run-pivo.ts';

let home = '';
let remove: () => Promise<void>;
beforeAll(async () => {
  ({ home, remove } = await makeHome());
});
afterAll(() => remove());

const containing = (text: string): unknown => expect.stringContaining(text);

describe.each([
  { what: 'engines that are down', env: { PIVO_ENGINES: '1' }, part: 'Engines', said: 'PIVO is told to use the engines of', advice: 'npm run engines -- up', code: 69 },
  { what: 'no model provider', env: { PIVO_LLM: 'oracle' }, part: 'Model', said: 'PIVO_LLM names no provider: "oracle"', advice: 'It is one of scripted, gemini, openai.', code: 2 },
  { what: 'an address of the model that may hold a secret', env: { PIVO_LLM: 'openai', OPENAI_BASE_URL: 'https://ada:sesame@models.example' }, part: 'Model', said: 'the address of the model provider is no plain http or https URL', advice: 'without user, password or query', code: 2 },
])('$what', ({ env, part, said, advice, code }) => {
  it('status and down answer, with a warning and what to do', async () => {
    const warned = { code: 0, stderr: containing(`warning: ${said}`) };
    const status = await pivo(['status'], { home, env });
    expect(status).toMatchObject({ ...warned, stdout: containing('PIVO is down') });
    expect(status.stderr).toContain(advice);
    expect(await pivo(['down'], { home, env })).toMatchObject({ ...warned, stdout: containing('PIVO was not running') });
  });

  it('doctor names it first among its checks', async () => {
    const { code, stdout, stderr } = await pivo(['doctor', '--json'], { home, env });
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    const { healthy, checks } = JSON.parse(stdout) as { healthy: boolean; checks: Check[] };
    expect({ healthy, first: checks[0], all: checks.map(({ name }) => name) }).toMatchObject({
      healthy: false,
      first: { name: part, state: 'wrong', found: containing(said), advice: containing(advice) },
      all: expect.arrayContaining(['Node', 'git', 'Home', 'Store', 'Processes', 'Orphans']) as unknown,
    });
    expect(stdout).not.toContain('sesame');
  });

  it('whatever else is asked fails', async () => {
    expect(await pivo(['repos'], { home, env })).toMatchObject({ code, stderr: containing(said) });
  });
});

it('both at once are both told', async () => {
  const { stdout } = await pivo(['doctor', '--json'], { home, env: { PIVO_ENGINES: '1', PIVO_LLM: 'oracle' } });
  expect((JSON.parse(stdout) as { checks: Check[] }).checks.slice(0, 2).map(({ name }) => name)).toEqual(['Engines', 'Model']);
});

it('a configuration that cannot be read at all still fails, since nobody knows what is looked at', async () => {
  const file = join(home, 'config.toml');
  await writeFile(file, 'store = [');
  expect(await pivo(['status'], { home })).toMatchObject({ code: 2, stderr: containing(file) });
  await rm(file);
});
