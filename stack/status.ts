// What runs in a home and in which state: the answer of `pivo status`.
import { statSync } from 'node:fs';
import { request } from 'node:http';
import { fileURLToPath } from 'node:url';
import type { Config } from '../config.ts';
import { indexHealth, type IndexHealth } from '../operations/index-status.ts';
import { isRunning } from '../processes/identity.ts';
import { logFile } from './log-file.ts';
import { recordedAddress } from './address.ts';
import { readRecord, runningRecord, type PartName, type PartState, type StackRecord } from './record.ts';

/** What the state of a home is told from. */
export interface StatusSettings extends Pick<Config, 'home' | 'store' | 'events'> {
  paths: Pick<Config['paths'], 'run' | 'logs' | 'index' | 'metadataSocket' | 'serverSocket'>;
  temporal: { address?: string | undefined; namespace: string };
}

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
  /** `lag`: events that are not in the index yet; null when nobody follows them, or the log has not said yet how many there are. */
  index: { state: string; reason: string | null; lag: number | null; path: string; bytes: number };
  worker: ProcessStatus;
  metadata: ProcessStatus & { socket: string };
  /** `url`: the console, REST and git remote; null when nobody listens. */
  server: ProcessStatus & { socket: string; url: string | null };
  log: string;
}

/** The state of everything in a home; asks the local endpoints whether they answer. */
export async function statusOf(config: StatusSettings): Promise<StackStatus> {
  const record = runningRecord(config.paths.run) ?? down(config);
  const { paths, temporal } = config;
  const [health, alive] = record.state === 'down' ? [null, null] : await Promise.all([healthOf(paths.metadataSocket), answerOf(paths.serverSocket)]);
  const address = record.temporal?.address ?? temporal.address ?? null;
  return {
    state: record.state,
    home: config.home,
    supervisor: { pid: record.supervisor?.pid ?? null, since: record.startedAt },
    temporal: { ...temporalOf(record), address, ui: record.temporal?.ui ?? null, namespace: temporal.namespace, external: record.temporal?.external ?? temporal.address !== undefined },
    store: { ...placeOf(config.store), url: config.store },
    events: { ...placeOf(config.events), url: config.events },
    index: { ...indexOf(paths.index, health), path: paths.index, bytes: bytesOf(paths.index) ?? 0 },
    worker: processOf(record, 'worker'),
    metadata: { ...withAnswer(processOf(record, 'metadata'), health), socket: paths.metadataSocket },
    server: { ...withAnswer(processOf(record, 'server'), alive), socket: paths.serverSocket, url: recordedAddress(paths.run, 'server') },
    log: logFile(paths.logs),
  };
}

const down = (config: StatusSettings): StackRecord => ({ formatVersion: 1, home: config.home, state: 'down', supervisor: null, startedAt: null, temporal: null, ports: readRecord(config.paths.run)?.ports ?? null, parts: {} });

function processOf(record: StackRecord, name: PartName): ProcessStatus {
  const part = record.parts[name];
  if (part === undefined) return { state: 'stopped', pid: null, restarts: 0, since: null, lastExit: null };
  const pid = isRunning(part.process) ? part.process.pid : null;
  return { state: part.state === 'ready' && pid === null ? 'restarting' : part.state, pid, restarts: part.restarts, since: part.since, lastExit: part.lastExit };
}

/** A Temporal that is not PIVO's own is as ready as the worker that polls it. */
const temporalOf = (record: StackRecord): ProcessStatus => (record.temporal?.external === true ? { ...processOf(record, 'worker'), pid: null, restarts: 0, lastExit: null } : processOf(record, 'temporal'));

const withAnswer = (status: ProcessStatus, answer: unknown): ProcessStatus => (status.state === 'ready' && answer === null ? { ...status, state: 'silent' } : status);

function indexOf(path: string, health: IndexHealth | null): Pick<StackStatus['index'], 'state' | 'reason' | 'lag'> {
  if (health === null) return { state: bytesOf(path) === null ? 'not yet created' : 'not followed', reason: null, lag: null };
  return { state: health.state === 'consuming' ? 'ready' : health.state, reason: health.reason, lag: health.partitions.length === 0 ? null : health.partitions.reduce((sum, { lag }) => sum + lag, 0) };
}

const ANSWERS_WITHIN = 2_000;

const healthOf = (socket: string): Promise<IndexHealth | null> => indexHealth(socket, AbortSignal.timeout(ANSWERS_WITHIN)).catch(() => null);

/** The status of the local endpoint's answer, or null when it gives none. */
function answerOf(socketPath: string): Promise<number | null> {
  return new Promise((resolve) => {
    const asked = request({ socketPath, path: '/healthz', signal: AbortSignal.timeout(ANSWERS_WITHIN) }, (response) => {
      response.resume();
      resolve(response.statusCode ?? null);
    });
    asked.on('error', () => resolve(null));
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
