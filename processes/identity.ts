// Names a running process beyond doubt, sends it signals and waits for its end: a pid may be given to another process later, a pid with its start time may not.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ProcessIdentity {
  pid: number;
  /** Start time as the system states it; only ever compared. */
  started: string;
}

/** Fields of proc(5) `stat` after the name, which may hold spaces: state, ppid, pgrp, session … Null when the process is gone. */
function statFields(pid: number): string[] | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return null;
  }
}

const SESSION = 3;
const THREADS = 17;
const START_TIME = 19;

/** A zombie has ended, but not while it has other threads: those hold its files and ports until they are gone too. */
function hasEnded(fields: string[]): boolean {
  return fields[0] === 'X' || (fields[0] === 'Z' && Number(fields[THREADS]) <= 1);
}

/** The start time of a process, or null when it has ended. Linux: proc(5), field 22 of `stat`; elsewhere `ps`. */
function startTime(pid: number): string | null {
  if (process.platform !== 'linux') return startTimeFromPs(pid);
  const fields = statFields(pid);
  return fields === null || hasEnded(fields) ? null : (fields[START_TIME] ?? null);
}

function startTimeFromPs(pid: number): string | null {
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim() || null;
  } catch {
    return null;
  }
}

/** The session that a process is in, named by the pid of its leader; null when the process is gone. Linux only. */
export function sessionIdOf(pid: number): number | null {
  const id = statFields(pid)?.[SESSION];
  return id === undefined ? null : Number(id);
}

/** The identity of a running process, or null when it is gone. */
export function identify(pid: number): ProcessIdentity | null {
  const started = startTime(pid);
  return started === null ? null : { pid, started };
}

/** True while exactly this process runs; a zombie does not. */
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

/** Waits until the processes are gone; false when one still runs after `milliseconds`. */
export async function waitForEnd(processes: readonly (ProcessIdentity | null)[], milliseconds: number): Promise<boolean> {
  const deadline = Date.now() + milliseconds;
  while (processes.some(isRunning)) {
    if (Date.now() >= deadline) return false;
    await sleep(LOOK_AGAIN);
  }
  return true;
}
