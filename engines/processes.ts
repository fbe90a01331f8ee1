// Processes that outlive their starter: started in a session of their own, named by pid and start time, ended with all they started.
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { PivoError } from '../contract/failures.ts';
import { identify, isRunning, sessionIdOf, signalProcess, waitForEnd, type ProcessIdentity } from '../processes/identity.ts';

export interface Command {
  file: string;
  args: string[];
  env: Record<string, string>;
  /** Gets stdout and stderr of this run, in place of those of the run before. */
  log: string;
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
  return pids.flatMap((pid) => (sessionIdOf(Number(pid)) === leader.pid ? (identify(Number(pid)) ?? []) : []));
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
