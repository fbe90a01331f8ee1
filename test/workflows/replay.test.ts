// Histories that earlier code wrote must replay with the code of today.
import { readFile, readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Resource } from '@opentelemetry/resources';
import { NoopSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { Worker } from '@temporalio/worker';
import { beforeAll, describe, expect, it } from 'vitest';
import { projectBuildFolder, workflowBundle, type BundleParts } from '../../workers/bundle.ts';
import { installRuntime, sdkLogger } from '../../stack/temporal-runtime.ts';
import { temporalTracing } from '../../stack/temporal-tracing.ts';
import { historyFromText, type History } from '../harness/history.ts';
import { silentLog } from '../harness/temporal.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FOLDER = new URL('histories/', import.meta.url);
const files = (await readdir(FOLDER)).filter((file) => file.endsWith('.json'));

async function recorded(file: string): Promise<{ history: History; workflowId: string }> {
  const history = historyFromText(await readFile(new URL(file, FOLDER), 'utf8'));
  return { history, workflowId: history.events?.[0]?.workflowExecutionStartedEventAttributes?.workflowId ?? '' };
}

/** Absolute paths, but for those below `/recorded`; and what a client calls itself where nobody named it: its process and host. */
const OF_A_MACHINE = /(?:^|["'`\s(=]|file:\/\/)\/(?!recorded[/"])[\w.-]+\/[\w.-]+|^\d+@/;

/** All texts of a history, its payloads' too. */
function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (value instanceof Uint8Array) return [Buffer.from(value).toString('utf8')];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : [];
}

const bundle = (parts: BundleParts = {}): Promise<string> => workflowBundle([projectBuildFolder], sdkLogger(silentLog), parts);

/** What became of each file's history in one worker: `replayed`, or why not. */
async function replayAll(parts: BundleParts): Promise<Map<string, string>> {
  const outcomes = new Map<string, string>();
  const left = [...files];
  const results = Worker.runReplayHistories({ workflowBundle: { codePath: await bundle(parts) } }, await Promise.all(files.map(recorded)));
  for await (const { error } of results) outcomes.set(left.shift() ?? '', error?.message ?? 'replayed');
  return outcomes;
}

beforeAll(() => installRuntime(silentLog));

describe.each([
  ['a recorded history', (): BundleParts => ({})],
  ['a recorded history, where tracing is on,', (): BundleParts => ({ interceptors: temporalTracing(new NoopSpanProcessor(), Resource.empty()).workflowModules })],
])('%s', (_which, parts) => {
  let outcomes: Map<string, string>;
  beforeAll(async () => {
    outcomes = await replayAll(parts());
  }, 120_000);

  it.each(files)('replays: %s', (file) => {
    expect(outcomes.get(file)).toBe('replayed');
  });
});

describe('a recorded history', () => {
  it.each(files)('names no file of the machine that recorded it: %s', async (file) => {
    const { history } = await recorded(file);
    expect(textsOf(history).flatMap((text) => text.match(OF_A_MACHINE) ?? [])).toEqual([]);
  });

  it('is there of every workflow', async () => {
    const histories = await Promise.all(files.map(recorded));
    const types = new Set(histories.map(({ history }) => history.events?.[0]?.workflowExecutionStartedEventAttributes?.workflowType?.name));
    const { default: _unknown, ...workflows } = await import('../../workflows/index.ts');
    expect(Object.keys(workflows).filter((type) => !types.has(type))).toEqual([]);
  });

  it('does not replay with other steps under the same name', async () => {
    const { history, workflowId } = await recorded('ingest.first.json');
    const workflowsPath = fileURLToPath(new URL('reordered.ts', import.meta.url));
    await expect(Worker.runReplayHistory({ workflowsPath }, history, workflowId)).rejects.toMatchObject({ name: 'DeterminismViolationError' });
  });
});

/** The source files that a bundle is made of, below the project; webpack names them from where it was run. */
function modulesOf(code: string): string[] {
  const paths = [...code.matchAll(/^\/\*\*\*\/ "([^"]+)":?$/gm)].map(([, module = '']) => module.replace(/^\.\//, ''));
  return paths.map((path) => (`/${path}`.startsWith(ROOT) ? `/${path}`.slice(ROOT.length) : path));
}

describe('the workflow bundle', () => {
  it('is made of workflows, the shared words, and nothing that could touch the outside', async () => {
    const modules = modulesOf(await readFile(await bundle(), 'utf8'));
    expect(modules).toContain('workflows/ingest.ts');
    const strange = modules.filter((module) => !/^(workflows|contract)\/|^node_modules\/(@temporalio\/(workflow|common|proto)|zod|ms|long|nexus-rpc|@bufbuild|protobufjs)\//.test(module));
    expect(strange.filter((module) => !module.startsWith('?'))).toEqual([]); // webpack's empty stand-ins
  });
});
