// Histories that earlier code wrote must replay with the code of today.
import { readFile, readdir } from 'node:fs/promises';
import { DeterminismViolationError } from '@temporalio/common';
import { Worker } from '@temporalio/worker';
import { beforeAll, describe, expect, it } from 'vitest';
import { fileURLToPath } from 'node:url';
import { projectBuildFolder, workflowBundle } from '../../workers/bundle.ts';
import { installRuntime, sdkLogger } from '../../workers/runtime.ts';
import { silentLog } from '../harness/temporal.ts';

const FOLDER = new URL('histories/', import.meta.url);
const histories = (await readdir(FOLDER)).filter((file) => file.endsWith('.json'));

const history = async (file: string): Promise<unknown> => JSON.parse(await readFile(new URL(file, FOLDER), 'utf8')) as unknown;

beforeAll(() => installRuntime(silentLog));

describe('a recorded history', () => {
  it.each(histories)('replays: %s', async (file) => {
    const codePath = await workflowBundle([projectBuildFolder], sdkLogger(silentLog));
    await Worker.runReplayHistory({ workflowBundle: { codePath }, replayName: file }, await history(file), workflowIdOf(file));
  });

  it('does not replay with other steps under the same name', async () => {
    const file = 'ingest.first.json';
    const workflowsPath = fileURLToPath(new URL('reordered.ts', import.meta.url));
    await expect(Worker.runReplayHistory({ workflowsPath }, await history(file), workflowIdOf(file))).rejects.toThrow(DeterminismViolationError);
  });
});

describe('the workflow bundle', () => {
  it('carries no module of Node, no act and no port', async () => {
    const code = await readFile(await workflowBundle([projectBuildFolder], sdkLogger(silentLog)), 'utf8');
    expect(code.match(/require\("(?:node:)?(?:fs|net|http|child_process|crypto|os|path)[^"]*"\)/g)).toBeNull();
    for (const outside of ['./activities/', './archive/', './events/', './git/', 'better-sqlite3', '@temporalio/client', '@temporalio/activity']) expect(code).not.toContain(outside);
  });
});

/** A run under the id of its repository does the work: the history does not say the id, so the file's folder does. */
function workflowIdOf(file: string): string {
  return file.startsWith('ingest') && !file.includes('typed') ? 'ingest:recorded' : 'recorded';
}
