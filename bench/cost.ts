// What a command costs: wall time, CPU of it and all that it started, memory of its largest process.
import { execFile } from 'node:child_process';
import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface Cost {
  /** Seconds. */
  wall: number;
  cpu: number;
  /** MB. */
  peak: number;
}

/** getrusage(2) of children, which Node does not tell; what the command prints goes to stderr. */
const MEASURE = `
import resource, subprocess, sys, time
began = time.monotonic()
code = subprocess.call(sys.argv[1:], stdout=sys.stderr)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(time.monotonic() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1000)
sys.exit(code)
`;

/** Runs a command to its end. Fails when it fails. */
export async function costOf(command: readonly string[], options: { cwd?: string; env?: Record<string, string> } = {}): Promise<Cost> {
  const { stdout } = await promisify(execFile)('python3', ['-c', MEASURE, ...command], { cwd: options.cwd, env: { ...process.env, ...options.env }, maxBuffer: 2 ** 28 });
  const [wall = Number.NaN, cpu = Number.NaN, peak = Number.NaN] = stdout.trim().split(' ').map(Number);
  return { wall, cpu, peak };
}

/** Of commands that ran one after the other. */
export const together = (costs: readonly Cost[]): Cost => ({ wall: sum(costs.map(({ wall }) => wall)), cpu: sum(costs.map(({ cpu }) => cpu)), peak: Math.max(...costs.map(({ peak }) => peak)) });

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);

const TICKS_PER_SECOND = 100;

/** CPU seconds of running processes and of their ended children so far, and the highest memory of one of them (proc(5)). */
export async function costSoFar(pids: readonly number[]): Promise<{ cpu: number; peak: number }> {
  const each = await Promise.all(pids.map(async (pid) => {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ').slice(11, 15).map(Number);
    const peak = Number(/VmHWM:\s+(\d+) kB/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1] ?? Number.NaN) / 1000;
    return { cpu: sum(ticks) / TICKS_PER_SECOND, peak };
  }));
  return { cpu: sum(each.map(({ cpu }) => cpu)), peak: Math.max(...each.map(({ peak }) => peak)) };
}

/** Bytes and number of the regular files below a folder. */
export async function stored(folder: string): Promise<{ bytes: number; files: number }> {
  const entries = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const sizes = await Promise.all(entries.map(async (entry) => (await stat(join(entry.parentPath, entry.name))).size));
  return { bytes: sum(sizes), files: entries.length };
}
