// Programs of the machine that engines need: is each there, and run one to its end.
import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { PivoError } from '../contract/failures.ts';

const TOOLS = {
  java: 'openjdk-17-jdk-headless',
  javac: 'openjdk-17-jdk-headless',
  mvn: 'maven',
  python3: 'python3',
  tar: 'tar',
} as const;

export type Tool = keyof typeof TOOLS;

/** Absolute path of a program: Java's from JAVA_HOME when that is set, others from PATH. Null when it is not there. */
async function find(tool: Tool, env: NodeJS.ProcessEnv): Promise<string | null> {
  const ofJava = (tool === 'java' || tool === 'javac') && env['JAVA_HOME'] ? [join(env['JAVA_HOME'], 'bin')] : [];
  for (const folder of [...ofJava, ...(env['PATH'] ?? '').split(delimiter).filter((each) => isAbsolute(each))]) {
    const file = join(folder, tool);
    if (await access(file, constants.X_OK).then(() => true, () => false)) return file;
  }
  return null;
}

/** The programs of `tools` (all that engines need, by default) that this machine lacks. */
export async function missingTools(env: NodeJS.ProcessEnv, tools: readonly Tool[] = Object.keys(TOOLS) as Tool[]): Promise<Tool[]> {
  const found = await Promise.all(tools.map((tool) => find(tool, env)));
  return tools.filter((_, index) => found[index] === null);
}

/** Path of a program. Fails with Unavailable, naming Debian's package, when it is not there. */
export async function findTool(tool: Tool, env: NodeJS.ProcessEnv): Promise<string> {
  const file = await find(tool, env);
  if (file !== null) return file;
  throw new PivoError('Unavailable', `${tool} was not found`, { hint: `Install it (Debian: apt install ${TOOLS[tool]}) and start again.` });
}

export interface RunOptions {
  env: NodeJS.ProcessEnv;
  signal?: AbortSignal | undefined;
  /** Text for stdin; none: stdin is empty. */
  input?: string | Uint8Array | undefined;
}

export interface RunResult {
  code: number;
  stdout: Buffer;
  stderr: string;
}

/** Runs a program to its end and keeps what it says. An abort ends it with its children, and fails with the signal's reason. */
export async function run(file: string, args: string[], { env, signal, input }: RunOptions): Promise<RunResult> {
  signal?.throwIfAborted();
  const child = spawn(file, args, { env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
  const onAbort = (): void => void (child.pid !== undefined && process.kill(-child.pid, 'SIGTERM'));
  signal?.addEventListener('abort', onAbort);
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  child.stdin.on('error', () => {}); // a program may end without reading all of it
  child.stdin.end(input);
  try {
    const code = await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (status) => resolve(status ?? 1));
    });
    signal?.throwIfAborted();
    return { code, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() };
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}
