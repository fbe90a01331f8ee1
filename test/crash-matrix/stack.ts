// A stack as processes that may be killed: Temporal, metadata service and a worker, and HDFS and Kafka where they are given; each started again when it ends.
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { loadConfig, type Config } from '../../config.ts';
import { startTemporalServer, type TemporalServer } from '../../stack/temporal-server.ts';
import { NAMESPACE, temporalCli } from '../harness/temporal.ts';
import { SEARCH_ATTRIBUTES } from '../../contract/names.ts';
import type { Hdfs, Kafka } from '../../engines/index.ts';
import type { EnginePart, Fault } from './faults.ts';

export type Part = 'worker' | 'metadata' | EnginePart;

/** Real engines in the place of the embedded store and log. */
export interface CrashEngines {
  hdfs: Pick<Hdfs, 'webhdfs' | 'killNameNode' | 'startNameNode' | 'killDataNode' | 'startDataNode'>;
  /** Without topics. */
  kafka: Pick<Kafka, 'brokers' | 'killBroker' | 'startBroker'>;
}

export interface CrashStack {
  home: string;
  config: Config;
  client: Client;
  /** Arms the worker's next fault; null disarms. */
  arm(fault: Fault | null): Promise<void>;
  /** The armed fault has struck. */
  struck(): boolean;
  /** SIGKILL; the part is started again by itself, an engine a moment later. Resolves when it is dead. */
  kill(part: Part): Promise<void>;
  /** How often Temporal and engines were killed so far. */
  enginesKilled(): number;
  /** All parts are ready. */
  ready(): Promise<void>;
  stop(): Promise<void>;
}

const ENTRY = { worker: fileURLToPath(new URL('./faulty-worker.ts', import.meta.url)), metadata: fileURLToPath(new URL('../../workers/metadata.ts', import.meta.url)) };

/** One process that is started again whenever it ends. */
class Living {
  #child: ChildProcess | null = null;
  #ready = Promise.withResolvers<ChildProcess>();
  #isReady = false;
  #ended = false;
  readonly #loop: Promise<void>;
  readonly #entry: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #onMessage: (message: object) => void;

  constructor(entry: string, env: NodeJS.ProcessEnv, onMessage: (message: object) => void = () => {}) {
    this.#entry = entry;
    this.#env = env;
    this.#onMessage = onMessage;
    this.#loop = this.#live();
  }

  /** The process, when it is ready. */
  child(): Promise<ChildProcess> {
    return this.#ready.promise;
  }

  kill(): void {
    this.#gone(); // whoever asks now waits for its successor
    this.#child?.kill('SIGKILL');
  }

  #gone(): void {
    if (!this.#isReady) return;
    this.#isReady = false;
    this.#ready = Promise.withResolvers();
  }

