// Starts one of the few programs that check commands: no input but what is given, a clean environment, and a time limit.
import { spawn } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** Where programs are looked for, and what they are told. */
export type Environment = Readonly<Record<string, string | undefined>>;

export interface Ended {
  /** Null when it was ended for taking too long. */
  code: number | null;
  /** What it wrote to stdout and then stderr, up to a limit. */
  text: string;
}

/** Milliseconds; the scripts of Spark and Kafka start a JVM, which takes seconds on a machine that is busy. */
const LONGEST = 20_000;
const MOST = 2 ** 20;
/** What the checking programs may know of this process: where programs are, and where Java's and Hadoop's homes are. */
const KEPT = ['PATH', 'JAVA_HOME', 'HADOOP_HOME', 'HADOOP_CONF_DIR', 'SPARK_HOME', 'KAFKA_HOME', 'LD_LIBRARY_PATH'];

/** This process's, as far as the checking programs may know it. */
export const ownEnvironment = (): Environment => Object.fromEntries(KEPT.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));

/** The path of a program on PATH; null when there is none. */
export async function located(name: string, env: Environment): Promise<string | null> {
  for (const folder of (env['PATH'] ?? '').split(delimiter).filter((each) => each.startsWith('/'))) {
    const file = join(folder, name);
    if (await access(file, constants.X_OK).then(() => true, () => false)) return file;
  }
  return null;
}

/** Runs `file` with `args` in the root folder, `input` on its stdin. Null when it cannot be started. */
export function runProgram(file: string, args: readonly string[], env: Environment, signal: AbortSignal, input = ''): Promise<Ended | null> {
  const clean = Object.fromEntries(KEPT.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
  return new Promise((resolve) => {
    const options = { cwd: '/', env: { ...clean, LC_ALL: 'C.UTF-8', HOME: '/nonexistent', PAGER: 'cat', GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' }, signal: AbortSignal.any([signal, AbortSignal.timeout(LONGEST)]), killSignal: 'SIGKILL' } as const;
    const child = spawn(file, args, { ...options, stdio: ['pipe', 'pipe', 'pipe'] });
    const said: Record<'stdout' | 'stderr', string> = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) child[name].setEncoding('utf8').on('data', (text: string) => (said[name] += text.slice(0, Math.max(0, MOST - said[name].length))));
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    child.on('error', ({ name }) => resolve(name === 'AbortError' ? { code: null, text: '' } : null));
    child.on('close', (code) => resolve({ code, text: said.stdout + said.stderr }));
  });
}
