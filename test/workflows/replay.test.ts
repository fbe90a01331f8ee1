// Histories that earlier code wrote must replay with the code of today.
import { readFile, readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Worker } from '@temporalio/worker';
import { beforeAll, describe, expect, it } from 'vitest';
import { projectBuildFolder, workflowBundle } from '../../workers/bundle.ts';
import { installRuntime, sdkLogger } from '../../stack/temporal-runtime.ts';
import { historyFromText, type History } from '../harness/history.ts';
import { silentLog } from '../harness/temporal.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FOLDER = new URL('histories/', import.meta.url);
const files = (await readdir(FOLDER)).filter((file) => file.endsWith('.json'));

async function recorded(file: string): Promise<{ history: History; workflowId: string }> {
  const history = historyFromText(await readFile(new URL(file, FOLDER), 'utf8'));
  return { history, workflowId: history.events?.[0]?.workflowExecutionStartedEventAttributes?.workflowId ?? '' };
}

const bundle = (): Promise<string> => workflowBundle([projectBuildFolder], sdkLogger(silentLog));

beforeAll(() => installRuntime(silentLog));

describe('a recorded history', () => {
  it.each(files)('replays: %s', async (file) => {
    const { history, workflowId } = await recorded(file);
    await Worker.runReplayHistory({ workflowBundle: { codePath: await bundle() } }, history, workflowId);
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
