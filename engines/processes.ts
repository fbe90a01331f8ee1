// Processes that outlive their starter: started in a session of their own, named by pid and start time, ended with all they started.
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PivoError } from '../contract/failures.ts';

export interface ProcessIdentity {
  pid: number;
  /** Start time as the system states it, so that a pid given to another process later is not taken for this one. */
  started: string;
}

export interface Command {
  file: string;
  args: string[];
  env: Record<string, string>;
  /** Gets stdout and stderr of this run, in place of those of the run before. */
  log: string;
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

function startTime(pid: number): string | null {
  if (process.platform === 'linux') {
    const fields = statFields(pid);
    return fields === null || hasEnded(fields) ? null : (fields[START_TIME] ?? null);
  }
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim() || null;
  } catch {
    return null;
  }
}

function identify(pid: number): ProcessIdentity | null {
  const started = startTime(pid);
  return started === null ? null : { pid, started };
}

/** True while exactly this process runs; a zombie does not. */
export function isRunning({ pid, started }: ProcessIdentity): boolean {
  return startTime(pid) === started;
}

/** Starts a program that goes on when this process ends. Fails with Unavailable when it cannot be started. */
export function launch(command: Command): ProcessIdentity {
  mkdirSync(dirname(command.log), { recursive: true });
  const log = openSync(command.log, 'w');
  const child = spawn(command.file, command.args, { env: command.env, cwd: '/', detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  child.on('error', () => {}); // no pid then, which is told below
  child.unref();
  const identity = child.pid === undefined ? null : identify(child.pid);
  if (identity === null) throw new PivoError('Unavailable', `${command.file} cannot be started`, { hint: `Is it installed, and is ${command.log} empty?` });
  return identity;
}

/** The leader and every process of its session: children may have made process groups of their own. Linux only; elsewhere the leader. */
function sessionOf(leader: ProcessIdentity): ProcessIdentity[] {
  if (!isRunning(leader)) return [];
  if (process.platform !== 'linux') return [leader];
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => (statFields(Number(pid))?.[SESSION] === String(leader.pid) ? (identify(Number(pid)) ?? []) : []));
}

function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): void {
  if (!isRunning(identity)) return;
  try {
    process.kill(identity.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

const LOOK_AGAIN = 20;

async function waitForEnd(identities: ProcessIdentity[], milliseconds: number): Promise<boolean> {
  const deadline = Date.now() + milliseconds;
  while (identities.some(isRunning)) {
    if (Date.now() >= deadline) return false;
    await sleep(LOOK_AGAIN);
  }
  return true;
}

const GRACE = 10_000;

/** Ends a process by SIGTERM, after 10 s by SIGKILL, and whatever of its session is left then. */
export async function endProcess(leader: ProcessIdentity): Promise<void> {
  const session = sessionOf(leader);
  signalProcess(leader, 'SIGTERM');
  await waitForEnd([leader], GRACE);
  await killAll(session);
}

/** Ends a process and its session as a power loss would. */
export async function killProcess(leader: ProcessIdentity): Promise<void> {
  await killAll(sessionOf(leader));
}

async function killAll(processes: ProcessIdentity[]): Promise<void> {
  for (const each of processes) signalProcess(each, 'SIGKILL');
  await waitForEnd(processes, GRACE);
}
