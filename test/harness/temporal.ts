// A real Temporal dev server for one test file, and workers on it with real or stand-in acts.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import type { ActivityDeps } from '../../activities/act.ts';
import { createActivities, type Activities } from '../../activities/index.ts';
import { toActivity, type Act } from '../../activities/temporal-act.ts';
import { openStore } from '../../archive/open.ts';
import type { Log } from '../../contract/log.ts';
import { openEventLog } from '../../events/open.ts';
import type { CodecSettings } from '../../stack/codec-key.ts';
import { findTemporalCli } from '../../engines/temporal-cli.ts';
import { stateResults } from '../../state/results.ts';
import { startTemporalServer, type TemporalServer } from '../../stack/temporal-server.ts';
import { projectBuildFolder } from '../../workers/bundle.ts';
import { installRuntime } from '../../stack/temporal-runtime.ts';
import { runWorker } from '../../workers/temporal.ts';
import { guarded } from './guarded.ts';

/** Drops every line. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => silentLog };

export interface TestTemporal {
  server: TemporalServer;
  cli: string;
  client: Client;
  /** A folder that goes with the server. */
  folder: string;
  /** Runs the Temporal CLI against the server; what it printed, and its exit code. */
  run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }>;
  stop(): Promise<void>;
}

export const NAMESPACE = 'default';

/** Starts a server in memory; once a test file. `mostEvents`: where it suggests to continue a history as new, in the place of some thousand. */
export async function startTemporal({ mostEvents }: { mostEvents?: number } = {}): Promise<TestTemporal> {
  const folder = await mkdtemp(join(tmpdir(), 'pivo-temporal-'));
  const cli = await temporalCli();
  const server = await startTemporalServer({ cli: mostEvents === undefined ? cli : await suggesting(cli, folder, mostEvents), dbFile: null, ui: false, logFile: join(folder, 'temporal.log'), namespace: NAMESPACE, searchAttributes: {} });
  const release = await guarded(server.pid);
  installRuntime(silentLog);
  const connection = await Connection.connect({ address: server.address });
  return {
    server,
    cli,
    client: new Client({ connection, namespace: NAMESPACE, identity: 'test' }),
    folder,
    run: (...args) => runCli(cli, [...args, '--address', server.address]),
    async stop() {
      await connection.close();
      await server.stop();
      await release();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A CLI whose servers suggest it so soon. */
async function suggesting(cli: string, folder: string, mostEvents: number): Promise<string> {
  const path = join(folder, 'temporal');
  await writeFile(path, `#!/bin/sh\nexec '${cli}' "$@" --dynamic-config-value limit.historyCount.suggestContinueAsNew=${mostEvents}\n`, { mode: 0o755 });
  return path;
}

/** The CLI on PATH, or the copy that all homes of this user share. */
export function temporalCli(): Promise<string> {
  return findTemporalCli({ path: process.env['PATH'] ?? '', cache: process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache') });
}

function runCli(cli: string, args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(cli, args, (error, stdout, stderr) => resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr }));
  });
}

/** A name that no other test has: repositories, queues and workers of one server do not meet. */
export const unique = (word: string): string => `${word}-${randomBytes(4).toString('hex')}`;

/** Ports of their own below the server's folder: a real store and a real event log, in the folder `shared` if several workers have them together. */
export function testDeps(temporal: TestTemporal, workerId: string, shared = workerId): ActivityDeps {
  const home = join(temporal.folder, workerId);
  return {
    store: openStore(`file://${join(temporal.folder, shared, 'archive')}`),
    events: openEventLog(`sqlite:${join(temporal.folder, shared, 'events.db')}`),
    cache: join(home, 'cache'),
    credentials: join(home, 'credentials'),
    protocols: ['https', 'ssh', 'file'],
    checkout: { files: 1000, bytes: 2 ** 24, every: 86_400 },
    results: stateResults(join(home, 'state.db')),
    logIndex: join(home, 'logs.db'),
    log: silentLog,
    workerId,
  };
}

type InputOf<Name extends keyof Activities> = Parameters<Activities[Name]>[0];
type OutputOf<Name extends keyof Activities> = Awaited<ReturnType<Activities[Name]>>;
/** Stand-ins for some acts, written as acts are: ports, one object, the run. */
export type StandIns = { [Name in keyof Activities]?: Act<InputOf<Name>, OutputOf<Name>> };

export interface TestWorker {
  workerId: string;
  deps: ActivityDeps;
  /** Ends the worker as SIGTERM does. */
  stop(): Promise<void>;
}

export interface TestWorkerOptions {
  taskQueue: string;
  standIns?: StandIns;
  /** Another worker's ports: two workers of one archive. */
  deps?: ActivityDeps;
  workerId?: string;
  /** The key of its payloads. */
  codec?: CodecSettings;
}

/** Starts a worker in this process and returns when it polls. */
export async function startWorker(temporal: TestTemporal, { taskQueue, standIns = {}, workerId = unique('worker'), ...options }: TestWorkerOptions): Promise<TestWorker> {
  const deps = { ...(options.deps ?? testDeps(temporal, workerId)), workerId };
  const stop = new AbortController();
  const ready = Promise.withResolvers<void>();
  const running = runWorker(
    { temporal: { address: temporal.server.address, namespace: NAMESPACE, codec: options.codec }, activities: withStandIns(deps, standIns), workerId, bundleFolders: [projectBuildFolder], log: silentLog, taskQueue },
    { signal: stop.signal, onReady: () => ready.resolve() },
  );
  running.catch((error: unknown) => ready.reject(error));
  await ready.promise;
  return {
    workerId,
    deps,
    async stop() {
      stop.abort();
      await running;
      if (options.deps === undefined) await deps.events.close();
    },
  };
}

function withStandIns(deps: ActivityDeps, standIns: StandIns): Activities {
  const replaced = Object.entries(standIns).map(([name, act]) => [name, toActivity(deps, act as Act<unknown, unknown>)]);
  return { ...createActivities(deps), ...(Object.fromEntries(replaced) as Partial<Activities>) };
}
