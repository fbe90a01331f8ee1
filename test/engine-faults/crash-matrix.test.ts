// The crash matrix on real HDFS and Kafka, in short: runs of one seed in which engines are killed; the night has more (`npm run crashes -- --engines`).
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ENGINE_MATRIX } from '../crash-matrix/faults.ts';
import { planRun } from '../crash-matrix/plan.ts';
import { crashRun } from '../crash-matrix/run.ts';
import { startCrashStack, type CrashStack } from '../crash-matrix/stack.ts';
import { sharedHdfs, sharedKafka } from '../harness/engines.ts';

/** Of this seed two runs kill each of NameNode, DataNode, broker and Temporal. */
const SEED = 25;
const RUNS = 2;

let stack: CrashStack;
beforeAll(async () => {
  const [hdfs, kafka] = await Promise.all([sharedHdfs(), sharedKafka()]);
  stack = await startCrashStack(await mkdtemp(join(tmpdir(), 'pivo-crash-')), { hdfs, kafka });
});
afterAll(async () => {
  await stack?.stop();
  if (stack !== undefined) await rm(stack.home, { recursive: true, force: true });
});

it.each(Array.from({ length: RUNS }, (_, run) => run))(`every guarantee holds after engines were killed (seed ${SEED}, run %i)`, { timeout: 300_000 }, async (run) => {
  const before = stack.enginesKilled();
  const { broken, told } = await crashRun(stack, planRun(SEED, run, { engines: true }));
  expect(broken, `repeat: npm run crashes -- --engines --seed ${SEED} --run ${run}\n${told.join('\n')}`).toEqual([]);
  expect(stack.enginesKilled(), told.join('\n')).toBeGreaterThan(before);
});

it('as many runs as there are faults of engines cover every one of them', () => {
  const firsts = ENGINE_MATRIX.map((_, run) => JSON.stringify(planRun(11, run, { engines: true }).jobs[1]?.trouble));
  expect(new Set(firsts)).toEqual(new Set(ENGINE_MATRIX.map((fault) => JSON.stringify({ fault }))));
});
