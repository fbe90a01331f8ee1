// Names a running process beyond doubt: a pid may be given to another process later, a pid with its start time may not.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ProcessIdentity {
  pid: number;
  /** Start time as the system states it; only ever compared. */
  started: string;
}

/** The start time of a process, or null when it is gone (or a zombie). Linux: proc(5), field 22 of `stat`; elsewhere `ps`. */
function startTime(pid: number): string | null {
  return process.platform === 'linux' ? startTimeFromProc(pid) : startTimeFromPs(pid);
}

function startTimeFromProc(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' '); // the name before it may hold spaces
    return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? null);
  } catch {
    return null;
  }
}

function startTimeFromPs(pid: number): string | null {
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim() || null;
  } catch {
    return null;
  }
}

/** The identity of a running process, or null when it is gone. */
export function identify(pid: number): ProcessIdentity | null {
  const started = startTime(pid);
  return started === null ? null : { pid, started };
}

/** True while exactly this process runs. */
export function isRunning(identity: ProcessIdentity | null): identity is ProcessIdentity {
  return identity !== null && startTime(identity.pid) === identity.started;
}

/** Sends a signal to exactly this process; nothing happens when it is gone. */
export function signalProcess(identity: ProcessIdentity | null, signal: NodeJS.Signals): void {
  if (!isRunning(identity)) return;
  try {
    process.kill(identity.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

const LOOK_AGAIN = 20;

/** Waits until the process is gone; false when it still runs after `milliseconds`. */
export async function waitForEnd(identity: ProcessIdentity | null, milliseconds: number): Promise<boolean> {
  const deadline = Date.now() + milliseconds;
  while (isRunning(identity)) {
    if (Date.now() >= deadline) return false;
    await sleep(LOOK_AGAIN);
  }
  return true;
}

/** Asks a process to end (SIGTERM) and kills it when it has not after `grace` milliseconds. */
export async function endProcess(identity: ProcessIdentity | null, grace: number): Promise<void> {
  signalProcess(identity, 'SIGTERM');
  if (await waitForEnd(identity, grace)) return;
  signalProcess(identity, 'SIGKILL');
  await waitForEnd(identity, grace);
}
