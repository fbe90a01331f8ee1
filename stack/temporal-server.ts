// Starts the real Temporal dev server on loopback, and says when it answers.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { PivoError } from '../contract/failures.ts';
import { freePort, isListening } from './ports.ts';

const IP = '127.0.0.1';
const READY_WITHIN_MS = 30_000;
const STOP_WITHIN_MS = 10_000;
const PORT_TRIES = 3;

/** The server's own pauses between polls of its queues are 50 ms a step; these make a step cost what it costs. */
const DYNAMIC_CONFIG = {
  'history.transferProcessorMaxPollRPS': 1000,
  'history.timerProcessorMaxPollRPS': 1000,
  'history.visibilityProcessorMaxPollRPS': 200,
} as const;

/** An acknowledged step survives a power loss, at WAL's price. */
const SQLITE_PRAGMAS = { journal_mode: 'WAL', synchronous: 'FULL' } as const;

export interface TemporalServerOptions {
  /** Absolute path of the Temporal CLI. */
  cli: string;
  /** Where workflows live on; null: in memory. */
  dbFile: string | null;
  ui: boolean;
  logFile: string;
  namespace: string;
  /** Name to type, e.g. `{ PivoRepo: 'Keyword' }`. */
  searchAttributes: Record<string, string>;
  /** Ports to take when they are free, so that a restarted server is found where it was. */
  prefer?: { port: number; uiPort: number | null };
}

export interface TemporalServer {
  /** `127.0.0.1:PORT` of the gRPC service. */
  address: string;
  port: number;
  uiUrl: string | null;
  uiPort: number | null;
  pid: number;
  /** Resolves when the process is gone, whoever ended it. */
  exited: Promise<void>;
  /** Ends the server; what it acknowledged is in `dbFile`. */
  stop(): Promise<void>;
}

/**
 * Starts a dev server and returns when it answers a gRPC call for its namespace.
 * Fails with Unavailable, with the last lines of its log, when it ends or does not answer in 30 s.
 */
export async function startTemporalServer(options: TemporalServerOptions, signal?: AbortSignal): Promise<TemporalServer> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort(IP, options.prefer?.port);
    const uiPort = options.ui ? await freePort(IP, options.prefer?.uiPort ?? 0) : null;
    const server = await launch(options, port, uiPort);
    try {
      await untilReady(server, options, signal);
      return server;
    } catch (error) {
      await server.stop();
      if (attempt === PORT_TRIES || !(await lostAPort(options.logFile))) throw error;
    }
  }
}

function commandLine(options: TemporalServerOptions, port: number, uiPort: number | null): string[] {
  const pairs = (flag: string, values: Record<string, string | number>): string[] => Object.entries(values).flatMap(([name, value]) => [flag, `${name}=${value}`]);
  return [
    'server', 'start-dev', '--ip', IP, '--port', `${port}`, '--namespace', options.namespace, '--log-level', 'warn', '--log-format', 'json',
    ...(uiPort === null ? ['--headless'] : ['--ui-ip', IP, '--ui-port', `${uiPort}`, '--ui-disable-news-fetch']),
    ...(options.dbFile === null ? [] : ['--db-filename', options.dbFile, ...pairs('--sqlite-pragma', SQLITE_PRAGMAS)]),
    ...pairs('--dynamic-config-value', DYNAMIC_CONFIG),
    ...pairs('--search-attribute', options.searchAttributes),
  ];
}

/** In a process group of its own: Ctrl-C in a terminal reaches the worker first, and the worker needs its server to end well. */
async function launch(options: TemporalServerOptions, port: number, uiPort: number | null): Promise<TemporalServer> {
  const log = await open(options.logFile, 'a', 0o600);
  const child = spawn(options.cli, commandLine(options, port, uiPort), { stdio: ['ignore', log.fd, log.fd], detached: true });
  const exited = ended(child);
  await log.close();
  return {
    address: `${IP}:${port}`,
    port,
    uiUrl: uiPort === null ? null : `http://${IP}:${uiPort}`,
    uiPort,
    pid: child.pid ?? -1,
    exited,
    stop: () => stop(child, exited),
  };
}

async function ended(child: ChildProcess): Promise<void> {
  await once(child, 'exit').catch(() => {}); // a program that cannot be started has ended too; readiness says why
}

async function stop(child: ChildProcess, exited: Promise<void>): Promise<void> {
  child.kill('SIGTERM');
  const patience = new AbortController();
  const late = delay(STOP_WITHIN_MS, 'late', { signal: patience.signal }).catch(() => 'stopped');
  if ((await Promise.race([exited, late])) === 'late') child.kill('SIGKILL');
  await exited;
  patience.abort();
}

async function untilReady(server: TemporalServer, options: TemporalServerOptions, signal?: AbortSignal): Promise<void> {
  const ended = new AbortController();
  void server.exited.then(() => ended.abort());
  const deadline = Date.now() + READY_WITHIN_MS;
  const ports = [server.port, ...(server.uiPort === null ? [] : [server.uiPort])];
  while (!ended.signal.aborted && Date.now() < deadline) {
    signal?.throwIfAborted();
    const listening = await Promise.all(ports.map((port) => isListening(IP, port)));
    if (!listening.includes(false) && (await answers(server.address, options.namespace))) return;
    await delay(20);
  }
  throw new PivoError('Unavailable', `the Temporal dev server ${ended.signal.aborted ? 'ended' : 'does not answer'}: ${await tail(options.logFile)}`, {
    hint: `Its whole log is ${options.logFile}.`,
    facts: { cli: options.cli, address: server.address },
  });
}

/** True when the server knows its namespace; anything else means not yet. */
async function answers(address: string, namespace: string): Promise<boolean> {
  const { Connection } = await import('@temporalio/client');
  const connection = Connection.lazy({ address, tls: false });
  try {
    await connection.withDeadline(Date.now() + 1000, () => connection.workflowService.describeNamespace({ namespace }));
    return true;
  } catch {
    return false;
  } finally {
    await connection.close();
  }
}

const TAIL_BYTES = 2000;
const TRACE_BYTES = 65_536;

/** The server takes ports for its inner services as well, and panics with a long trace when another process was faster. */
async function lostAPort(logFile: string): Promise<boolean> {
  const text = await readFile(logFile, 'utf8').catch(() => '');
  return /address already in use|panic:/.test(text.slice(-TRACE_BYTES));
}

async function tail(logFile: string): Promise<string> {
  const text = await readFile(logFile, 'utf8').catch(() => '');
  return text.slice(-TAIL_BYTES).trim();
}
