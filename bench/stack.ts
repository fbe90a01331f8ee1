// PIVO as a user has it: `./pivo` in a home of its own, started, asked and stopped.
import { execFile } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { readFileSync } from 'node:fs';

const run = promisify(execFile);
const LAUNCHER = fileURLToPath(new URL('../pivo', import.meta.url));

export interface Stack {
  home: string;
  /** Runs `./pivo ARGS --json` and parses what it prints. Fails with what it says on stderr. */
  pivo<T>(...args: string[]): Promise<T>;
  /** Runs `./pivo temporal ARGS` and parses what it prints. */
  temporal<T>(...args: string[]): Promise<T>;
  /** Process id of the running worker. */
  workerPid(): number;
}

/** Starts a stack below `scratch`, lets `use` work with it, ends it. */
export async function withStack<T>(scratch: string, use: (stack: Stack) => Promise<T>): Promise<T> {
  const home = join(scratch, 'home');
  await mkdir(home, { recursive: true });
  const env = { ...process.env, PIVO_HOME: home, PIVO_LOG_LEVEL: 'warn' };
  const pivo = async (...args: string[]): Promise<string> => (await run(LAUNCHER, args, { env, maxBuffer: 2 ** 28 })).stdout;
  try {
    await pivo('up', '--detach');
    return await use({
      home,
      pivo: async <T>(...args: string[]) => JSON.parse(await pivo(...args, '--json')) as T,
      temporal: async <T>(...args: string[]) => JSON.parse(await pivo('temporal', ...args)) as T,
      workerPid: () => workerOf(home),
    });
  } finally {
    await pivo('down').catch(() => '');
    await rm(home, { recursive: true, force: true, maxRetries: 3 });
  }
}

function workerOf(home: string): number {
  const record = JSON.parse(readFileSync(join(home, 'run', 'stack.json'), 'utf8')) as { parts: { worker?: { process: { pid: number } | null } } };
  const pid = record.parts.worker?.process?.pid;
  if (pid === undefined) throw new Error('the stack has no worker');
  return pid;
}
