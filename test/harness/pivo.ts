// PIVO as a user has it: `./pivo` in a home of its own, started, asked and stopped.
import { execFile } from 'node:child_process';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const LAUNCHER = fileURLToPath(new URL('../../pivo', import.meta.url));

export interface Pivo {
  home: string;
  /** Runs `./pivo ARGS` and returns what it prints. Fails with its exit code as `code` and its `stderr`. */
  text(...args: string[]): Promise<string>;
  /** Runs `./pivo ARGS --json` and parses what it prints. */
  json<T>(...args: string[]): Promise<T>;
  /** Process id of the running worker. */
  workerPid(): Promise<number>;
  /** Ends the stack and removes the home. */
  close(): Promise<void>;
}

/** Starts the stack of a home at `home`, whose path must be short enough for a Unix socket; `settings` go into its environment. */
export async function startPivo(home: string, settings: Record<string, string> = {}): Promise<Pivo> {
  await mkdir(home, { recursive: true });
  const env = { ...process.env, PIVO_HOME: home, PIVO_LOG_LEVEL: 'warn', ...settings };
  const text = async (...args: string[]): Promise<string> => (await run(LAUNCHER, args, { env, maxBuffer: 2 ** 28 })).stdout;
  const close = async (): Promise<void> => {
    await text('down').catch(() => '');
    await rm(home, { recursive: true, force: true, maxRetries: 3 });
  };
  try {
    await text('up', '--detach');
  } catch (error) {
    await close();
    throw error;
  }
  return { home, text, json: async <T>(...args: string[]) => JSON.parse(await text(...args, '--json')) as T, workerPid: () => workerOf(home), close };
}

async function workerOf(home: string): Promise<number> {
  const record = JSON.parse(await readFile(join(home, 'run', 'stack.json'), 'utf8')) as { parts: { worker?: { process: { pid: number } | null } } };
  const pid = record.parts.worker?.process?.pid;
  if (pid === undefined) throw new Error(`the stack in ${home} has no worker`);
  return pid;
}
