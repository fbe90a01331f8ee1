// Runs stock git safely: clean environment, no user or system configuration, no hooks, own process group.
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { PivoError } from '../contract/failures.ts';

export interface GitOptions {
  /** The repository: passed as --git-dir. */
  gitDir?: string;
  cwd?: string;
  /** Extra `-c name=value` settings. */
  config?: Record<string, string>;
  env?: Record<string, string>;
  input?: string | Uint8Array | AsyncIterable<Uint8Array | string>;
  signal?: AbortSignal | undefined;
  /** Transports git may use; none by default. */
  protocols?: readonly string[];
  /** What git, and each program that it starts, may take of this machine; past it git fails. */
  limits?: GitLimits | undefined;
  /** Lines of stderr as they come (progress is split at carriage returns). */
  onStderr?: (line: string) => void;
}

/** Kept by the kernel (setrlimit(2)), whatever the other side sends. */
export interface GitLimits {
  /** Bytes of data in memory, of one process. */
  memory: number;
  /** Bytes of one file that is written. */
  file: number;
}

export interface GitResult {
  stdout: Buffer;
  stderr: string;
  code: number;
}

/** Settings that hold for every git PIVO runs; a repository's own configuration cannot undo them. */
const SAFE_CONFIG: Record<string, string> = {
  'core.hooksPath': '/dev/null',
  'core.fsmonitor': 'false',
  'core.attributesFile': '/dev/null',
  'core.excludesFile': '/dev/null',
  'core.quotePath': 'true',
  'core.bigFileThreshold': '8m',
  'core.askPass': '',
  'credential.helper': '',
  'gc.auto': '0',
  'maintenance.auto': 'false',
  'submodule.recurse': 'false',
  'fetch.recurseSubmodules': 'false',
  'push.recurseSubmodules': 'no',
  'transfer.fsckObjects': 'false',
  'fetch.fsckObjects': 'false',
  'transfer.bundleURI': 'false',
  'transfer.advertiseSID': 'false',
  'http.followRedirects': 'false',
  'advice.detachedHead': 'false',
  'init.defaultBranch': 'main',
  'log.showSignature': 'false',
  'protocol.allow': 'never',
};

/** Variables of ours that git may see: how to find programs, proxies and certificates. */
const PASSED_ON = ['PATH', 'TMPDIR', 'TZ', 'SSL_CERT_FILE', 'SSL_CERT_DIR', 'GIT_SSL_CAINFO', 'http_proxy', 'https_proxy', 'no_proxy', 'HTTPS_PROXY', 'NO_PROXY', 'ALL_PROXY', 'all_proxy'];

function environment(extra: Record<string, string> = {}): Record<string, string> {
  const env: Record<string, string> = {
    HOME: '/nonexistent',
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_NO_LAZY_FETCH: '1',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_SSH_COMMAND: 'ssh -oBatchMode=yes',
  };
  for (const name of PASSED_ON) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  return { ...env, ...extra };
}

function commandLine(args: readonly string[], options: GitOptions): string[] {
  const config = { ...SAFE_CONFIG, ...options.config };
  for (const protocol of options.protocols ?? []) config[`protocol.${protocol}.allow`] = 'always';
  const line = Object.entries(config).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  if (options.gitDir !== undefined) line.push(`--git-dir=${options.gitDir}`);
  return [...line, ...args];
}

/** Node cannot set limits of a child: a shell does, in KiB and blocks of 512 bytes, and becomes git. Where a system knows one of them not, the other holds. */
const LIMITED = 'ulimit -d "$1" 2>/dev/null || :; ulimit -f "$2" 2>/dev/null || :; shift 2; exec git "$@"';

const program = (line: string[], limits: GitLimits | undefined): [string, string[]] =>
  limits === undefined ? ['git', line] : ['sh', ['-c', LIMITED, 'sh', String(Math.ceil(limits.memory / 1024)), String(Math.ceil(limits.file / 512)), ...line]];

/** A running git whose output is streamed. */
export interface GitProcess {
  readonly pid: number;
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** Resolves with stderr when git ended with 0; fails with GitFailed, or Cancelled when the signal aborted. */
  readonly done: Promise<string>;
  /** Ends git and all that it started. */
  kill(signal?: NodeJS.Signals): void;
}

