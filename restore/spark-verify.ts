// Has executors of a Spark application read packs and recompute every object id: for verifications, which no restore needs.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fromReport, PivoError } from '../contract/failures.ts';
import type { ObjectFormat } from '../contract/snapshot.ts';
import type { PackProof } from '../contract/visit.ts';
import type { PackProblem } from '../archive/reading/verify-packs.ts';
import type { EngineRun } from './engine.ts';
import { submitCommand, type SparkCommand } from './spark-command.ts';
import type { SparkDeps } from './spark-engine.ts';
import { readMarked, VerifyEvent } from './spark-events.ts';
import { runSparkSubmit } from './spark-process.ts';

const JOB = fileURLToPath(new URL('../spark_jobs/verify_job.py', import.meta.url));
/** Lines of stderr that an error repeats. */
const LAST_WORDS = 12;

export interface PackWork {
  repository: string;
  objectFormat: ObjectFormat;
  proof: PackProof;
}

/**
 * What is wrong with packs and their indexes, by the pack's path in the store; nothing is known of a pack that is not named. A
 * second attempt of the same `id` joins the application that runs, which knows the work of the first one only. Fails with
 * Unavailable when the application did, InvalidInput without spark-submit, StorageUnavailable, or Cancelled.
 */
export async function readPacksBySpark({ store, cache, settings, log, leaves = () => false }: SparkDeps, id: string, work: readonly PackWork[], run: Pick<EngineRun, 'signal' | 'onProgress'>): Promise<Map<string, PackProblem[]>> {
  const folder = join(cache, 'spark', `verify-${id}`);
  const list = join(cache, 'spark', `verify-${id}.work`);
  const [submit, driver, executor] = ['SPARK-SUBMIT', 'SPARK-DRIVER', 'SPARK-EXECUTOR'].map((component) => log.child({ component })) as [typeof log, typeof log, typeof log];
  const problems = new Map<string, PackProblem[]>();
  const lastWords: string[] = [];
  const state: { end: Extract<VerifyEvent, { event: 'end' }> | null } = { end: null };
  const told = (event: VerifyEvent): void => {
    if (event.event === 'started') submit.info({ kind: 'RES', ...event }, 'the application runs');
    else if (event.event === 'progress') run.onProgress({ phase: event.phase, done: event.done, total: event.total, bytes: event.bytes });
    else if (event.event === 'end') state.end = event;
    else if (event.event === 'pack') {
      problems.set(event.path, problems.get(event.path) ?? []); // its index may be damaged all the same
      executor.info({ kind: 'RES', ...event }, `${event.path}: every object id recomputed`);
    } else {
      const { pack, file, offset, problem } = event;
      problems.set(pack, [...(problems.get(pack) ?? []), { file, problem, ...(offset === null ? {} : { offset }) }]);
    }
  };
  const onLine = (from: 'stdout' | 'stderr', line: string): void => {
    const event = from === 'stdout' ? readMarked(line, VerifyEvent) : null;
    if (event !== null) return told(event);
    if (from === 'stderr' && line.trim() !== '' && lastWords.push(line) > LAST_WORDS) lastWords.shift();
    driver.debug({ kind: 'LOG' }, line);
  };
  const command = async (): Promise<SparkCommand> => {
    await writeFile(list, work.map((each) => `${JSON.stringify(each)}\n`).join('')); // not under an application that may read it
    const line = await submitCommand(settings, store.url, { job: JOB, name: `PIVO-Verify-${id}`, conf: { 'spark.pivo.verify': id }, tag: id, args: ['--work', list], scratch: join(folder, 'scratch') });
    submit.info({ kind: 'CMD' }, [line.file, ...line.args].join(' '));
    return line;
  };
  await mkdir(join(cache, 'spark'), { recursive: true });
  run.onProgress({ phase: 'starting Spark' });
  await runSparkSubmit(command, { folder, mark: list, signal: run.signal, leaves, onLine });
  if (state.end === null) {
    throw new PivoError('Unavailable', `the Spark application ended without a result: ${lastWords.join(' | ').slice(-1500) || 'it said nothing'}`, { hint: `It is tried again. Its whole output is in ${folder}.`, facts: { folder } });
  }
  if (state.end.failure !== null) throw fromReport(state.end.failure);
  await rm(folder, { recursive: true, force: true });
  await rm(list, { force: true });
  return problems;
}
