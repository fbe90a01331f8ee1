// The embedded stack of a home: starts its parts in order, records them, keeps them running, ends them in order.
import { fileURLToPath } from 'node:url';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { PivoError } from '../contract/failures.ts';
import { SEARCH_ATTRIBUTES } from '../contract/names.ts';
import type { Config } from '../config.ts';
import type { LogFacts } from '../contract/log.ts';
import { identify, signalProcess } from '../processes/identity.ts';
import { compactIfAsked } from './compact.ts';
import { endProcess } from './ending.ts';
import { lockHome } from './lock.ts';
import { Part, startNodePart, type Running } from './part.ts';
import { emptyRecord, PART_NAMES, readRecord, writeRecord, type PartName, type PartRecord, type StackRecord } from './record.ts';
import { findTemporalCli } from '../engines/temporal-cli.ts';
import { startTemporalServer } from './temporal-server.ts';

export interface StackOptions {
  config: Config;
  /** Environment of the parts; PIVO_HOME and the address of Temporal are added. */
  env: NodeJS.ProcessEnv;
  /** Folder of the user's caches, where a downloaded Temporal CLI lives. */
  cacheHome: string;
  /** One JSON line of the log of any part, or text that a part wrote outside its log. */
  onLine: (line: string) => void;
  /** Each change of a part. */
  onPart: (name: PartName, record: PartRecord) => void;
}

export interface Stack {
  /** Resolves when all parts are ready; fails when one cannot start. */
  readonly ready: Promise<StackRecord>;
  /** Ends all parts in order. */
  stop(): Promise<void>;
}

const ENTRIES: Record<Exclude<PartName, 'temporal'>, string> = {
  metadata: fileURLToPath(new URL('../workers/metadata.ts', import.meta.url)),
  worker: fileURLToPath(new URL('../workers/worker.ts', import.meta.url)),
  server: fileURLToPath(new URL('../apps/server/main.ts', import.meta.url)),
};
const READY_WITHIN = 60_000;
const ENDS_WITHIN = 20_000;
/** Ports asked for the first time: Temporal's usual ones. */
const USUAL_PORTS = { temporal: 7233, ui: 8233 };
/** Longest path of a Unix socket: `sun_path` of unix(7), less its end. */
const LONGEST_SOCKET = process.platform === 'linux' ? 107 : 103;

/**
 * Starts the stack of a home: Temporal (unless the configuration names one), metadata service, worker and local endpoint.
 * Fails with Exists when the home's stack already runs, with InvalidInput when the home's path is too long for a socket.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { config } = options;
  checkSocketPath(config);
  mkdirSync(config.home, { recursive: true, mode: 0o700 });
  mkdirSync(config.paths.logs, { recursive: true, mode: 0o700 });
  const lock = lockHome(config.home, config.paths.run);
  await endLeftovers(readRecord(config.paths.run));
  const supervisor = new Supervisor(options);
  return {
    ready: supervisor.start(),
    stop: async () => {
      await supervisor.stop();
      lock.release();
    },
  };
}

function checkSocketPath({ home, paths }: Config): void {
  const longest = Math.max(Buffer.byteLength(paths.serverSocket), Buffer.byteLength(paths.metadataSocket));
  if (longest <= LONGEST_SOCKET) return;
  throw new PivoError('InvalidInput', `PIVO_HOME is ${longest - LONGEST_SOCKET} bytes too long for a Unix socket: ${home}`, {
    hint: 'Choose a shorter PIVO_HOME, or a symbolic link to it.',
  });
}

/** Ends what a killed supervisor left behind; its Node parts end by themselves, its Temporal server does not. */
async function endLeftovers(record: StackRecord | null): Promise<void> {
  if (record === null) return;
  await Promise.all(PART_NAMES.map((name) => endProcess(record.parts[name]?.process ?? null, ENDS_WITHIN)));
}

class Supervisor {
  readonly #options: StackOptions;
  readonly #parts = new Map<PartName, Part>();
  #record: StackRecord;
  #stopping: Promise<void> | undefined;

