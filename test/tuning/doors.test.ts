// The doors: an event log as the body of a request, the command line, a question to the agent without a model.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { QUESTIONS } from '../../agent/providers/scripted/answer.ts';
import type { ExplainedReport } from '../../contract/tuning.ts';
import { bearer, serve, type Served } from '../server/served.ts';
import { fixturePath } from './reports.ts';

const CLI = fileURLToPath(new URL('../../apps/cli/main.ts', import.meta.url));

let home: string;
let served: Served;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'pivo-tuning-doors-'));
  served = await serve({});
});
afterAll(async () => {
  await served.close();
  await rm(home, { recursive: true, force: true });
});

const post = (body: NonNullable<RequestInit['body']>, type: string, role: 'reader' | 'owner' = 'reader'): Promise<Response> => fetch(`${served.url}/api/v1/optimize-resources`, { method: 'POST', body, headers: { ...bearer(role), 'content-type': type } });

it('takes the log as the body, compressed or not', async () => {
  const answer = await post(await readFile(fixturePath('spilling')), 'application/zstd');
  expect(answer.status).toBe(200);
  expect((await answer.json()) as ExplainedReport).toMatchObject({ findings: [{ rule: 'spill' }], writtenBy: 'pivo' });
  expect((await post('no log', 'application/x-ndjson')).status).toBe(400);
});

it('reads no file and asks no server for whoever has a token of a reader', async () => {
  for (const field of [{ path: fixturePath('spilling') }, { historyServer: 'http://127.0.0.1:1' }]) expect((await post(JSON.stringify(field), 'application/json')).status).toBe(403);
});

it('prints findings, stages and template on the command line, and all of it as JSON', async () => {
  const run = async (...args: string[]): Promise<string> => (await promisify(execFile)(process.execPath, [CLI, 'optimize', fixturePath('gc_bound'), ...args], { env: { ...process.env, PIVO_HOME: home } })).stdout;
  const text = await run();
  expect(text).toMatch(/gc stage:0\.0 .* and 1 other stage/);
  expect(text).toContain('--conf spark.executor.memory=1280m  # was 640m');
  expect(JSON.parse(await run('--json'))).toMatchObject({ findings: [{ rule: 'gc' }], application: { name: 'gc-bound' } });
});

it('understands the question without a model', () => {
  const matching = (text: string): string | undefined => QUESTIONS.find(({ patterns }) => patterns.some((pattern) => pattern.test(text)))?.example;
  for (const text of ['what slowed spark application app-20261121171101-0000 down', 'optimize the spark job application_17_0042', 'tune the spark application']) expect(matching(text)).toBe('what slowed Spark application APPLICATION down?');
});