  async stop(): Promise<void> {
    this.#ended = true;
    this.#child?.kill('SIGTERM');
    const late = setTimeout(() => this.#child?.kill('SIGKILL'), 20_000);
    await this.#loop;
    clearTimeout(late);
  }

  async #live(): Promise<void> {
    while (!this.#ended) {
      const child = fork(this.#entry, [], { env: this.#env, stdio: ['ignore', 'ignore', process.env['CRASHES_VERBOSE'] === '1' ? 'inherit' : 'ignore', 'ipc'] });
      this.#child = child;
      child.on('message', (message: unknown) => {
        if (message === 'ready' || (message as { type?: unknown }).type === 'ready') {
          this.#isReady = true;
          this.#ready.resolve(child);
        }
        if (typeof message === 'object' && message !== null) this.#onMessage(message);
      });
      await new Promise<void>((ended) => {
        child.once('exit', () => ended());
        child.on('error', () => child.pid === undefined && ended()); // it could not be started; else a message came too late for it
      });
      this.#gone();
      if (!this.#ended) await delay(50);
    }
  }
}

/** How long an engine that was killed is away before it is started again: some attempts meet nobody. */
const DOWN_MS = 1_500;

/** Starts all parts in `home`; with engines, the archive is in a folder of HDFS that is named after it. */
export async function startCrashStack(home: string, engines?: CrashEngines): Promise<CrashStack> {
  await mkdir(home, { recursive: true });
  const cli = await temporalCli();
  const startServer = (port?: number): Promise<TemporalServer> =>
    startTemporalServer({ cli, dbFile: join(home, 'temporal.db'), ui: false, logFile: join(home, 'temporal.log'), namespace: NAMESPACE, searchAttributes: SEARCH_ATTRIBUTES, ...(port === undefined ? {} : { prefer: { port, uiPort: null } }) });
  let server = await startServer();
  let stopping = false;
  let serverReady: Promise<unknown> = Promise.resolve();
  const watch = (): void => {
    void server.exited.then(() => {
      if (stopping) return;
      serverReady = startServer(server.port).then((next) => {
        server = next;
        watch();
      });
    });
  };
  watch();
  const places = engines === undefined ? {} : { PIVO_STORE: `${engines.hdfs.webhdfs}/${basename(home)}`, PIVO_EVENTS: `kafka://${engines.kafka.brokers}` };
  const env = { ...process.env, PIVO_HOME: home, TEMPORAL_ADDRESS: server.address, TEMPORAL_NAMESPACE: NAMESPACE, PIVO_GIT_PROTOCOLS: 'file', PIVO_LOG_LEVEL: 'error', ...places };
  let struck = false;
  let armed = Promise.withResolvers<void>();
  let enginesKilled = 0;
  const away = new Map<EnginePart, Promise<void>>();
  const killEngine = async (part: EnginePart): Promise<void> => {
    await away.get(part);
    enginesKilled += 1;
    if (part === 'temporal') return void process.kill(server.pid, 'SIGKILL'); // `watch` starts it again
    const { kill, start } = wayOf(part, engines);
    await kill();
    const back = delay(DOWN_MS).then(start);
    back.catch(() => {}); // ready() tells
    away.set(part, back);
  };
  const worker = new Living(ENTRY.worker, env, (message) => {
    if ('struck' in message) struck = true;
    if ('armed' in message) armed.resolve();
    if ('kill' in message) void killEngine(message.kill as EnginePart).then(() => worker.child()).then((child) => child.send({ killed: message.kill }, () => {}));
  });
  const metadata = new Living(ENTRY.metadata, env);
  const connection = await Connection.connect({ address: server.address });
  await Promise.all([worker.child(), metadata.child()]);
  return {
    home,
    config: loadConfig(env),
    client: new Client({ connection, namespace: NAMESPACE, identity: 'crash-matrix' }),
    async arm(fault) {
      struck = false;
      for (let answered = false; !answered; ) {
        armed = Promise.withResolvers();
        const child = await worker.child();
        child.send({ arm: fault }, () => {});
        const heard = new AbortController();
        answered = await Promise.race([armed.promise.then(() => true), once(child, 'exit', { signal: heard.signal }).then(() => false, () => true)]);
        heard.abort();
      }
    },
    struck: () => struck,
    async kill(part) {
      if (part === 'worker') worker.kill();
      else if (part === 'metadata') metadata.kill();
      else await killEngine(part);
    },
    enginesKilled: () => enginesKilled,
    async ready() {
      await delay(0);
      await serverReady;
      await Promise.all(away.values());
      await Promise.all([worker.child(), metadata.child()]);
    },
    async stop() {
      stopping = true;
      await Promise.allSettled(away.values());
      await Promise.all([worker.stop(), metadata.stop()]);
      await connection.close();
      await serverReady;
      await server.stop();
    },
  };
}

/** How a part of HDFS or Kafka is killed and started. */
function wayOf(part: Exclude<EnginePart, 'temporal'>, engines: CrashEngines | undefined): { kill: () => Promise<void>; start: () => Promise<void> } {
  if (engines === undefined) throw new Error(`there is no ${part} to kill: these runs are on the embedded store and log`);
  const { hdfs, kafka } = engines;
  return {
    namenode: { kill: hdfs.killNameNode, start: hdfs.startNameNode },
    datanode: { kill: hdfs.killDataNode, start: hdfs.startDataNode },
    broker: { kill: kafka.killBroker, start: kafka.startBroker },
  }[part];
}
