// What runs in a home and in which state: the answer of `pivo status`.
import { statSync } from 'node:fs';
import { request } from 'node:http';
import { fileURLToPath } from 'node:url';
import type { Config } from '../config.ts';
import { isRunning } from './identity.ts';
import { readRecord, runningRecord, type PartName, type PartState, type StackRecord } from './record.ts';

export interface ProcessStatus {
  state: PartState | 'silent';
  pid: number | null;
  restarts: number;
  since: string | null;
  lastExit: string | null;
}

export interface StackStatus {
  state: StackRecord['state'];
  home: string;
  supervisor: { pid: number | null; since: string | null };
  temporal: ProcessStatus & { address: string | null; ui: string | null; namespace: string; external: boolean };
  store: { state: 'ready' | 'not yet created' | 'remote'; url: string };
  events: { state: 'ready' | 'not yet created' | 'remote'; url: string };
  index: { state: 'ready' | 'not yet created'; path: string; bytes: number };
  worker: ProcessStatus;
  metadata: ProcessStatus & { socket: string };
  server: ProcessStatus & { socket: string };
  log: string;
}

/** The state of everything in a home; asks the local endpoints whether they answer. */
export async function statusOf(config: Config): Promise<StackStatus> {
  const record = runningRecord(config.paths.run) ?? down(config);
  const { paths, temporal } = config;
  const [metadata, server] = await Promise.all([
    withAnswer(processOf(record, 'metadata'), paths.metadataSocket),
    withAnswer(processOf(record, 'server'), paths.serverSocket),
  ]);
  const address = record.temporal?.address ?? temporal.address ?? null;
  return {
    state: record.state,
    home: config.home,
    supervisor: { pid: record.supervisor?.pid ?? null, since: record.startedAt },
    temporal: { ...temporalOf(record), address, ui: record.temporal?.ui ?? null, namespace: temporal.namespace, external: temporal.address !== undefined },
    store: { ...placeOf(config.store), url: config.store },
    events: { ...placeOf(config.events), url: config.events },
    index: { state: bytesOf(paths.index) === null ? 'not yet created' : 'ready', path: paths.index, bytes: bytesOf(paths.index) ?? 0 },
    worker: processOf(record, 'worker'),
    metadata: { ...metadata, socket: paths.metadataSocket },
    server: { ...server, socket: paths.serverSocket },
    log: `${paths.logs}/pivo.log`,
  };
}

const down = (config: Config): StackRecord => ({ formatVersion: 1, home: config.home, state: 'down', supervisor: null, startedAt: null, temporal: null, ports: readRecord(config.paths.run)?.ports ?? null, parts: {} });

function processOf(record: StackRecord, name: PartName): ProcessStatus {
  const part = record.parts[name];
  if (part === undefined) return { state: 'stopped', pid: null, restarts: 0, since: null, lastExit: null };
  const pid = isRunning(part.process) ? part.process.pid : null;
  return { state: part.state === 'ready' && pid === null ? 'restarting' : part.state, pid, restarts: part.restarts, since: part.since, lastExit: part.lastExit };
}

/** A Temporal that is not PIVO's own is as ready as the worker that polls it. */
const temporalOf = (record: StackRecord): ProcessStatus => (record.temporal?.external === true ? { ...processOf(record, 'worker'), pid: null, restarts: 0, lastExit: null } : processOf(record, 'temporal'));

async function withAnswer(status: ProcessStatus, socket: string): Promise<ProcessStatus> {
  return status.state === 'ready' && !(await answers(socket)) ? { ...status, state: 'silent' } : status;
}

const ANSWERS_WITHIN = 2_000;

/** True when something on the socket answers HTTP. */
export function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request({ socketPath, path: '/healthz', timeout: ANSWERS_WITHIN }, (response) => {
      response.resume();
      resolve((response.statusCode ?? 500) < 500);
    });
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve(false));
    asked.end();
  });
}

function placeOf(url: string): { state: 'ready' | 'not yet created' | 'remote' } {
  const path = localPathOf(url);
  if (path === null) return { state: 'remote' };
  return { state: bytesOf(path) === null ? 'not yet created' : 'ready' };
}

/** The path that a `file:` or `sqlite:` URL names; null for a place on another machine. */
export function localPathOf(url: string): string | null {
  if (url.startsWith('file://')) return fileURLToPath(url);
  return /^sqlite:(?:\/\/(?=\/))?(.+)$/.exec(url)?.[1] ?? null;
}

const bytesOf = (path: string): number | null => statSync(path, { throwIfNoEntry: false })?.size ?? null;