  constructor(options: StackOptions) {
    this.#options = options;
    const { home, paths, temporal } = options.config;
    this.#record = {
      ...emptyRecord(home),
      ports: readRecord(paths.run)?.ports ?? null,
      state: 'starting',
      supervisor: identify(process.pid),
      startedAt: new Date().toISOString(),
      temporal: temporal.address === undefined ? null : { address: temporal.address, ui: temporal.ui ?? null, external: true },
    };
    this.#save();
  }

  /** Metadata service and Temporal at once, then what needs Temporal's address. */
  async start(): Promise<StackRecord> {
    try {
      const metadata = this.#addNode('metadata');
      if (this.#record.temporal === null) await this.#add('temporal', (signal) => this.#startTemporal(signal)).ready;
      const rest = [this.#addNode('worker'), this.#addNode('server')];
      await Promise.all([metadata, ...rest].map((part) => part.ready));
      this.#record = { ...this.#record, state: 'ready' };
      this.#save();
      return this.#record;
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** The door first, then the worker, so that nothing new comes in; Temporal last. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    this.#record = { ...this.#record, state: 'stopping' };
    this.#save();
    for (const name of PART_NAMES.toReversed()) await this.#parts.get(name)?.stop();
    this.#record = { ...emptyRecord(this.#record.home), ports: this.#record.ports };
    this.#save();
  }

  #add(name: PartName, start: (signal: AbortSignal) => Promise<Running>): Part {
    const part = new Part({
      name,
      start,
      onChange: (record) => this.#changed(name, record),
      onTrouble: (message, error) => this.#warn(message, error instanceof Error ? { reason: error.message, ...(error instanceof PivoError ? { hint: error.hint } : {}) } : {}),
    });
    this.#parts.set(name, part);
    this.#changed(name, part.record);
    return part;
  }

  #addNode(name: keyof typeof ENTRIES): Part {
    const { config, env, onLine } = this.#options;
    return this.#add(name, (signal) =>
      startNodePart(
        {
          name,
          entry: ENTRIES[name],
          env: { ...env, PIVO_HOME: config.home, TEMPORAL_NAMESPACE: config.temporal.namespace, ...(this.#record.temporal === null ? {} : { TEMPORAL_ADDRESS: this.#record.temporal.address }) },
          onLine,
          readyWithin: READY_WITHIN,
          endsWithin: ENDS_WITHIN,
        },
        signal,
      ),
    );
  }

  async #startTemporal(signal: AbortSignal): Promise<Running> {
    const { config, env, cacheHome } = this.#options;
    const ports = this.#record.ports ?? USUAL_PORTS;
    await compactIfAsked(config.paths.temporalDb);
    const server = await startTemporalServer(
      {
        cli: await findTemporalCli({ path: env['PATH'] ?? '', cache: cacheHome }, signal),
        dbFile: config.paths.temporalDb,
        ui: true,
        logFile: join(config.paths.logs, 'temporal.log'),
        namespace: config.temporal.namespace,
        searchAttributes: SEARCH_ATTRIBUTES,
        prefer: { port: ports.temporal, uiPort: ports.ui },
      },
      signal,
    );
    if (this.#record.temporal !== null && this.#record.temporal.address !== server.address) this.#tellNewAddress();
    this.#record = {
      ...this.#record,
      temporal: { address: server.address, ui: server.uiUrl, external: false },
      ports: { temporal: server.port, ui: server.uiPort ?? ports.ui },
    };
    const process = identify(server.pid);
    if (process === null) throw new PivoError('Unavailable', 'the Temporal dev server ended as soon as it was ready');
    return { process, ended: server.exited.then(() => 'its process is gone'), stop: () => server.stop() };
  }

  /** Parts know Temporal's address from their environment: ended, they are started again with the new one. */
  #tellNewAddress(): void {
    for (const name of ['worker', 'server'] as const) signalProcess(this.#parts.get(name)?.record.process ?? null, 'SIGTERM');
  }

  #changed(name: PartName, record: PartRecord): void {
    this.#record = { ...this.#record, parts: { ...this.#record.parts, [name]: record } };
    this.#save();
    this.#options.onPart(name, record);
  }

  #save(): void {
    writeRecord(this.#options.config.paths.run, this.#record);
  }

  #warn(message: string, facts: LogFacts): void {
    this.#options.onLine(JSON.stringify({ level: 40, time: new Date().toISOString(), component: 'STACK', ...facts, msg: message }));
  }
}
