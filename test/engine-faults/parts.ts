// PIVO as a cluster runs it: the worker and the metadata service as processes of their own, and the command line beside them.
import { execFile, fork, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { packFolder } from '../../archive/layout.ts';
import { openStore } from '../../archive/open.ts';
import { listVisitNumbers, readVisit } from '../../archive/visits.ts';
import { loadConfig, type Config } from '../../config.ts';
import { gitText } from '../../git/process.ts';
import { waitUntilIndexed } from '../../operations/index-status.ts';
import { end, startProcess } from '../metadata/service.ts';

const LAUNCHER = fileURLToPath(new URL('../../pivo', import.meta.url));
const WORKER = fileURLToPath(new URL('../../workers/worker.ts', import.meta.url));
const PROTOCOLS = 'http,file';

export interface Addresses {
  /** `host:port` of Temporal. */
  temporal: string;
  /** `webhdfs://…`; the archive gets a folder of its own there. */
  webhdfs: string;
  /** `kafka://…` */
  events: string;
}

export interface Parts {
  folder: string;
  config: Config;
  /** Starts a worker and returns when it polls; `through` goes into its environment, and `webhdfs` and `events` may lead through a gate. */
  startWorker(through?: Partial<Pick<Addresses, 'webhdfs' | 'events'>> & { env?: Record<string, string> }): Promise<ChildProcess>;
  /** Runs `./pivo ARGS --json` and parses what it prints; fails with its exit code as `code`, and its `stdout` and `stderr`. */
  pivo<T>(...args: string[]): Promise<T>;
  /** Asserts that the backup of `origin` is there once: one visit, only its packs, everything whole, and a row in the index for each commit. */
  expectOneBackup(repository: string, origin: string): Promise<void>;
  close(): Promise<void>;
}

/** A home whose configuration names the engines, and a metadata service on it. */
export async function startParts({ temporal, webhdfs, events }: Addresses): Promise<Parts> {
  const folder = await mkdtemp(join(tmpdir(), 'pivo-parts-'));
  const home = join(folder, 'home');
  const root = `/archive-${randomUUID()}`;
  await mkdir(home);
  const spark = '[spark.conf]\n"spark.driver.memory" = "512m"\n"spark.executor.memory" = "512m"\n';
  await writeFile(join(home, 'config.toml'), `store = "${webhdfs}${root}"\nevents = "${events}"\n[temporal]\naddress = "${temporal}"\n${spark}`);
  const config = loadConfig({ PIVO_HOME: home });
  const children = [await startProcess(home)];
  const pivo = async <T>(...args: string[]): Promise<T> => {
    const env = { ...process.env, PIVO_HOME: home, PIVO_LOG_LEVEL: 'silent', PIVO_GIT_PROTOCOLS: PROTOCOLS };
    return JSON.parse((await promisify(execFile)(LAUNCHER, [...args, '--json'], { env, maxBuffer: 2 ** 26 })).stdout) as T;
  };
  return {
    folder,
    config,
    pivo,
    startWorker: async (through = {}) => {
      const changed = { ...(through.webhdfs === undefined ? {} : { PIVO_STORE: `${through.webhdfs}${root}` }), ...(through.events === undefined ? {} : { PIVO_EVENTS: through.events }) };
      const env = { ...process.env, PIVO_HOME: home, PIVO_LOG_LEVEL: 'silent', PIVO_GIT_PROTOCOLS: PROTOCOLS, ...changed, ...through.env };
      const child = fork(WORKER, { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
      children.push(child);
      await once(child, 'message');
      return child;
    },
    expectOneBackup: (repository, origin) => expectOneBackup(config, pivo, repository, origin),
    close: async () => {
      for (const child of children) if (child.exitCode === null && child.signalCode === null) await end(child, 'SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function expectOneBackup(config: Config, pivo: Parts['pivo'], repository: string, origin: string): Promise<void> {
  const store = openStore(config.store, config);
  expect(await listVisitNumbers(store, repository)).toEqual([1]);
  const { packs } = await readVisit(store, repository, 1);
  const stored = (await store.list(packFolder(repository))).map(({ name }) => name).toSorted();
  expect(stored).toEqual(packs.flatMap(({ name }) => [`${name}.idx`, `${name}.pack`]).toSorted());
  expect(await pivo('verify', repository)).toMatchObject({ ok: true, repositories: [{ repository, ok: true }] });
  expect(await waitUntilIndexed(config.paths.metadataSocket, repository, 1)).toBe(true);
  const { rows } = await pivo<{ rows: string[][] }>('query', `SELECT commit_hash FROM commits WHERE repo_name = '${repository}' ORDER BY commit_hash`);
  expect(rows.flat()).toEqual((await gitText(['rev-list', '--all'], { gitDir: origin })).split('\n').toSorted());
}
