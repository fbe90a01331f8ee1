// Real Spark: a standalone master and one worker with two cores.
import { mkdir, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EngineOptions } from './cache.ts';
import { startEngine, type EngineSpec, type Part } from './engine.ts';
import { getJson } from './http.ts';
import { jarsIn, javaArgs } from './java.ts';
import { engineEnvironment } from './places.ts';
import { IP } from './ports.ts';
import type { SparkAddress } from './record.ts';
import { sparkEnvironment, writeSparkConfig } from './spark-config.ts';
import { sparkHome } from './spark-home.ts';
import { findTool } from './tools.ts';

export interface Spark extends SparkAddress {
  /** False when it ran already. */
  started: boolean;
  stop: () => Promise<void>;
  /** SIGKILL to the worker and its executors; returns when the master has noticed. */
  killSparkWorker: () => Promise<void>;
  /** Returns when the master has it again. */
  startSparkWorker: () => Promise<void>;
}

const PORTS = ['master', 'masterUi', 'worker', 'workerUi'] as const;
const CORES = '2';
const MEMORY = '4g'; // what the worker may promise to executors, not what it takes

/**
 * Starts a standalone cluster, or finds it running in this home. Ready means: the master counts the worker as alive.
 * Fails with Unavailable when a tool is missing, the registry does not answer or a process ends.
 */
export async function startSpark(options: EngineOptions): Promise<Spark> {
  const engine = await startEngine(await sparkSpec(options), options);
  return {
    ...engine.address,
    started: engine.started,
    stop: engine.stop,
    killSparkWorker: async () => {
      await engine.kill('worker');
      while ((await workersAlive(engine.address.ui)) > 0) await sleep(50); // a master refuses a second worker at the address of a living one
    },
    startSparkWorker: () => engine.start('worker'),
  };
}

async function sparkSpec(options: EngineOptions): Promise<EngineSpec<'spark', 'master' | 'worker', (typeof PORTS)[number]>> {
  const home = await sparkHome(options);
  const folder = join(options.home, 'spark');
  const [confDir, temporary, work] = [join(folder, 'conf'), join(folder, 'tmp'), join(folder, 'work')];
  const env = { ...engineEnvironment(options.env), ...sparkEnvironment({ home, confDir }), SPARK_LOCAL_DIRS: temporary };
  const java = await findTool('java', env);
  const classpath = [confDir, jarsIn(join(home, 'jars'))].join(delimiter);
  const daemon = (role: 'master' | 'worker', main: string, rest: (string | number)[]): Part<string>['command'] => ({
    file: java,
    args: javaArgs({ heap: '256m', classpath, temporary, main: `org.apache.spark.deploy.${main}`, args: ['--host', IP, ...rest.map(String)] }),
    env,
    log: join(folder, 'log', `${role}.log`),
  });
  return {
    name: 'spark',
    folder,
    portNames: PORTS,
    prepare: async () => {
      for (const each of [temporary, work]) await rm(each, { recursive: true, force: true });
      for (const each of [temporary, work]) await mkdir(each, { recursive: true });
      writeSparkConfig(folder);
    },
    parts: ({ master, masterUi, worker, workerUi }) => [
      {
        role: 'master',
        command: daemon('master', 'master.Master', ['--port', master, '--webui-port', masterUi]),
        ready: async () => (await masterState(page(masterUi))).status === 'ALIVE',
      },
      {
        role: 'worker',
        command: daemon('worker', 'worker.Worker', ['--port', worker, '--webui-port', workerUi, '--cores', CORES, '--memory', MEMORY, '--work-dir', work, `spark://${IP}:${master}`]),
        ready: async () => (await workersAlive(page(masterUi))) === 1,
      },
    ],
    address: ({ master, masterUi }) => ({ home, confDir, master: `spark://${IP}:${master}`, ui: page(masterUi) }),
  };
}

const page = (port: number): string => `http://${IP}:${port}`;

async function masterState(ui: string): Promise<{ status: string; aliveworkers: number }> {
  return (await getJson(`${ui}/json/`)) as { status: string; aliveworkers: number };
}

async function workersAlive(ui: string): Promise<number> {
  return (await masterState(ui)).aliveworkers;
}
