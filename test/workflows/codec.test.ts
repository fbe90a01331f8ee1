// With a key, Temporal keeps nothing of a run in the clear, and every door works as before.
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IngestResult, Progress } from '../../contract/ingest.ts';
import type { PivoError } from '../../contract/failures.ts';
import { ingestWorkflowId } from '../../contract/names.ts';
import { openContext, type OpenContext } from '../../operations/context.ts';
import { ingest } from '../../operations/ingest.ts';
import { codecSettings, type CodecSettings } from '../../stack/codec-key.ts';
import { encryptingCodec } from '../../stack/payload-codec.ts';
import { loadConfig } from '../../config.ts';
import { fixture } from '../fixtures/generate.ts';
import { historyToText } from '../harness/history.ts';
import { ingestActs } from '../harness/ingest-acts.ts';
import { callOperation } from '../harness/operations.ts';
import { NAMESPACE, silentLog, startTemporal, startWorker, unique, type StandIns, type TestTemporal } from '../harness/temporal.ts';

const newKey = (): CodecSettings => {
  const value = randomBytes(32).toString('base64');
  return codecSettings({ keyEnv: 'KEY' }, { KEY: value });
};

let temporal: TestTemporal;
let origin: string;
const contexts: OpenContext[] = [];

beforeAll(async () => {
  temporal = await startTemporal();
  origin = join(temporal.folder, `${unique('secret-origin')}.git`);
  await fixture('force-push').build(origin);
});
afterAll(async () => {
  await Promise.all(contexts.map((context) => context.close()));
  await temporal.stop();
});

interface Door {
  context: OpenContext;
  end(): Promise<void>;
}

/** A client of the home that a test worker has. */
function contextOf(home: string, codec: CodecSettings | undefined): OpenContext {
  const context = openContext({ ...loadConfig({ PIVO_HOME: home }), temporal: { address: temporal.server.address, namespace: NAMESPACE, codec } }, silentLog, { user: 'ada', via: 'cli', owner: true });
  contexts.push(context);
  return context;
}

/** A worker with one key and a client with another one, or none. */
async function open(workers: CodecSettings | undefined, clients: CodecSettings | undefined, standIns: StandIns = {}): Promise<Door> {
  const worker = await startWorker(temporal, { taskQueue: 'pivo', standIns, ...(workers !== undefined && { codec: workers }) });
  const context = contextOf(join(temporal.folder, worker.workerId), clients);
  return { context, end: () => worker.stop() };
}

/** The history as the CLI exports it and as the server sends it, with every base64 text beside what it holds. */
async function historyOf(workflowId: string): Promise<string> {
  const exported = (await temporal.run('workflow', 'show', '--workflow-id', workflowId, '--output', 'json')).stdout;
  const described = (await temporal.run('workflow', 'describe', '--workflow-id', workflowId, '--output', 'json')).stdout;
  const sent = historyToText(await temporal.client.workflow.getHandle(workflowId).fetchHistory());
  expect(JSON.parse(exported)).toHaveProperty('events');
  return [exported, described, sent].map((text) => `${text}\n${text.replace(/"([A-Za-z0-9+/]{8,}={0,2})"/g, (_, data: string) => Buffer.from(data, 'base64').toString('latin1'))}`).join('\n');
}

describe.each([
  ['with a key, the origin is nowhere in what Temporal keeps', true],
  ['without one, it is', false],
] as const)('%s', (_promise, encrypted) => {
  it('of an ingest that is done', async () => {
    const key = encrypted ? newKey() : undefined;
    const { context, end } = await open(key, key);
    const name = unique('repository');
    const result = (await callOperation(ingest, context, { url: origin, name })) as IngestResult;
    const history = await historyOf(ingestWorkflowId(name));
    await end();
    expect(result).toMatchObject({ repository: name, visit: 1, origin });
    expect(history.includes(origin)).toBe(!encrypted);
    expect(history.includes('binary/encrypted')).toBe(encrypted);
  });

  it('of an ingest that failed, and the caller knows why', async () => {
    const key = encrypted ? newKey() : undefined;
    const { context, end } = await open(key, key);
    const name = unique('repository');
    const failure = await callOperation(ingest, context, { url: join(origin, 'gone'), name }).catch((error: unknown) => error as PivoError);
    const history = await historyOf(ingestWorkflowId(name));
    await end();
    expect(failure).toMatchObject({ kind: 'OriginRefused' });
    expect(history.includes(origin)).toBe(!encrypted);
  });
});

