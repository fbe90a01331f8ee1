// Runs `./pivo` as a person does, in a home of its own.
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../..');

export interface Ran {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  home: string;
  env?: NodeJS.ProcessEnv;
  input?: string;
  cwd?: string;
  /** Who runs it; default: who runs the tests. */
  user?: { uid: number; gid: number } | undefined;
  /** Given the process as soon as it runs. */
  onStart?: (child: ChildProcess) => void;
}

/** Runs to the end; the machine's own PIVO and Temporal settings are left out. */
export async function pivo(args: string[], { home, env = {}, input, cwd, user, onStart }: RunOptions): Promise<Ran> {
  const { TEMPORAL_ADDRESS: _address, TEMPORAL_NAMESPACE: _namespace, ...inherited } = process.env;
  const child = spawn(join(ROOT, 'pivo'), args, { env: { ...inherited, NO_COLOR: '', ...env, PIVO_HOME: home }, cwd: cwd ?? home, ...user, stdio: ['pipe', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.on('error', () => {}); // a command need not read its input
  child.stdin.end(input ?? '');
  onStart?.(child);
  const code = await new Promise<number | null>((done) => child.once('close', done));
  return { code, stdout, stderr };
}

/** A home that is gone after the test; its path is short, since sockets live in it. */
export async function makeHome(): Promise<{ home: string; remove: () => Promise<void> }> {
  const home = await mkdtemp(join(tmpdir(), 'pivo-'));
  return { home, remove: () => rm(home, { recursive: true, force: true }) };
}
