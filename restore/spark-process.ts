// Runs spark-submit so that it outlives this worker: output in files, its process named in one, joined again after a restart.
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { StringDecoder } from 'node:string_decoder';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PivoError } from '../contract/failures.ts';
import { killGroup } from '../git/process.ts';
import type { SparkCommand } from './spark-command.ts';

/** Milliseconds between two looks at the output. */
const LOOK_AGAIN = 150;
/** Milliseconds that Spark has to end by itself when it is asked to. */
const GRACE = 8_000;

export interface SparkRun {
  /** Holds the output and the process id; of this application alone. */
  folder: string;
  /** An argument that no other application has, by which the process is known again. */
  mark: string;
  signal: AbortSignal;
  /** Whether the application is left running when the signal aborts, for a later attempt to join. */
  leaves: (reason: unknown) => boolean;
  onLine: (from: 'stdout' | 'stderr', line: string) => void;
}

/**
 * Starts the application, or joins the one that an earlier attempt started, and returns when it has ended; `joined` says
 * which. Its output is told from the beginning in both cases. An abort ends it with all its processes, unless it is to be left.
 */
export async function runSparkSubmit(command: () => Promise<SparkCommand>, run: SparkRun): Promise<{ joined: boolean }> {
  run.signal.throwIfAborted();
  const running = await runningIn(run);
  const pid = running ?? (await launch(await command(), run.folder));
  const alive = (): boolean => isRunning(pid, run.mark);
  await follow(run, alive);
  if (run.signal.aborted) {
    if (!run.leaves(run.signal.reason)) {
      await end(pid, alive);
      await rm(run.folder, { recursive: true, force: true });
    }
    throw new PivoError('Cancelled', 'the Spark application was cancelled', { cause: run.signal.reason });
  }
  return { joined: running !== null };
}

const pidFile = (folder: string): string => join(folder, 'pid');

/** The process of an earlier attempt that still runs, or null. */
async function runningIn({ folder, mark }: SparkRun): Promise<number | null> {
  const pid = Number(await readFile(pidFile(folder), 'utf8').catch(() => ''));
  return pid > 1 && isRunning(pid, mark) ? pid : null;
}

/** True while the process runs and is the one that the mark names: a pid may be given to another process later. */
function isRunning(pid: number, mark: string): boolean {
  try {
    if (process.platform === 'linux') return isLiving(pid) && knownBy(argumentsOf(pid), mark);
    return execFileSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).includes(mark);
  } catch {
    return false;
  }
}

const isLiving = (pid: number): boolean => !/\) [ZX] [^)]*$/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));

const knownBy = (args: string[], mark: string): boolean => args.includes(mark) || (args.length === 1 && args[0] === '');

/** The command line of proc(5); one empty argument in the moment in which a process becomes another program. */
const argumentsOf = (pid: number): string[] => readFileSync(`/proc/${pid}/cmdline`, 'utf8').replace(/\0$/, '').split('\0');

/** Starts a process group of its own. The process writes its id itself, before it becomes spark-submit: no moment in which a crash of ours loses it. */
async function launch(command: SparkCommand, folder: string): Promise<number> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(folder, 'scratch'), { recursive: true });
  const [out, err] = await Promise.all([open(join(folder, 'stdout.log'), 'w'), open(join(folder, 'stderr.log'), 'w')]);
  try {
    const script = 'echo $$ > "$0.new" && mv "$0.new" "$0" && exec "$@"';
    const child = spawn('/bin/sh', ['-c', script, pidFile(folder), command.file, ...command.args], { cwd: folder, env: command.env, detached: true, stdio: ['ignore', out.fd, err.fd] });
    await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject));
    child.unref();
    return child.pid as number;
  } catch (error) {
    throw new PivoError('Unavailable', `spark-submit cannot be started: ${(error as Error).message}`, { cause: error });
  } finally {
    await Promise.all([out.close(), err.close()]);
  }
}

/** Tells lines as they come, until the process is gone or the signal aborts. */
async function follow({ folder, signal, onLine }: SparkRun, alive: () => boolean): Promise<void> {
  const outputs = await Promise.all((['stdout', 'stderr'] as const).map((name) => tail(join(folder, `${name}.log`), (line) => onLine(name, line))));
  try {
    for (let last = false; !last && !signal.aborted; ) {
      last = !alive(); // whatever it wrote is there by now
      for (const output of outputs) await output.read(last);
      if (!last) await sleep(LOOK_AGAIN, undefined, { signal }).catch(() => {});
    }
  } finally {
    for (const output of outputs) await output.close();
  }
}

interface Tail {
  /** Tells the lines that are complete, at the end also one that is not. */
  read(last: boolean): Promise<void>;
  close(): Promise<void>;
}

const BUFFER_BYTES = 64 * 1024;
/** Longest line that is told. */
const LINE_CHARACTERS = 16 * 2 ** 20;

async function tail(path: string, onLine: (line: string) => void): Promise<Tail> {
  const file = await open(path, 'r');
  const buffer = Buffer.alloc(BUFFER_BYTES);
  const decoder = new StringDecoder('utf8');
  let rest = '';
  return {
    async read(last) {
      for (;;) {
        const { bytesRead } = await file.read(buffer, 0, buffer.length);
        if (bytesRead === 0) break;
        const lines = (rest + decoder.write(buffer.subarray(0, bytesRead))).split('\n');
        rest = (lines.pop() ?? '').slice(0, LINE_CHARACTERS);
        for (const line of lines) onLine(line);
      }
      if (last && rest !== '') onLine(rest);
    },
    close: () => file.close(),
  };
}

/** Asks the whole group to end and kills what is left: a driver that is gone takes its executors with it on every cluster. */
async function end(pid: number, alive: () => boolean): Promise<void> {
  killGroup(pid, 'SIGTERM');
  for (const deadline = Date.now() + GRACE; alive() && Date.now() < deadline; ) await sleep(LOOK_AGAIN);
  killGroup(pid, 'SIGKILL');
}
