// A job that really runs: its rolling event log and a real history server say the same of it.
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { endProcess, launch } from '../../engines/processes.ts';
import type { ProcessIdentity } from '../../processes/identity.ts';
import { choosePorts, IP } from '../../engines/ports.ts';
import type { TuningReport } from '../../contract/tuning.ts';
import { readHistory } from '../../tuning/history-server.ts';
import { reportOf } from '../../tuning/report.ts';
import { reportAt, rulesOf } from '../tuning/reports.ts';
import { runJob, sparkFor, type SparkHome } from '../tuning/spark-jobs.ts';

const ROLLING = { 'spark.eventLog.rolling.enabled': 'true', 'spark.eventLog.compress': 'true', 'spark.eventLog.compression.codec': 'zstd' };

let folder: string;
let events: string;
let server: ProcessIdentity | undefined;
let address: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pivo-tuning-'));
  events = join(folder, 'events');
  await mkdir(events);
  const spark = await sparkFor(folder);
  await runJob(spark, 'missed_broadcast', folder, events, ROLLING);
  address = await startHistoryServer(spark);
});
afterAll(async () => {
  if (server !== undefined) await endProcess(server);
  await rm(folder, { recursive: true, force: true });
});

/** Ready when it lists the application. */
async function startHistoryServer({ home, env }: SparkHome): Promise<string> {
  const { history } = await choosePorts(['history'], join(folder, 'ports.json'));
  const options = [`-Dspark.history.fs.logDirectory=file://${events}`, `-Dspark.history.ui.port=${history}`, '-Dspark.history.fs.update.interval=1s', `-Dspark.driver.bindAddress=${IP}`];
  server = launch({ file: join(home, 'bin/spark-class'), args: ['org.apache.spark.deploy.history.HistoryServer'], env: { ...env, SPARK_HISTORY_OPTS: options.join(' '), SPARK_DAEMON_MEMORY: '512m' }, log: join(folder, 'history.log') });
  for (const at = `http://${IP}:${history}`; ; await sleep(100)) {
    const listed = await fetch(`${at}/api/v1/applications`).then((response) => response.json(), () => []) as unknown[];
    if (listed.length > 0) return at;
  }
}

const asked = async (application?: string): Promise<TuningReport> => reportOf(await readHistory(address, application, { signal: new AbortController().signal }));

it('recognises the fault in the log of the job, as Spark wrote it', async () => {
  const report = await reportAt(events);
  expect(rulesOf(report)[0]).toBe('missed-broadcast');
  expect(report.notes).toEqual([]);
  expect(report.application).toMatchObject({ name: 'missed-broadcast', spark: expect.stringMatching(/^3\.5\./) as string });
});

it('hears the same from a history server', async () => {
  const [log, history] = [await reportAt(events), await asked()];
  expect(history.application).toEqual(log.application);
  expect(history.totals).toMatchObject({ tasks: log.totals.tasks, executors: log.totals.executors, slots: log.totals.slots, taskMilliseconds: log.totals.taskMilliseconds, shuffleReadBytes: log.totals.shuffleReadBytes, gcMilliseconds: log.totals.gcMilliseconds });
  expect(history.stages).toEqual(log.stages);
  expect(rulesOf(history)).toEqual(rulesOf(log));
  expect(history.submit).toBe(log.submit);
});

it('finds an application by its id only', async () => {
  const [name = ''] = await readdir(events);
  const id = name.replace('eventlog_v2_', '');
  expect((await asked(id)).application.id).toBe(id);
  await expect(asked('app-0')).rejects.toMatchObject({ kind: 'NotFound' });
});