const STDERR_KEPT = 64 * 1024;

/** Ends a whole process group; nothing happens when it is gone already. */
export function killGroup(pid: number, signal: NodeJS.Signals = 'SIGKILL'): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Starts git; the caller reads `stdout` to its end and awaits `done`. */
export function startGit(args: readonly string[], options: GitOptions = {}): GitProcess {
  options.signal?.throwIfAborted();
  const unfit = args.find((arg) => arg.includes('\0'));
  if (unfit !== undefined) throw new PivoError('InvalidInput', `${JSON.stringify(unfit.slice(0, 200))} holds a NUL byte`, { hint: 'No name and no path in git has one.' });
  const child: ChildProcessByStdio<Writable, Readable, Readable> = spawn(...program(commandLine(args, options), options.limits), {
    cwd: options.cwd ?? '/',
    env: environment(options.env),
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  let stderr = '';
  let line = '';
  child.stderr.setEncoding('utf8');
  child.stderr.on('data', (text: string) => {
    stderr = (stderr + text).slice(-STDERR_KEPT);
    if (options.onStderr === undefined) return;
    const lines = (line + text).split(/[\r\n]/);
    line = (lines.pop() ?? '').slice(0, STDERR_KEPT); // a server need never end it
    for (const each of lines) if (each !== '') options.onStderr(each);
  });
  const kill = (signal: NodeJS.Signals = 'SIGTERM'): void => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) killGroup(child.pid, signal);
  };
  const onAbort = (): void => kill('SIGKILL');
  options.signal?.addEventListener('abort', onAbort, { once: true });
  child.stdin.on('error', () => {}); // git may end before it read everything; its exit code tells
  const done = (async () => {
    try {
      const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
      if (options.signal?.aborted === true) throw new PivoError('Cancelled', `git ${args[0]} was cancelled`, { cause: options.signal.reason });
      if (code !== 0) throw gitFailure(args, code ?? `signal ${signal}`, stderr);
      return stderr;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new PivoError('Internal', 'git was not found', { hint: 'Install git 2.39 or later and make sure it is on PATH.', cause: error });
      throw error;
    } finally {
      options.signal?.removeEventListener('abort', onAbort);
    }
  })();
  done.catch(() => {}); // whoever awaits it sees the failure; nobody awaiting must not end the process
  void feed(child.stdin, options.input);
  return { pid: child.pid ?? -1, stdin: child.stdin, stdout: child.stdout, done, kill };
}

async function feed(stdin: Writable, input: GitOptions['input']): Promise<void> {
  if (input === undefined) return;
  if (typeof input === 'string' || input instanceof Uint8Array) {
    stdin.end(input);
    return;
  }
  await pipeline(input, stdin).catch(() => {}); // as above
}

/** The failure of a git command, with what git itself said last. */
export function gitFailure(args: readonly string[], code: number | string, stderr: string): PivoError {
  const said = stderr.split('\n').map((text) => text.split('\r').at(-1)?.trim() ?? '').filter((text) => text !== '').slice(-6).join(' | ');
  return new PivoError('GitFailed', `git ${args[0]} failed (${code}): ${said === '' ? 'no message' : said}`, { facts: { code, stderr: stderr.slice(-4000) } });
}

/** Runs git to its end and keeps its output: for small outputs only. Fails as `startGit` does. */
export async function git(args: readonly string[], options: GitOptions = {}): Promise<GitResult> {
  const running = startGit(args, options);
  if (options.input === undefined) running.stdin.end();
  const chunks: Buffer[] = [];
  for await (const chunk of running.stdout) chunks.push(chunk as Buffer);
  const stderr = await running.done;
  return { stdout: Buffer.concat(chunks), stderr, code: 0 };
}

/** As `git`, with stdout as text without its last newline. */
export async function gitText(args: readonly string[], options: GitOptions = {}): Promise<string> {
  return (await git(args, options)).stdout.toString('utf8').replace(/\n$/, '');
}

/** True when git ends with 0, false when it ends with 1; any other end is a failure. */
export async function gitTest(args: readonly string[], options: GitOptions = {}): Promise<boolean> {
  try {
    await git(args, options);
    return true;
  } catch (error) {
    if (error instanceof PivoError && error.facts['code'] === 1) return false;
    throw error;
  }
}