it('progress is followed through the codec', async () => {
  const key = newKey();
  const seen = Promise.withResolvers<void>();
  const said: Progress = { phase: 'fetching what is secret', done: 3, total: 7 };
  const { standIns } = ingestActs({
    fetchOrigin: async (_deps, _job, run) => {
      run.onProgress(said);
      await seen.promise;
      return { unchanged: false, refs: 1 };
    },
  });
  const { context, end } = await open(key, key, standIns);
  const told: Progress[] = [];
  const onProgress = (progress: Progress): void => {
    told.push(progress);
    if (progress.phase === said.phase) seen.resolve();
  };
  await callOperation(ingest, context, { url: 'https://host.example/progress.git' }, { onProgress });
  await end();
  expect(told).toContainEqual(said);
});

it.each([
  ['no key', undefined, /encrypted with the key [0-9a-f]{12}, and no key is configured here/],
  ['another key', newKey(), /encrypted with the key [0-9a-f]{12}, and the environment variable KEY holds the key [0-9a-f]{12}/],
])('a client with %s says which one is wanted', async (_what, clients, message) => {
  const key = newKey();
  const opened = await open(key, key);
  const name = unique('repository');
  await callOperation(ingest, opened.context, { url: origin, name });
  const other = contextOf(temporal.folder, clients);
  const client = await other.temporal();
  await expect(client.workflow.getHandle(ingestWorkflowId(name)).result()).rejects.toMatchObject({ kind: 'CredentialMissing', message: expect.stringMatching(message) as string });
  await opened.end();
});

it('a run that a worker without the key took goes on with one that has it', async () => {
  const key = newKey();
  const keyless = await open(undefined, key, ingestActs().standIns);
  const name = unique('repository');
  const told: string[] = [];
  const ended = callOperation(ingest, keyless.context, { url: `https://host.example/${name}.git`, name }, { onProgress: ({ phase }) => told.push(phase) });
  await expect.poll(async () => historyToText(await temporal.client.workflow.getHandle(ingestWorkflowId(name)).fetchHistory().catch(() => ({}))), { timeout: 20_000 }).toContain('no key is configured here');
  await expect.poll(() => told, { timeout: 60_000 }).toContain('waiting: the worker fails at the next step, see its log');
  await keyless.end();
  const { end } = await open(key, key, ingestActs().standIns);
  expect(await ended).toMatchObject({ visit: 1 });
  await end();
});

describe('the key', () => {
  it('comes from the file that the configuration names, and is not in the configuration', async () => {
    const home = join(temporal.folder, unique('home'));
    const value = randomBytes(32).toString('base64');
    await mkdir(home);
    await writeFile(join(home, 'key'), `${value}\n`);
    await writeFile(join(home, 'config.toml'), `[temporal.codec]\nkeyFile = "${join(home, 'key')}"\n`);
    const { temporal: settings } = loadConfig({ PIVO_HOME: home });
    expect(settings.codec?.key().toString('base64')).toBe(value);
    expect(JSON.stringify(settings)).not.toContain(value);
  });

  it.each([
    ['a file that is not there', { keyFile: '/nowhere/key' }, {}, 'CredentialMissing', 'ENOENT /nowhere/key'],
    ['a variable that is not set', { keyEnv: 'KEY' }, {}, 'CredentialMissing', 'the environment variable KEY holds no key'],
    ['too few bytes', { keyEnv: 'KEY' }, { KEY: 'c2hvcnQ=' }, 'InvalidInput', '32 bytes in base64 are wanted'],
  ])('that is %s is refused with its place, never its value', (_what, table, env, kind, message) => {
    const read = (): Buffer => codecSettings(table, env).key();
    expect(read).toThrow(expect.objectContaining({ kind, message: expect.stringContaining(message) as string }) as Error);
    expect(read).not.toThrow(/c2hvcnQ/);
  });

  it('reads no payload that was changed', async () => {
    const codec = encryptingCodec(newKey());
    const [sealed = {}] = await codec.encode([{ metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('"x"') }]);
    const data = Buffer.from(sealed.data ?? []);
    data[20] = (data[20] ?? 0) ^ 1;
    await expect(codec.decode([{ ...sealed, data }])).rejects.toMatchObject({ kind: 'Damaged' });
    expect((await codec.decode([sealed]))[0]?.data?.toString()).toBe('"x"');
  });
});
