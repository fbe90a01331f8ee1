// Runs a checking program: an empty environment but for what it needs, limits of time and output, and its whole process group ended.
import { spawn } from 'node:child_process';

export interface ProgramOrder {
  file: string;
  args: readonly string[];
  /** Where it runs; its home too, so that nobody's settings are read. */
  cwd: string;
  /** PATH. */
  path: string;
  signal: AbortSignal;
}

export interface ProgramEnd {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Milliseconds; the slowest takes one second on a busy machine. */
const LONGEST = 60_000;
const MOST_OUTPUT = 2 ** 24;

/** Fails with an Error that says why when it could not be started, took too long or said too much, and with the signal's reason. */
export async function runChecker({ file, args, cwd, path, signal }: ProgramOrder): Promise<ProgramEnd> {
  signal.throwIfAborted();
  const child = spawn(file, args, { cwd, detached: true, stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: path, HOME: cwd, TMPDIR: cwd, LC_ALL: 'C.UTF-8', PYTHONDONTWRITEBYTECODE: '1' } });
  const stopped: string[] = [];
  const stop = (why: string): void => {
    stopped.push(why);
    if (child.pid !== undefined && child.exitCode === null) endGroup(child.pid);
  };
  const onAbort = (): void => stop('was told to stop');
  const timer = setTimeout(() => stop(`took longer than ${LONGEST / 1000} s`), LONGEST);
  signal.addEventListener('abort', onAbort);
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) child[name].setEncoding('utf8').on('data', (text: string) => {
    said[name] += text;
    if (said[name].length > MOST_OUTPUT) stop(`said more than ${MOST_OUTPUT} characters`);
  });
  try {
    const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
    signal.throwIfAborted();
    if (stopped[0] !== undefined) throw new Error(`it ${stopped[0]}`);
    return { code, ...said };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}

function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // ended by itself
  }
}
