// Real Spark for tests: the run's own, archives of their own, and executors whose git can be made to wait.
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { planRestore } from '../../activities/restore/plan-restore.ts';
import type { ActivityDeps } from '../../activities/act.ts';
import type { Log } from '../../contract/log.ts';
import type { RestorePlan } from '../../contract/restore.ts';
import { sparkEnvironment, type Spark } from '../../engines/index.ts';
import { storedPlan } from '../../activities/restore/stored-plan.ts';
import type { SparkRestore } from '../../restore/spark-command.ts';
import type { SparkSettings } from '../../restore/spark-settings.ts';
import { appears } from '../harness/appears.ts';
import { sharedSpark, type Shared } from '../harness/engines.ts';
import { jobOf, runOf } from '../restore/acts.ts';

export interface SparkUnderTest {
  cluster: Shared<Spark>;
  /** Settings for `local[2]`, or for the standalone cluster. */
  local: SparkSettings;
  standalone: SparkSettings;
  folder: string;
  /** Applications that run on the cluster now, as its master tells. */
  applications(): Promise<{ id: string; name: string }[]>;
  close(): Promise<void>;
}

export async function sparkUnderTest(): Promise<SparkUnderTest> {
  const folder = await mkdtemp(join(tmpdir(), 'pivo-spark-'));
  const cluster = await sharedSpark();
  const { PATH = '', HOME = '' } = process.env;
  const env = { PATH, HOME, ...sparkEnvironment(cluster) };
  const conf = { 'spark.driver.memory': '512m', 'spark.executor.memory': '512m' };
  return {
    cluster,
    folder,
    local: { home: cluster.home, master: 'local[2]', conf, env },
    standalone: { home: cluster.home, master: cluster.master, conf, env },
    applications: async () => ((await (await fetch(`${cluster.ui}/json/`)).json()) as { activeapps: { id: string; name: string }[] }).activeapps,
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

/** A plan in the store for each repository, to be made at `{folder}/{restoreId}.git`. */
export async function planned(deps: ActivityDeps, folder: string, repositories: readonly string[]): Promise<(SparkRestore & { target: string })[]> {
  const restores: (SparkRestore & { target: string })[] = [];
  for (const repository of repositories) {
    const job = jobOf({ repository, target: join(folder, `${repository}.git`), engine: 'spark', refs: 'all' }, `r-${repository}-${Math.random().toString(36).slice(2, 8)}`);
    await planRestore(deps, job, runOf(deps));
    restores.push({ restoreId: job.restoreId, plan: (await storedPlan(deps, job)) as RestorePlan, target: job.request.target });
  }
  return restores;
}

/** Executors' `git index-pack` waits at it until it is opened. */
export interface Gate {
  settings: SparkSettings;
  /** Returns when one waits. */
  reached: () => Promise<void>;
  open: () => Promise<void>;
}

/** Spark with a git that stands at a gate. */
export async function gate(settings: SparkSettings, folder: string): Promise<Gate> {
  const place = await mkdtemp(join(folder, 'gate-'));
  await mkdir(join(place, 'bin'));
  const PATH = settings.env['PATH'] ?? '';
  await writeFile(join(place, 'bin/git'), `#!/bin/sh\ncase " $* " in *" index-pack "*) touch '${place}/reached'; while ! test -e '${place}/open'; do test -d '${place}' || exit 1; sleep 0.05; done;; esac\nPATH='${PATH}' exec git "$@"\n`);
  await chmod(join(place, 'bin/git'), 0o755);
  const gated = `${join(place, 'bin')}${delimiter}${PATH}`;
  return {
    settings: { ...settings, env: { ...settings.env, PATH: gated }, conf: { ...settings.conf, 'spark.executorEnv.PATH': gated } },
    reached: () => appears(place, 'reached'),
    open: () => writeFile(join(place, 'open'), ''),
  };
}

export interface LogLine extends Record<string, unknown> {
  component: string;
  kind: string;
  message: string;
}

/** A log that keeps what is told at info and above. */
export function keptLog(): { log: Log; lines: LogLine[] } {
  const lines: LogLine[] = [];
  const logWith = (facts: Record<string, unknown>): Log => {
    const keep = (more: Record<string, unknown>, message: string): void => void lines.push({ ...facts, ...more, message } as LogLine);
    return { debug: () => {}, info: keep, warn: keep, error: keep, child: (more) => logWith({ ...facts, ...more }) };
  };
  return { log: logWith({}), lines };
}
