// Starts the real Temporal dev server on loopback, and says when it answers.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { PivoError } from '../contract/failures.ts';
import { IP } from '../engines/ports.ts';
import { TEMPORAL_LOST_A_PORT, temporalAnswers, temporalServerArgs, type TemporalServerSettings } from '../engines/temporal-server.ts';
import { freePort } from './ports.ts';

const READY_WITHIN_MS = 30_000;
const STOP_WITHIN_MS = 10_000;
const PORT_TRIES = 3;

export interface TemporalServerOptions extends TemporalServerSettings {
  /** Absolute path of the Temporal CLI. */
  cli: string;
  ui: boolean;
  logFile: string;
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

/** In a process group of its own: Ctrl-C in a terminal reaches the worker first, and the worker needs its server to end well. */
async function launch(options: TemporalServerOptions, port: number, uiPort: number | null): Promise<TemporalServer> {
  const log = await open(options.logFile, 'a', 0o600);
  const child = spawn(options.cli, temporalServerArgs(options, port, uiPort), { stdio: ['ignore', log.fd, log.fd], detached: true });
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
  while (!ended.signal.aborted && Date.now() < deadline) {
    signal?.throwIfAborted();
    if (await temporalAnswers(options.namespace, server.port, server.uiPort)) return;
    await delay(20);
  }
  throw new PivoError('Unavailable', `the Temporal dev server ${ended.signal.aborted ? 'ended' : 'does not answer'}: ${await tail(options.logFile)}`, {
    hint: `Its whole log is ${options.logFile}.`,
    facts: { cli: options.cli, address: server.address },
  });
}

const TAIL_BYTES = 2000;
const TRACE_BYTES = 65_536;

async function lostAPort(logFile: string): Promise<boolean> {
  const text = await readFile(logFile, 'utf8').catch(() => '');
  return TEMPORAL_LOST_A_PORT.test(text.slice(-TRACE_BYTES));
}

async function tail(logFile: string): Promise<string> {
  const text = await readFile(logFile, 'utf8').catch(() => '');
  return text.slice(-TAIL_BYTES).trim();
}
