// Restore by Spark on local[2]: a large repository beside the engine `local`, and many small ones in one application beside one each.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runSparkJob } from '../restore/spark-engine.ts';
import type { SparkRestore } from '../restore/spark-command.ts';
import { linearHistory } from '../test/fixtures/linear-history.ts';
import { openIngest, type IngestHarness } from '../test/harness/ingest.ts';
import { restoreWith } from '../test/restore/acts.ts';
import { keptLog, planned, sparkUnderTest, type SparkUnderTest } from '../test/spark/spark.ts';
import { median, timed, type Bench, type Row } from './bench.ts';

/** A history of this many commits is packed into about 250 MB. */
const LARGE = { commits: 63_000, files: 3000, seed: 7 };
const ROUNDS = 3;
const SMALL = 50;

export const sparkBench: Bench = {
  name: 'spark',
  title: `Restore by Spark on local[2], median of ${ROUNDS} rounds`,
  run: async ({ scratch }) => {
    const spark = await sparkUnderTest();
    const pivo = await openIngest(join(scratch, 'spark'));
    try {
      return [await large(spark, pivo, scratch), await many(spark, pivo, scratch)];
    } finally {
      await pivo.close();
      await spark.close();
    }
  },
};

async function large(spark: SparkUnderTest, pivo: IngestHarness, scratch: string): Promise<Row> {
  await linearHistory(join(scratch, 'large.git'), LARGE);
  await pivo.ingest(join(scratch, 'large.git'), 'large');
  const seconds = { local: [] as number[], spark: [] as number[] };
  const starts: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    for (const engine of ['local', 'spark'] as const) {
      const target = join(scratch, `restored-${round}-${engine}.git`);
      seconds[engine].push((await timed(() => restoreWith({ ...pivo.deps, spark: spark.local }, { repository: 'large', target, engine, refs: 'all' }))).seconds);
      await rm(target, { recursive: true, force: true });
    }
    starts.push(await startOf(spark, pivo, scratch));
  }
  const local = median(seconds.local);
  return { what: `250 MB to a bare repository (Spark's start: ${median(starts).toFixed(1)} s)`, unit: 's', pivo: median(seconds.spark), beside: { name: 'engine local', value: local }, allowed: 2 * local + median(starts) };
}

/** Seconds until an application has its first stage. */
async function startOf(spark: SparkUnderTest, pivo: IngestHarness, scratch: string): Promise<number> {
  const began = performance.now();
  const stop = new AbortController();
  const restores = await planned(pivo.deps, scratch, ['large']);
  await runSparkJob(depsOf(spark, pivo), restores, {
    signal: stop.signal,
    onProgress: ({ phase }) => {
      if (phase === 'Validation') stop.abort(performance.now() - began);
    },
  }).catch(() => {});
  return Number(stop.signal.reason) / 1000;
}

async function many(spark: SparkUnderTest, pivo: IngestHarness, scratch: string): Promise<Row> {
  await linearHistory(join(scratch, 'small.git'), { commits: 200, files: 20, seed: 3 });
  const names = Array.from({ length: SMALL }, (_, n) => `small-${n}`);
  for (const name of names) await pivo.ingest(join(scratch, 'small.git'), name);
  const alone: number[] = [];
  for (const name of names.slice(0, ROUNDS)) alone.push(await secondsOf(spark, pivo, await planned(pivo.deps, scratch, [name])));
  const together = await secondsOf(spark, pivo, await planned(pivo.deps, scratch, names));
  const apart = SMALL * median(alone);
  return { what: `${SMALL} small repositories in one application`, unit: 's', pivo: together, beside: { name: `${SMALL} applications, from ${ROUNDS}`, value: apart }, allowed: apart / 10 };
}

async function secondsOf(spark: SparkUnderTest, pivo: IngestHarness, restores: SparkRestore[]): Promise<number> {
  const { seconds, result } = await timed(() => runSparkJob(depsOf(spark, pivo), restores, { signal: new AbortController().signal, onProgress: () => {} }));
  const failure = [...result.values()].find((each) => each !== null);
  if (failure !== undefined) throw new Error(failure?.message);
  return seconds;
}

const depsOf = ({ local }: SparkUnderTest, { deps }: IngestHarness): Parameters<typeof runSparkJob>[0] => ({ store: deps.store, cache: deps.cache, settings: local, log: keptLog().log });
